package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.client.DeleteOutcome;
import io.aitta.proto.v1.Migration;
import io.aitta.proto.v1.MigrationPhase;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.Role;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A replica moves, and somebody who has a part in it loses power on the way: the move is finished or taken back, nothing
 * acknowledged is lost, and nothing is left of it anywhere. Each round takes another victim and means another step, which
 * may be over before anybody sees it; {@code MoveFaultsSimulationTest} meets every one of them, in order and without fail.
 */
@Timeout(1200)
class MigrationFaultsIT {
    /** All there are: {@code mvn verify -Dit.test=MigrationFaultsIT -Daitta.faults.rounds=15}. */
    private static final int ROUNDS = Integer.getInteger("aitta.faults.rounds", 1);

    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String TABLE = "moved";
    private static final int PARTITIONS = 4;
    private static final int FILLING = 192;

    private enum Victim {
        ORCHESTRATOR,
        SOURCE,
        TARGET
    }

    /** A step at which the power goes, and whose. */
    private record Fault(MigrationPhase step, Victim victim) {}

    private static final List<MigrationPhase> STEPS = List.of(
            MigrationPhase.WAITING,
            MigrationPhase.COPYING,
            MigrationPhase.CATCHING_UP,
            MigrationPhase.HANDING_OVER,
            MigrationPhase.LEAVING);

    @RegisterExtension
    final Stage stage = new Stage();

    /** How often the victim was met at the very step that was meant. */
    private int asMeant;

    @Test
    void whoeverLosesPowerAtWhateverStepTheMoveIsFinishedOrTakenBackAndNothingIsLeftOfIt() {
        var cluster = stage.cluster(Cluster.Plan.of(4)
                        .withPowerCuts()
                        .with(
                                "aitta.orchestrator.repair-after=1h",
                                "aitta.orchestrator.target-patience=4s",
                                // Long enough on its way to be met there.
                                "aitta.replica.copy-bandwidth=1 MiB",
                                "aitta.replication.keep-bytes=64 KiB",
                                "aitta.replication.resident-bytes=64 KiB",
                                "aitta.store.checkpoint-interval=1 s"))
                .start();
        cluster.client(DEADLINE).admin().blocking().createTable(TABLE, OptionalInt.of(PARTITIONS), OptionalInt.of(3));
        var orders = new Orders(cluster);
        orders.awaitSettled();
        fill(cluster);
        try (var load = Load.on(cluster, TABLE, stage.random(), DEADLINE)) {
            int first = stage.random().nextInt(STEPS.size() * Victim.values().length);
            for (int round = 0; round < ROUNDS; round++) {
                // Neighbours differ in both.
                int number = first + round;
                var fault =
                        new Fault(STEPS.get(number % STEPS.size()), Victim.values()[number % Victim.values().length]);
                round(cluster, orders, fault);
                load.goesOn();
            }
            removeFilling(cluster);
            load.verify();
            stage.say("%s", load.summary());
        }
        stage.say("%d of %d were met at the step that was meant", asMeant, ROUNDS);
        verifyNothingIsLeft(cluster);
    }

    /** So much that a copy takes some seconds. */
    private void fill(Cluster cluster) {
        var table = cluster.client(DEADLINE).table(TABLE).blocking();
        for (int i = 0; i < FILLING; i++) {
            var bytes = new byte[32 << 10];
            stage.random().nextBytes(bytes);
            table.set(Load.bytes("filling-" + i), com.google.protobuf.ByteString.copyFrom(bytes));
        }
    }

    /** Nobody watched when it was written. */
    private static void removeFilling(Cluster cluster) {
        var keys = IntStream.range(0, FILLING)
                .mapToObj(i -> Load.bytes("filling-" + i))
                .toList();
        assertThat(cluster.client(DEADLINE).table(TABLE).blocking().multiDelete(keys))
                .hasSize(FILLING)
                .allMatch(DeleteOutcome.Deleted.class::isInstance);
    }

