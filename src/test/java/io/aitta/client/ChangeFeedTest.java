package io.aitta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Following what changes, over a cluster whose connections break. */
@Timeout(120)
class ChangeFeedTest {
    private final FakeCluster cluster = new FakeCluster(3);
    private final AittaClient client =
            AittaClient.builder().endpoints(cluster.endpoints()).build();
    private final AittaTable table = client.table("default");

    @AfterEach
    void close() {
        client.close();
        cluster.close();
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static <T> T get(java.util.concurrent.CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private ChangeFeed watch(WatchTarget target) throws Exception {
        var feed = table.watch(target);
        get(feed.standing());
        return feed;
    }

    private void set(String key, String value) {
        cluster.feed().add(bytes(key), bytes(value));
    }

    @Test
    void what_is_written_once_the_watch_stands_is_told() throws Exception {
        try (var feed = watch(WatchTarget.table())) {
            table.blocking().set(bytes("a"), bytes("1"));
            table.blocking().set(bytes("b"), bytes("2"));
            assertThat(feed.take().key()).isEqualTo(bytes("a"));
            var second = feed.poll(Duration.ofSeconds(60)).orElseThrow();
            assertThat(second.kind()).isEqualTo(Change.Kind.SET);
            assertThat(second.value()).isEqualTo(bytes("2"));
            assertThat(feed.poll(Duration.ofMillis(10))).isEmpty();
        }
    }

    @Test
    void a_watch_of_a_key_is_told_of_that_key() throws Exception {
        try (var feed = watch(WatchTarget.key(bytes("b")))) {
            set("a", "1");
            set("b", "2");
            assertThat(get(feed.next())).extracting(Change::key).containsExactly(bytes("b"));
        }
    }

    @Test
    void however_often_connections_break_every_change_is_told_and_those_of_a_key_in_order() throws Exception {
        int writes = 600;
        var feed = watch(WatchTarget.table());
        var seen = new ArrayList<Change>();
        var distinct = new HashSet<Long>();
        for (int i = 0; i < writes; i++) {
            set("key-" + i % 7, Integer.toString(i));
            if (i % 100 == 50) {
                cluster.feed().cut();
            }
            if (i == 300) {
                cluster.kill(1);
            }
        }
        while (distinct.size() < writes) {
            var change = feed.take();
            seen.add(change);
            distinct.add(change.index());
        }
        feed.close();
        // Told again is allowed, a step back without going through all that follows is not.
        var last = new HashMap<ByteString, Integer>();
        for (var change : seen) {
            int number = Integer.parseInt(change.value().toStringUtf8());
            var before = last.put(change.key(), number);
            assertThat(number).isLessThanOrEqualTo(before == null ? number : before + 7);
        }
    }

    @Test
    void a_token_goes_on_after_what_was_handed_out() throws Exception {
        ByteString token;
        try (var feed = watch(WatchTarget.table())) {
            assertThat(feed.token().isEmpty()).isFalse();
            for (int i = 0; i < 9; i++) {
                set("k", Integer.toString(i));
                assertThat(feed.take().value()).isEqualTo(bytes(Integer.toString(i)));
            }
            token = feed.token();
        }
        set("k", "more");
        try (var again = table.watch(WatchTarget.table(), token)) {
            assertThat(again.take().value()).isEqualTo(bytes("more"));
        }
    }

    @Test
    void a_token_too_old_fails_the_feed_with_the_oldest_that_will_do() throws Exception {
        ByteString token;
        try (var feed = watch(WatchTarget.table())) {
            token = feed.token();
        }
        for (int i = 0; i < 10; i++) {
            set("k", Integer.toString(i));
        }
        cluster.feed().forgetUpTo(6);
        ByteString oldest;
        try (var late = table.watch(WatchTarget.table(), token)) {
            var failure = org.assertj.core.api.Assertions.catchThrowableOfType(
                    AittaException.Refused.class, () -> late.take());
            assertThat(failure.reason()).isEqualTo("TOKEN_EXPIRED");
            oldest = failure.oldestToken();
            assertThatThrownBy(() -> get(late.next())).hasCause(failure);
        }
        try (var again = table.watch(WatchTarget.table(), oldest)) {
            assertThat(again.take().value()).isEqualTo(bytes("6"));
        }
    }

    @Test
    void who_does_not_take_holds_the_server_back() throws Exception {
        var feed = watch(WatchTarget.table());
        var large = ByteString.copyFrom(new byte[200_000]);
        for (int i = 0; i < 300; i++) {
            cluster.feed().add(bytes("k" + i), large);
        }
        // The client's window, and what the connection holds.
        assertThat(cluster.feed().sent()).isLessThan(40);
        for (int i = 0; i < 300; i++) {
            assertThat(feed.take().key()).isEqualTo(bytes("k" + i));
        }
        feed.close();
    }

    @Test
    void changes_can_be_pushed_until_the_feed_is_closed() throws Exception {
        var feed = watch(WatchTarget.table());
        List<Change> seen = new CopyOnWriteArrayList<>();
        var enough = new CompletableFuture<Void>();
        var end = feed.forEach(change -> {
            seen.add(change);
            if (seen.size() == 2_000) {
                enough.complete(null);
            }
        });
        for (int i = 0; i < 2_000; i++) {
            set("k", Integer.toString(i));
        }
        get(enough);
        assertThat(seen).extracting(Change::index).isSorted().doesNotHaveDuplicates();
        feed.close();
        assertThatThrownBy(() -> get(end)).cause().isInstanceOfSatisfying(AittaException.class, closed -> assertThat(
                        closed.reason())
                .isEqualTo("FEED_CLOSED"));
    }

    @Test
    void a_listener_that_throws_ends_the_feed() throws Exception {
        var feed = watch(WatchTarget.table());
        var end = feed.forEach(change -> {
            throw new IllegalArgumentException("no more");
        });
        set("k", "v");
        assertThatThrownBy(() -> get(end)).cause().hasMessage("no more");
    }

    @Test
    void only_one_caller_at_a_time_waits() throws Exception {
        var feed = watch(WatchTarget.table());
        var waiting = feed.next();
        assertThatThrownBy(feed::next).isInstanceOf(IllegalStateException.class);
        client.close();
        assertThatThrownBy(() -> get(waiting)).hasCauseInstanceOf(AittaException.class);
    }
}
