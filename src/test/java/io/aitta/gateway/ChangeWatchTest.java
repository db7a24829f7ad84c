package io.aitta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;
import io.aitta.config.LimitSettings;
import io.aitta.core.PartitionId;
import io.aitta.core.hash.KeyHash;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.proto.record.v1.Change;
import io.aitta.proto.v1.Event;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.WatchRequest;
import io.aitta.proto.v1.WatchResponse;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The change feed as a client sees it, over fakes. */
@Timeout(120)
class ChangeWatchTest {
    private static final int PARTITIONS = 16;

    private final OpenDoor open = new OpenDoor(
            OpenDoor.GRPC, new LimitSettings(1024, 524_288, 100, 1 << 20, 1 << 20, 8, 4 << 20, 4, 2, 6, 1 << 20));

    @AfterEach
    void close() throws Exception {
        open.close();
    }

    private static PartitionId partition(int number) {
        return new PartitionId("default", 1, number);
    }

    private static PartitionId partitionOf(String key) {
        return partition(KeyHash.partitionOf(key.getBytes(StandardCharsets.UTF_8), PARTITIONS));
    }

    private void set(String key, String value) {
        open.changes.set(partitionOf(key), key, ByteString.copyFromUtf8(value));
    }

    @Test
    void a_watch_of_a_table_says_that_it_stands_and_then_tells_every_change() {
        set("before", "x");
        var watcher = watch(WatchRequest.newBuilder(), Integer.MAX_VALUE);
        watcher.stands();
        for (int i = 0; i < 100; i++) {
            set("key-" + i, "value-" + i);
        }
        Eventually.holds(() -> assertThat(watcher.events()).hasSize(100));
        assertThat(watcher.events())
                .allSatisfy(event -> assertThat(event.getKind()).isEqualTo(Event.Kind.SET))
                .allSatisfy(event -> assertThat(event.getTimestampMillis()).isEqualTo(1_000 + event.getIndex()))
                .extracting(event -> event.getValue().toStringUtf8())
                .contains("value-0", "value-99");
        for (int i = 0; i < PARTITIONS; i++) {
            int number = i;
            assertThat(watcher.events().stream()
                            .filter(event -> event.getPartition() == number)
                            .map(Event::getIndex))
                    .isSorted();
        }
    }

    @Test
    void a_watch_of_a_key_or_of_a_whole_tag_looks_at_one_partition_only() {
        var key = watch(WatchRequest.newBuilder().setKey(ByteString.copyFromUtf8("a")), Integer.MAX_VALUE);
        Eventually.holds(() -> assertThat(open.changes.watched()).containsExactly(partitionOf("a")));
        set("a", "1");
        set("b", "2");
        Eventually.holds(() -> assertThat(key.values()).containsExactly("1"));
        key.cancel();
        Eventually.holds(() -> assertThat(open.changes.waiting()).isZero());

        var tag = watch(WatchRequest.newBuilder().setPrefix(ByteString.copyFromUtf8("u{7}:")), Integer.MAX_VALUE);
        Eventually.holds(() -> assertThat(open.changes.watched()).containsExactly(partitionOf("u{7}:")));
        set("u{7}:name", "x");
        Eventually.holds(() -> assertThat(tag.values()).containsExactly("x"));
        tag.cancel();
        Eventually.holds(() -> assertThat(open.changes.waiting()).isZero());

        watch(WatchRequest.newBuilder().setPrefix(ByteString.copyFromUtf8("u{7")), Integer.MAX_VALUE);
        Eventually.holds(() -> assertThat(open.changes.watched()).hasSize(PARTITIONS));
    }

