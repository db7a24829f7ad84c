package io.aitta.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.PartitionId;
import io.aitta.core.replication.Input;
import io.aitta.core.replication.Input.Change;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.Term;
import io.aitta.journal.BinlogCodec;
import io.aitta.partition.PartitionAccess.ReadLevel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Full copies from n1, which has forgotten the beginning of its binlogs, to n2. */
class FullCopyTest {
    private static final int MIB = 1 << 20;
    private static final int VALUE = 256 << 10;
    private static final List<PartitionId> PARTITIONS =
            List.of(new PartitionId("p", 3, 0), new PartitionId("p", 3, 1), new PartitionId("p", 3, 2));

    @TempDir
    private Path dir;

    private final Assignments assignments = new Assignments();
    /** One at a time, and a little more than a second for each partition's three MiB. */
    private final CopyLimits limits = new CopyLimits(1, 2 * MIB);

    private LiveNode n1;
    private LiveNode n2;

    @BeforeEach
    void start() {
        PARTITIONS.forEach(partition -> assignments.found(partition, Statuses.N1));
        n1 = new LiveNode("n1", dir.resolve("n1"), assignments, null, limits);
        n2 = new LiveNode("n2", dir.resolve("n2"), assignments, n1, limits);
        n1.await("n2", () -> n1.directory.isReachable(Statuses.N2));
        n2.await("n1", () -> n2.directory.isReachable(Statuses.N1));
        PARTITIONS.forEach(this::fill);
    }

    @AfterEach
    void stop() {
        n2.close();
        n1.close();
    }

    @Test
    void copiesTakeTheirTurnsAndKeepToTheBandwidth() {
        long begun = System.nanoTime();
        PARTITIONS.forEach(this::addLearner);
        var atOnce = new ArrayList<Long>();
        n2.await("all copied", () -> {
            atOnce.add(n2.replicas.all().stream()
                    .filter(replica -> replica.copying().isPresent())
                    .count());
            return PARTITIONS.stream().allMatch(this::isCopied);
        });
        long tookMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        // The first chunk of all need not wait.
        assertThat(tookMillis).isGreaterThan(3 * 3 * 1000 / 2 - 500);
        assertThat(atOnce).contains(1L).doesNotContain(2L, 3L);
        assertThat(n2.read(PARTITIONS.get(2), "k5", ReadLevel.EVENTUAL)).hasSize(VALUE);
    }

    @Test
    void theStoreOfAGroupThatHasNeverChangedTellsWhoTheyAreToo() {
        var mark = n1.replicas.get(PARTITIONS.get(0)).store().mark();
        assertThat(BinlogCodec.decode(mark.getMembership())).isEqualTo(Membership.ofVoters(Statuses.N1));
    }

    @Test
    void howFarACopyHasComeIsTold() {
        addLearner(PARTITIONS.get(0));
        n2.await("half of it", () -> n2.stewards
                .describe(Statuses.N2, List.of(PARTITIONS.get(0)), Duration.ofSeconds(5))
                .toCompletableFuture()
                .join()
                .filter(node -> node.replicas().stream()
                        .anyMatch(replica -> replica.copiedBytes() > MIB && replica.copyBytes() >= 3 * MIB))
                .isPresent());
    }

    @Test
    void aCopyThatIsCalledOffLeavesNothingAndMakesRoomForOthers() {
        var p = PARTITIONS.get(0);
        addLearner(p);
        n2.await("begun", () -> Optional.ofNullable(n2.replicas.get(p))
                .flatMap(LocalReplica::copying)
                .isPresent());
        change(p, new Change.Remove(Statuses.N2), false);
        assignments.give(p, Statuses.N1);
        n2.review();
        n2.await(
                "removed",
                () -> n2.replicas.get(p) == null
                        && !n2.store.partitions().contains(p)
                        && !n2.wiring.binlogs().persistenceIds().contains(ReplicaLog.persistenceId(n2.id, p)));

        addLearner(PARTITIONS.get(1));
        n2.await("copied", () -> isCopied(PARTITIONS.get(1)));
        assertThat(limits.beginFetch()).isTrue();
    }

    /** Three MiB that do not compress, and nothing of them in the binlog any more. */
    private void fill(PartitionId partition) {
        n1.await("primary", () -> n1.isPrimary(partition));
        var random = new Random(partition.partition());
        for (int i = 0; i < 12; i++) {
            byte[] value = new byte[VALUE];
            random.nextBytes(value);
            n1.write(partition, "k" + i, value);
        }
        n1.store.flush();
        var mark = n1.replicas.get(partition).store().mark();
        n1.replicas
                .get(partition)
                .log()
                .tell(new ReplicaLog.Decide(
                        new Input.StoreForced(new LogIndex(mark.getAppliedIndex()), new Term(mark.getAppliedTerm()))));
    }

    private void addLearner(PartitionId partition) {
        assignments.give(partition, Statuses.N1, Statuses.N2);
        n2.review();
        change(partition, new Change.AddLearner(Statuses.N2), true);
    }

    private void change(PartitionId partition, Change change, boolean isMemberThen) {
        n1.replicas.get(partition).log().tell(new ReplicaLog.Decide(new Input.ChangeMembership(change)));
        n1.await(
                "the change",
                () -> n1.status(partition).orElseThrow().membership().contains(Statuses.N2) == isMemberThen);
    }

    private boolean isCopied(PartitionId partition) {
        var replica = n2.replicas.get(partition);
        return replica != null
                && replica.reached() >= n1.replicas.get(partition).reached();
    }
}
