package io.aitta.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.typesafe.config.ConfigFactory;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import io.aitta.proto.record.v1.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What watchers of a partition are told, wherever its replicas are and whatever becomes of them. */
@Timeout(60)
class ChangeTailTest {
    private static final ActorTestKit KIT = ActorTestKit.create(
            "changes",
            ConfigFactory.parseString("pekko.actor.provider = local\npekko.actor.allow-java-serialization = off")
                    .withFallback(ConfigFactory.load()));
    private static final PartitionId P = new PartitionId("t", 1, 0);

    private final ChangeNode.Cluster cluster = new ChangeNode.Cluster();
    private final ChangeNode n1 = new ChangeNode("n1", cluster, KIT);
    private final ChangeNode n2 = new ChangeNode("n2", cluster, KIT);
    private final ChangeNode n3 = new ChangeNode("n3", cluster, KIT);
    private final FakeReplicaStore store = new FakeReplicaStore();

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    private void holdOn(ChangeNode node, FakeReplicaStore replica) {
        cluster.holders.add(node.id);
        node.hold(P, replica);
    }

    private static KeySpan key(String key) {
        return KeySpan.ofKey(ByteString.copyFromUtf8(key));
    }

    private static List<Long> upTo(long last) {
        return LongStream.rangeClosed(1, last).boxed().toList();
    }

    private void await(Runnable assertion) {
        // The patience of a probe that nobody talks to is all that is needed of it.
        TestProbe.create(KIT.system()).awaitAssert(Duration.ofSeconds(20), Duration.ofMillis(10), () -> {
            assertion.run();
            return null;
        });
    }

    private ChangeAccess.Answer.Kept where(ChangeNode node) throws Exception {
        var answer = new CompletableFuture<ChangeAccess.Answer>();
        node.access.where(P, answer::complete);
        return (ChangeAccess.Answer.Kept) answer.get(20, TimeUnit.SECONDS);
    }

    @Test
    void what_is_applied_here_is_told_in_order_from_any_index() throws Exception {
        holdOn(n1, store);
        for (int i = 0; i < 50; i++) {
            store.set("k" + i, "v");
        }
        assertThat(where(n1)).isEqualTo(new ChangeAccess.Answer.Kept(0, 50));
        var all = new Follower(n1.access, P, 0, KeySpan.ALL);
        var half = new Follower(n1.access, P, 25, KeySpan.ALL);
        var none = new Follower(n1.access, P, 50, KeySpan.ALL);
        for (int i = 50; i < 100; i++) {
            store.set("k" + i, "v");
            n1.moved();
        }
        await(() -> assertThat(all.indexes()).isEqualTo(upTo(100)));
        await(() -> assertThat(half.indexes()).isEqualTo(upTo(100).subList(25, 100)));
        await(() -> assertThat(none.indexes()).isEqualTo(upTo(100).subList(50, 100)));
    }

    @Test
    void a_watcher_of_a_key_or_a_prefix_is_told_of_nothing_else() {
        holdOn(n1, store);
        var one = new Follower(n1.access, P, 0, key("b1"));
        var prefix = new Follower(n1.access, P, 0, KeySpan.ofPrefix(ByteString.copyFromUtf8("b")));
        store.set("a1", "v");
        store.set("b1", "v");
        n1.moved();
        store.set("b2", "v");
        store.apply(Change.newBuilder()
                .setKind(Change.Kind.RANGE_DELETED)
                .setKey(ByteString.copyFromUtf8("a"))
                .setTo(ByteString.copyFromUtf8("b15"))
                .build());
        n1.moved();
        await(() -> assertThat(one.keys()).containsExactly("b1", "b1"));
        await(() -> assertThat(prefix.keys()).containsExactly("b1", "b2", "b"));
        var range = prefix.seen.get(prefix.seen.size() - 1).changes().getChanges(0);
        assertThat(range.getTo().toStringUtf8()).isEqualTo("b15");
    }