    @Test
    void every_kind_of_change_is_told_with_what_belongs_to_it() {
        var watcher = watch(WatchRequest.newBuilder(), Integer.MAX_VALUE);
        watcher.stands();
        open.changes.apply(
                partition(3),
                Change.newBuilder()
                        .setKind(Change.Kind.EXPIRY_CHANGED)
                        .setKey(ByteString.copyFromUtf8("k"))
                        .setVersion(7)
                        .setExpiresAtMillis(99)
                        .build(),
                Change.newBuilder()
                        .setKind(Change.Kind.EXPIRED)
                        .setKey(ByteString.copyFromUtf8("k"))
                        .setVersion(8)
                        .build(),
                Change.newBuilder()
                        .setKind(Change.Kind.RANGE_DELETED)
                        .setKey(ByteString.copyFromUtf8("a"))
                        .setTo(ByteString.copyFromUtf8("c"))
                        .build());
        Eventually.holds(() -> assertThat(watcher.events()).hasSize(3));
        assertThat(watcher.events().get(0))
                .isEqualTo(Event.newBuilder()
                        .setKind(Event.Kind.EXPIRY_CHANGED)
                        .setKey(ByteString.copyFromUtf8("k"))
                        .setVersion(7)
                        .setExpiresAtMillis(99)
                        .setTimestampMillis(1_001)
                        .setPartition(3)
                        .setIndex(1)
                        .build());
        assertThat(watcher.events().get(1).hasExpiresAtMillis()).isFalse();
        assertThat(watcher.events().get(2).getTo().toStringUtf8()).isEqualTo("c");
    }