    private void round(Cluster cluster, Orders orders, Fault fault) {
        var partition = cluster.topology().getPartitionsList().stream()
                .filter(one -> one.getTable().equals(TABLE))
                .skip(stage.random().nextInt(PARTITIONS))
                .findFirst()
                .orElseThrow();
        var holders = nodesOf(partition);
        var target = cluster.nodes().stream()
                .filter(node -> !holders.contains(node.id))
                .findFirst()
                .orElseThrow();
        // Handing over is a step only if the primary is to go.
        var source = cluster.node(
                fault.step() == MigrationPhase.HANDING_OVER || stage.random().nextBoolean()
                        ? nodeOf(partition, Role.PRIMARY)
                        : nodeOf(partition, Role.SECONDARY));
        var id = orders.migrate(TABLE, partition.getPartition(), source.id, target.id)
                .getId();
        if (fault.step() == MigrationPhase.CATCHING_UP) {
            // Not the moment before its copy, which looks the same.
            awaitStep(orders, id, MigrationPhase.COPYING);
        }
        var met = awaitStep(orders, id, fault.step());
        if (met == fault.step()) {
            asMeant++;
        }
        var victim =
                switch (fault.victim()) {
                    case ORCHESTRATOR -> cluster.orchestrator();
                    case SOURCE -> source;
                    case TARGET -> target;
                };
        cluster.kill(victim);
        stage.say(
                "move %d of %s/%d from %s to %s: %s %s lost power at %s (meant: %s)",
                id, TABLE, partition.getPartition(), source, target, fault.victim(), victim, met, fault.step());
        if (stage.random().nextBoolean()) {
            // So long that a move to it is taken back.
            Await.pass(Duration.ofSeconds(6));
        }
        cluster.restart(victim);
        Await.until(() -> "move " + id + " has ended: " + orders.migration(id), SOON, () -> isOver(orders, id));
        orders.awaitSettled();
        cluster.awaitWhole();
        var outcome = orders.migration(id).map(Migration::getPhase).orElseThrow();
        var now = nodesOf(partitionNow(cluster, partition));
        stage.say("move %d: %s, now on %s", id, outcome, now);
        assertThat(now).hasSize(3);
        if (outcome == MigrationPhase.DONE) {
            assertThat(now).contains(target.id).doesNotContain(source.id);
        } else {
            assertThat(outcome).isIn(MigrationPhase.FAILED, MigrationPhase.CANCELLED);
            assertThat(now).isEqualTo(holders);
        }
    }

    /** The phase in which it is met: the one wanted, or a later one if that was too short to be seen. */
    private static MigrationPhase awaitStep(Orders orders, long id, MigrationPhase wanted) {
        var met = new ArrayList<MigrationPhase>();
        var over = EnumSet.of(MigrationPhase.DONE, MigrationPhase.FAILED, MigrationPhase.CANCELLED);
        // Until it is known that it needs a copy, it looks like one that catches up.
        var later = wanted == MigrationPhase.COPYING ? MigrationPhase.SLOWING_DOWN : wanted;
        Await.until(() -> "move " + id + " comes to " + wanted + "; now " + met, SOON, () -> {
            var phase = orders.migration(id).map(Migration::getPhase).orElse(MigrationPhase.WAITING);
            met.clear();
            met.add(phase);
            return phase == wanted || phase.getNumber() >= later.getNumber() || over.contains(phase);
        });
        return met.get(0);
    }

    private static boolean isOver(Orders orders, long id) {
        try {
            return orders.migration(id).filter(one -> one.getEndedMillis() > 0).isPresent();
        } catch (StatusRuntimeException notNow) {
            return false;
        }
    }

    private static Partition partitionNow(Cluster cluster, Partition partition) {
        return cluster.topology().getPartitionsList().stream()
                .filter(one -> one.getTable().equals(TABLE) && one.getPartition() == partition.getPartition())
                .findFirst()
                .orElseThrow();
    }

    private static Set<String> nodesOf(Partition partition) {
        return partition.getReplicasList().stream().map(Replica::getNode).collect(Collectors.toSet());
    }

    private static String nodeOf(Partition partition, Role role) {
        return partition.getReplicasList().stream()
                .filter(replica -> replica.getRole() == role)
                .map(Replica::getNode)
                .findFirst()
                .orElseThrow();
    }

    /** Nothing is in any node's store or journal of what it does not hold by the topology. */
    private void verifyNothingIsLeft(Cluster cluster) {
        var topology = cluster.topology();
        Await.pass(Duration.ofSeconds(2));
        cluster.nodes().forEach(cluster::stop);
        for (var node : cluster.nodes()) {
            long held = topology.getPartitionsList().stream()
                    .filter(partition -> nodesOf(partition).contains(node.id))
                    .count();
            assertThat(LeftOnDisk.partitionsOf(node))
                    .as("what %s has on its disk", node)
                    .hasSize((int) held);
        }
    }
}