    @Test
    void a_watcher_that_pauses_goes_on_where_it_was() {
        holdOn(n1, store);
        var follower = new Follower(n1.access, P, 0, KeySpan.ALL);
        follower.paused = true;
        store.set("k", "v");
        n1.moved();
        await(() -> assertThat(follower.indexes()).isEqualTo(upTo(1)));
        for (int i = 0; i < 200; i++) {
            store.set("k" + i, "v");
            n1.moved();
        }
        follower.goOn();
        await(() -> assertThat(follower.indexes()).isEqualTo(upTo(201)));
    }

    @Test
    void changes_that_are_kept_no_more_are_refused_with_the_oldest_that_are() {
        holdOn(n1, store);
        for (int i = 0; i < 20; i++) {
            store.set("k" + i, "v");
        }
        store.forgetUpTo(12);
        var late = new Follower(n1.access, P, 11, KeySpan.ALL);
        await(() -> assertThat(late.ended).isEqualTo(new ChangeAccess.Answer.Kept(12, 20)));
        var inTime = new Follower(n1.access, P, 12, KeySpan.ALL);
        await(() -> assertThat(inTime.indexes()).isEqualTo(upTo(20).subList(12, 20)));
    }

    @Test
    void a_node_without_a_replica_asks_another_one() throws Exception {
        holdOn(n1, store);
        store.set("early", "v");
        assertThat(where(n2).index()).isEqualTo(1);
        var all = new Follower(n2.access, P, 0, KeySpan.ALL);
        var one = new Follower(n2.access, P, 0, key("late"));
        store.set("late", "v".repeat(3 * ChangeServer.PIECE_BYTES));
        n1.moved();
        await(() -> assertThat(all.keys()).containsExactly("early", "late"));
        await(() -> assertThat(one.keys()).containsExactly("late"));
        assertThat(all.seen.get(1).changes().getChanges(0).getValue().size()).isEqualTo(3 * ChangeServer.PIECE_BYTES);
    }

    @Test
    void many_watchers_of_a_remote_partition_share_one_question() throws Exception {
        holdOn(n1, store);
        store.set("k", "v");
        assertThat(where(n2).index()).isEqualTo(1);
        var watchers = new ArrayList<Follower>();
        for (int i = 0; i < 1_000; i++) {
            watchers.add(new Follower(n2.access, P, 1, KeySpan.ALL));
        }
        where(n2);
        store.set("k", "w");
        n1.moved();
        await(() -> assertThat(watchers).allMatch(watcher -> watcher.indexes().equals(List.of(2L))));
        assertThat(store.reads()).isLessThan(20);
    }

    @Test
    void when_the_node_that_is_asked_is_lost_another_one_goes_on() {
        var second = new FakeReplicaStore();
        holdOn(n1, store);
        holdOn(n2, second);
        for (int i = 0; i < 10; i++) {
            store.set("k" + i, "v");
        }
        second.follow(store, 10);
        var follower = new Follower(n3.access, P, 0, KeySpan.ALL);
        await(() -> assertThat(follower.indexes()).isEqualTo(upTo(10)));
        cluster.unreachable.add(n1.id);
        n3.server.tell(ChangeServer.Review.INSTANCE);
        store.set("k", "v");
        second.follow(store, 11);
        n2.moved();
        await(() -> assertThat(follower.indexes()).isEqualTo(upTo(11)));
    }

    @Test
    void a_replica_that_leaves_hands_its_watchers_on() {
        var second = new FakeReplicaStore();
        holdOn(n1, store);
        holdOn(n2, second);
        store.set("k", "v");
        second.follow(store, 1);
        var follower = new Follower(n1.access, P, 0, KeySpan.ALL);
        await(() -> assertThat(follower.indexes()).isEqualTo(upTo(1)));
        cluster.holders.remove(n1.id);
        n1.drop();
        store.set("k", "w");
        second.follow(store, 2);
        n2.moved();
        await(() -> assertThat(follower.indexes()).isEqualTo(upTo(2)));
    }