    @Test
    void a_token_goes_on_after_everything_that_was_sent_with_it() {
        var first = watch(WatchRequest.newBuilder(), Integer.MAX_VALUE);
        first.stands();
        for (int i = 0; i < 20; i++) {
            set("key-" + i, "1");
        }
        Eventually.holds(() -> assertThat(first.events()).hasSize(20));
        Eventually.holds(() -> assertThat(first.lastToken().isEmpty()).isFalse());
        var token = first.lastToken();
        first.cancel();
        for (int i = 0; i < 20; i++) {
            set("key-" + i, "2");
        }
        var again = watch(WatchRequest.newBuilder().setToken(token), Integer.MAX_VALUE);
        Eventually.holds(() -> assertThat(again.events()).hasSize(20));
        assertThat(again.values()).containsOnly("2");
        var narrower = watch(
                WatchRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("key-3"))
                        .setToken(token),
                Integer.MAX_VALUE);
        Eventually.holds(() -> assertThat(narrower.values()).containsExactly("2"));
    }

    @Test
    void a_token_too_old_is_refused_with_the_oldest_that_is_accepted() throws Exception {
        var first = watch(WatchRequest.newBuilder(), Integer.MAX_VALUE);
        first.stands();
        for (int i = 0; i < 10; i++) {
            open.changes.set(partition(3), "k" + i, ByteString.copyFromUtf8("v" + i));
            open.changes.set(partition(5), "k" + i, ByteString.copyFromUtf8("w" + i));
        }
        open.changes.forgetUpTo(partition(3), 6);
        open.changes.forgetUpTo(partition(5), 8);
        var late = watch(WatchRequest.newBuilder().setToken(first.seen.get(0).getToken()), 1);
        Eventually.holds(() -> assertThat(late.ended).isNotNull());
        var refusal = new Refusals(late.ended).with(Code.FAILED_PRECONDITION, "TOKEN_EXPIRED");
        var oldest = ByteString.copyFrom(Base64.getDecoder()
                .decode(OpenDoor.detail(refusal.failure(), ErrorInfo.class).getMetadataOrThrow("oldest_token")));
        var again = watch(WatchRequest.newBuilder().setToken(oldest), Integer.MAX_VALUE);
        Eventually.holds(() ->
                assertThat(again.values()).contains("v6", "v9", "w8", "w9").hasSize(6));
    }

    @Test
    void a_consumer_that_is_so_slow_that_its_changes_are_kept_no_more_is_told_so() {
        var slow = watch(WatchRequest.newBuilder(), 1);
        slow.stands();
        var large = ByteString.copyFrom(new byte[100_000]);
        for (int i = 0; i < 200; i++) {
            open.changes.set(partition(3), "k", large);
        }
        // Whatever was read ahead for it, it is not all.
        Eventually.holds(() -> assertThat(open.changes.waiting()).isLessThan(PARTITIONS));
        open.changes.forgetUpTo(partition(3), 199);
        slow.request(1_000);
        Eventually.holds(() -> assertThat(slow.ended).isNotNull());
        new Refusals(slow.ended).with(Code.FAILED_PRECONDITION, "TOKEN_EXPIRED");
        assertThat(slow.events()).hasSizeLessThan(100);
    }

    @Test
    void a_slow_consumer_is_not_read_for_and_holds_nobody_back() {
        var slow = watch(WatchRequest.newBuilder(), 1);
        var quick = watch(WatchRequest.newBuilder(), Integer.MAX_VALUE);
        slow.stands();
        quick.stands();
        var large = ByteString.copyFrom(new byte[100_000]);
        for (int i = 0; i < 300; i++) {
            open.changes.set(partition(i % PARTITIONS), "k" + i, large);
        }
        Eventually.holds(() -> assertThat(quick.events()).hasSize(300));
        quick.cancel();
        Eventually.holds(() -> assertThat(open.changes.waiting()).isZero());
        int asked = open.changes.asked();
        for (int i = 300; i < 400; i++) {
            open.changes.set(partition(i % PARTITIONS), "k" + i, large);
        }
        assertThat(open.changes.asked()).isEqualTo(asked);
        slow.request(10_000);
        Eventually.holds(() -> assertThat(slow.events()).hasSize(400));
        for (int i = 0; i < PARTITIONS; i++) {
            int number = i;
            assertThat(slow.events().stream()
                            .filter(event -> event.getPartition() == number)
                            .map(Event::getIndex))
                    .isSorted()
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void an_entry_that_is_larger_than_an_answer_comes_in_parts_with_the_token_after_the_last() {
        var watcher = watch(WatchRequest.newBuilder(), Integer.MAX_VALUE);
        watcher.stands();
        var changes = new Change[40];
        for (int i = 0; i < changes.length; i++) {
            changes[i] = Change.newBuilder()
                    .setKind(Change.Kind.SET)
                    .setKey(ByteString.copyFromUtf8("k" + i))
                    .setValue(ByteString.copyFrom(new byte[200_000]))
                    .build();
        }
        open.changes.apply(partition(1), changes);
        Eventually.holds(() -> assertThat(watcher.events()).hasSize(40));
        Eventually.holds(() -> assertThat(watcher.lastToken().isEmpty()).isFalse());
        var parts = watcher.seen.stream()
                .filter(response -> response.getEventsCount() > 0)
                .toList();
        assertThat(parts).hasSizeGreaterThan(10);
        assertThat(parts.subList(0, parts.size() - 1))
                .allSatisfy(part -> assertThat(part.getToken().isEmpty()).isTrue());
    }

    @Test
    void what_cannot_be_watched_is_refused() {
        refused(WatchRequest.newBuilder().setTable("nope"), Code.NOT_FOUND, "TABLE_NOT_FOUND");
        refused(WatchRequest.newBuilder().setKey(ByteString.EMPTY), Code.INVALID_ARGUMENT, "EMPTY_KEY");
        refused(
                WatchRequest.newBuilder().setPrefix(ByteString.copyFrom(new byte[2_000])),
                Code.INVALID_ARGUMENT,
                "KEY_TOO_LARGE");
        refused(
                WatchRequest.newBuilder().setToken(ByteString.copyFromUtf8("rubbish")),
                Code.INVALID_ARGUMENT,
                "BAD_TOKEN");
        var narrow = watch(WatchRequest.newBuilder().setKey(ByteString.copyFromUtf8("a")), 1);
        narrow.stands();
        refused(WatchRequest.newBuilder().setToken(narrow.lastToken()), Code.INVALID_ARGUMENT, "BAD_TOKEN");
        var wide = watch(WatchRequest.newBuilder(), 1);
        wide.stands();
        var random = new Random(7);
        for (int i = 0; i < 50; i++) {
            byte[] forged = wide.lastToken().toByteArray();
            forged[random.nextInt(forged.length)] ^= (byte) (1 << random.nextInt(8));
            refused(
                    WatchRequest.newBuilder().setToken(ByteString.copyFrom(forged)),
                    Code.INVALID_ARGUMENT,
                    "BAD_TOKEN");
        }
    }

    @Test
    void a_dropped_table_ends_the_watch_and_a_lost_partition_asks_to_come_again() {
        var watcher = watch(WatchRequest.newBuilder(), 10);
        watcher.stands();
        Eventually.holds(() -> assertThat(open.changes.waiting()).isEqualTo(PARTITIONS));
        open.changes.refuseAll(Reason.NO_QUORUM);
        Eventually.holds(() -> assertThat(watcher.ended).isNotNull());
        new Refusals(watcher.ended).with(Code.UNAVAILABLE, "NO_QUORUM").toBeRetried();

        var other = watch(WatchRequest.newBuilder(), 10);
        other.stands();
        Eventually.holds(() -> assertThat(open.changes.waiting()).isEqualTo(PARTITIONS));
        open.topology.publish(FakeTopology.of(4, "another", 16));
        open.changes.refuseAll(Reason.PARTITION_NOT_FOUND);
        Eventually.holds(() -> assertThat(other.ended).isNotNull());
        new Refusals(other.ended).with(Code.NOT_FOUND, "TABLE_NOT_FOUND");
    }

    private void refused(WatchRequest.Builder request, Code code, String reason) {
        var watcher = watch(request, 1);
        Eventually.holds(() -> assertThat(watcher.ended).isNotNull());
        new Refusals(watcher.ended).with(code, reason);
    }

    private Watcher watch(WatchRequest.Builder request, int wanted) {
        var watcher = new Watcher(wanted);
        if (request.getTable().isEmpty()) {
            request.setTable("default");
        }
        KvGrpc.newStub(open.channel).watch(request.build(), watcher);
        return watcher;
    }

    private static final class Watcher implements ClientResponseObserver<WatchRequest, WatchResponse> {
        final List<WatchResponse> seen = new CopyOnWriteArrayList<>();
        volatile StatusRuntimeException ended;
        private final int wanted;
        private volatile ClientCallStreamObserver<?> call;

        Watcher(int wanted) {
            this.wanted = wanted;
        }

        void stands() {
            Eventually.holds(() -> {
                if (ended != null) {
                    throw ended;
                }
                assertThat(seen).isNotEmpty();
                assertThat(seen.get(0).getToken().isEmpty()).isFalse();
                assertThat(seen.get(0).getEventsList()).isEmpty();
            });
        }

        List<Event> events() {
            return seen.stream()
                    .flatMap(response -> response.getEventsList().stream())
                    .toList();
        }

        List<String> values() {
            return events().stream()
                    .map(event -> event.getValue().toStringUtf8())
                    .toList();
        }

        /** After everything that was sent; empty: not come yet. */
        ByteString lastToken() {
            return seen.get(seen.size() - 1).getToken();
        }

        void request(int more) {
            call.request(more);
        }

        void cancel() {
            call.cancel("the test is done with it", null);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchRequest> stream) {
            call = stream;
            stream.disableAutoRequestWithInitial(wanted);
        }

        @Override
        public void onNext(WatchResponse answer) {
            seen.add(answer);
        }

        @Override
        public void onError(Throwable failure) {
            ended = (StatusRuntimeException) failure;
        }

        @Override
        public void onCompleted() {}
    }
}
