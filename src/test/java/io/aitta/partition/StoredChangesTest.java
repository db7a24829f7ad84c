package io.aitta.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.typesafe.config.ConfigFactory;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Batches;
import io.aitta.core.kv.KeySpan;
import io.aitta.proto.record.v1.DeleteOperation;
import io.aitta.proto.record.v1.DeleteRangeOperation;
import io.aitta.proto.record.v1.Operation;
import io.aitta.proto.record.v1.SetOperation;
import io.aitta.store.ReplicaStore;
import io.aitta.store.RocksStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Watching what a real store applies: who plays the changes back gets what the store holds. */
@Timeout(120)
class StoredChangesTest {
    private static final PartitionId P = new PartitionId("t", 1, 0);
    private static final List<String> KEYS = List.of("a1", "a2", "b1", "b2", "b3", "c1");

    @TempDir
    Path directory;

    private final ActorTestKit kit = ActorTestKit.create(
            "stored-changes",
            ConfigFactory.parseString("pekko.actor.provider = local").withFallback(ConfigFactory.load()));
    private final Random random = new Random(11);
    private final ChangeNode.Cluster cluster = new ChangeNode.Cluster();
    private ChangeNode here;
    private ChangeNode elsewhere;
    private RocksStore store;
    private ReplicaStore replica;

    @BeforeEach
    void begin() {
        store = RocksStore.open(directory, 8 << 20, 4 << 20);
        replica = store.replica(P);
        here = new ChangeNode("n1", cluster, kit);
        elsewhere = new ChangeNode("n2", cluster, kit);
        cluster.holders.add(here.id);
        here.hold(P, replica);
    }

    @AfterEach
    void end() {
        kit.shutdownTestKit();
        store.close();
    }

    private void write() {
        var operations = new ArrayList<byte[]>();
        for (int i = 0; i <= random.nextInt(4); i++) {
            operations.add(operation().build().toByteArray());
        }
        replica.apply(replica.mark().getAppliedIndex() + 1, 1, Batches.encode(1, operations));
        here.moved();
    }

    private Operation.Builder operation() {
        var key = ByteString.copyFromUtf8(KEYS.get(random.nextInt(KEYS.size())));
        var operation = Operation.newBuilder();
        int kind = random.nextInt(20);
        if (kind == 0) {
            return operation.setDeleteRange(DeleteRangeOperation.newBuilder()
                    .setFrom(ByteString.copyFromUtf8("a2"))
                    .setTo(ByteString.copyFromUtf8("b2")));
        }
        return kind < 5
                ? operation.setDelete(DeleteOperation.newBuilder().setKey(key))
                : operation.setSet(SetOperation.newBuilder()
                        .setKey(key)
                        .setValue(ByteString.copyFromUtf8("v" + random.nextInt())));
    }

    private void await(Runnable assertion) {
        TestProbe.create(kit.system()).awaitAssert(Duration.ofSeconds(60), Duration.ofMillis(10), () -> {
            assertion.run();
            return null;
        });
    }

    /** Keys and values after everything that a follower has seen. */
    private static TreeMap<String, String> replayed(Follower follower) {
        var state = new TreeMap<String, String>();
        for (var entry : follower.seen) {
            for (var change : entry.changes().getChangesList()) {
                var key = change.getKey().toStringUtf8();
                switch (change.getKind()) {
                    case SET -> state.put(key, change.getValue().toStringUtf8());
                    case DELETE, EXPIRED -> state.remove(key);
                    case RANGE_DELETED ->
                        state.subMap(key, change.getTo().toStringUtf8()).clear();
                    default -> {}
                }
            }
        }
        return state;
    }

    private TreeMap<String, String> stored(KeySpan span) {
        var state = new TreeMap<String, String>();
        for (var key : KEYS) {
            if (span.contains(ByteString.copyFromUtf8(key))) {
                replica.get(key.getBytes(), 1).ifPresent(value -> state.put(key, new String(value.bytes())));
            }
        }
        return state;
    }

    @Test
    void who_follows_from_the_beginning_here_or_elsewhere_of_all_or_a_part_ends_with_what_is_stored() {
        var part = KeySpan.ofPrefix(ByteString.copyFromUtf8("b"));
        var key = KeySpan.ofKey(ByteString.copyFromUtf8("a2"));
        var followers = new ArrayList<Follower>();
        for (var node : List.of(here, elsewhere)) {
            followers.add(new Follower(node.access, P, 0, KeySpan.ALL));
            followers.add(new Follower(node.access, P, 0, part));
            followers.add(new Follower(node.access, P, 0, key));
        }
        for (int i = 0; i < 400; i++) {
            write();
            if (i % 50 == 20) {
                followers.forEach(follower -> follower.paused = true);
            } else if (i % 50 == 49) {
                followers.forEach(Follower::goOn);
            }
        }
        followers.forEach(Follower::goOn);
        var spans = List.of(KeySpan.ALL, part, key, KeySpan.ALL, part, key);
        await(() -> {
            for (int i = 0; i < followers.size(); i++) {
                assertThat(replayed(followers.get(i))).isEqualTo(stored(spans.get(i)));
            }
        });
        assertThat(followers.get(0).indexes()).isSorted().doesNotHaveDuplicates();
        assertThat(followers.get(3).indexes()).isEqualTo(followers.get(0).indexes());
    }

    @Test
    void from_any_index_the_rest_is_told() {
        for (int i = 0; i < 60; i++) {
            write();
        }
        var all = new Follower(here.access, P, 0, KeySpan.ALL);
        await(() -> assertThat(replayed(all)).isEqualTo(stored(KeySpan.ALL)));
        for (long from = 0; from <= 60; from += 7) {
            long after = from;
            var rest = new Follower(here.access, P, after, KeySpan.ALL);
            var expected = all.indexes().stream().filter(index -> index > after).toList();
            await(() -> assertThat(rest.indexes()).isEqualTo(expected));
        }
    }

    @Test
    void what_was_trimmed_is_refused_with_where_the_rest_begins() {
        for (int i = 0; i < 300; i++) {
            write();
        }
        replica.trimChanges(1_000);
        long oldest = replica.changesAfter();
        assertThat(oldest).isPositive();
        for (var node : List.of(here, elsewhere)) {
            var late = new Follower(node.access, P, 0, KeySpan.ALL);
            await(() -> assertThat(late.ended).isEqualTo(new ChangeAccess.Answer.Kept(oldest, 300)));
            var rest = new Follower(node.access, P, oldest, KeySpan.ALL);
            await(() -> assertThat(rest.after).isEqualTo(300));
        }
    }
}