    @Test
    void a_replica_that_lags_behind_the_token_is_waited_for() {
        holdOn(n1, store);
        store.set("k1", "v");
        var follower = new Follower(n1.access, P, 3, KeySpan.ALL);
        for (int i = 2; i <= 5; i++) {
            store.set("k" + i, "v");
            n1.moved();
        }
        await(() -> assertThat(follower.indexes()).containsExactly(4L, 5L));
    }

    @Test
    void a_replica_that_lags_for_long_is_passed_by_and_taken_again_when_it_has_caught_up() {
        var second = new FakeReplicaStore();
        holdOn(n1, second);
        holdOn(n2, store);
        for (int i = 1; i <= 10; i++) {
            store.set("k" + i, "v");
        }
        second.follow(store, 4);
        var follower = new Follower(n1.access, P, 6, KeySpan.ALL);
        await(() -> assertThat(follower.indexes()).isEqualTo(upTo(10).subList(6, 10)));
        second.follow(store, 10);
        n1.moved();
        cluster.unreachable.add(n2.id);
        second.set("more", "v");
        n1.moved();
        await(() -> assertThat(follower.indexes()).isEqualTo(upTo(11).subList(6, 11)));
    }

    @Test
    void a_dropped_table_ends_its_watches() {
        holdOn(n1, store);
        var here = new Follower(n1.access, P, 0, KeySpan.ALL);
        var there = new Follower(n2.access, P, 0, KeySpan.ALL);
        store.set("k", "v");
        n1.moved();
        await(() -> assertThat(there.seen).hasSize(1));
        cluster.gone = true;
        n1.drop();
        n2.server.tell(ChangeServer.Review.INSTANCE);
        for (var follower : List.of(here, there)) {
            await(() -> assertThat(follower.ended)
                    .isInstanceOfSatisfying(ChangeAccess.Answer.Refused.class, refused -> assertThat(
                                    refused.refusal().reason())
                            .isEqualTo(PartitionAccess.Reason.PARTITION_NOT_FOUND)));
        }
    }

    @Test
    void when_nobody_can_tell_the_watch_is_refused_after_a_while() {
        cluster.holders.add(n2.id);
        cluster.unreachable.add(n2.id);
        var follower = new Follower(n1.access, P, 0, KeySpan.ALL);
        await(() -> assertThat(follower.ended)
                .isInstanceOfSatisfying(
                        ChangeAccess.Answer.Refused.class,
                        refused -> assertThat(refused.refusal().reason()).isEqualTo(PartitionAccess.Reason.NO_QUORUM)));
    }

    @Test
    void a_watcher_to_whom_nothing_happens_is_told_how_far_things_have_come() {
        holdOn(n1, store);
        var follower = new Follower(n1.access, P, 0, key("other"));
        for (int i = 0; i < 3 * ChangeWaiters.PROGRESS_ENTRIES; i++) {
            store.set("k", "v");
            n1.moved();
        }
        await(() -> assertThat(follower.after).isGreaterThan(ChangeWaiters.PROGRESS_ENTRIES));
        assertThat(follower.seen).isEmpty();
    }

    @Test
    void who_waits_costs_no_reads_and_whoever_withdraws_is_told_nothing() throws Exception {
        holdOn(n1, store);
        store.set("k", "v");
        var idle = new ArrayList<Follower>();
        for (int i = 0; i < 10_000; i++) {
            idle.add(new Follower(n1.access, P, 1, i % 2 == 0 ? KeySpan.ALL : key("key-" + i)));
        }
        where(n1);
        int before = store.reads();
        idle.forEach(Follower::withdraw);
        where(n1);
        store.set("k", "w");
        n1.moved();
        where(n1);
        assertThat(idle).allMatch(follower -> follower.seen.isEmpty());
        assertThat(store.reads()).isEqualTo(before);
    }
}
