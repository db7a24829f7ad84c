package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.Stranded;
import io.aitta.core.topology.Topology;
import io.aitta.partition.Stewards.Disk;
import io.aitta.partition.Stewards.Vitals;
import io.aitta.proto.v1.CheckFinding;
import io.aitta.proto.v1.CheckKind;
import io.aitta.proto.v1.CheckVerdict;
import io.aitta.proto.v1.Migration;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is wrong with a cluster, by one look at it: the rules of {@code aitta check}, and nothing else. A node that is away
 * is told of once, not with each of its replicas.
 */
final class CheckRules {
    /** A replica that lacks no more log entries than these follows its primary; under load it always lacks some. */
    static final long MOST_LAG = 1_000;

    /** Values expire by the clocks of primaries, which change from node to node. */
    static final long MOST_CLOCK_DIFFERENCE_MILLIS = 500;

    /** Beyond it sessions that were begun by one node's clock are refused by another's. */
    static final long CRITICAL_CLOCK_DIFFERENCE_MILLIS = 60_000;

    private static final long MIB = 1 << 20;
    private static final long LOW_DISK_BYTES = 1024 * MIB;
    private static final double LOW_DISK = 0.05;
    private static final long CRITICAL_DISK_BYTES = 256 * MIB;
    private static final double CRITICAL_DISK = 0.01;

    /** A move that says why it waits may do so for a while; a node that restarts, say. */
    private static final long MOVE_MAY_WAIT_MILLIS = 60_000;

    /**
     * What was seen.
     *
     * @param nodes of the topology, with how this node sees them
     * @param vitals of those that told
     * @param partitions with live state
     * @param moves under way
     * @param planned empty if the orchestrator does not answer
     */
    record Look(
            Topology topology,
            List<Node> nodes,
            Map<NodeId, Vitals> vitals,
            List<Partition> partitions,
            LiveState.Told told,
            List<Migration> moves,
            OptionalInt planned,
            long nowMillis) {}

    private final Look look;
    private final List<CheckFinding> findings = new ArrayList<>();

    private CheckRules(Look look) {
        this.look = look;
    }

    /** In no order. */
    static List<CheckFinding> findings(Look look) {
        var rules = new CheckRules(look);
        look.nodes().forEach(rules::node);
        rules.epochs();
        rules.clocks();
        rules.orchestrator();
        look.partitions().forEach(rules::partition);
        return rules.findings;
    }

    // ---- nodes --------------------------------------------------------------------------------------------------

    private void node(Node node) {
        String id = node.getId();
        var vitals = look.vitals().get(new NodeId(id));
        switch (node.getState()) {
            case NODE_DOWN -> about(CheckVerdict.VERDICT_DEGRADED, CheckKind.CHECK_NODE, id, away(node, "is down"));
            case NODE_UNREACHABLE ->
                about(CheckVerdict.VERDICT_DEGRADED, CheckKind.CHECK_NODE, id, away(node, "cannot be reached"));
            case NODE_JOINING -> about(CheckVerdict.VERDICT_HEALTHY, CheckKind.CHECK_NODE, id, "is joining");
            default -> {
                if (vitals == null) {
                    about(
                            CheckVerdict.VERDICT_DEGRADED,
                            CheckKind.CHECK_NODE,
                            id,
                            away(node, "is up and does not answer"));
                }
            }
        }
        if (node.getDraining() && !node.getLost()) {
            draining(id);
        }
        if (vitals != null) {
            vitals.disks().forEach(disk -> disk(id, disk));
        }
    }

    private void draining(String node) {
        Set<NodeId> up = look.nodes().stream()
                .filter(one -> one.getState() == NodeState.NODE_UP || one.getState() == NodeState.NODE_DRAINING)
                .map(one -> new NodeId(one.getId()))
                .collect(Collectors.toSet());
        String stranded = Stranded.on(look.topology(), new NodeId(node), up).stream()
                .map(some -> "; " + some.sentence())
                .collect(Collectors.joining());
        about(
                stranded.isEmpty() ? CheckVerdict.VERDICT_HEALTHY : CheckVerdict.VERDICT_DEGRADED,
                CheckKind.CHECK_NODE,
                node,
                "is being drained" + stranded);
    }

    private static String away(Node node, String how) {
        int replicas = node.getPrimaries() + node.getSecondaries() + node.getLearners();
        return how + (node.getLost() ? " and given up" : "") + "; it holds " + replicas
                + (replicas == 1 ? " replica" : " replicas");
    }

    private void disk(String node, Disk disk) {
        boolean isLow = isBelow(disk, LOW_DISK, LOW_DISK_BYTES);
        if (isLow) {
            boolean isCritical = isBelow(disk, CRITICAL_DISK, CRITICAL_DISK_BYTES);
            about(
                    isCritical ? CheckVerdict.VERDICT_CRITICAL : CheckVerdict.VERDICT_DEGRADED,
                    CheckKind.CHECK_DISK,
                    node,
                    String.format(
                            Locale.ROOT,
                            "has %,d MiB of %,d MiB left on the disk of %s",
                            disk.freeBytes() / MIB,
                            disk.totalBytes() / MIB,
                            disk.path()));
        }
    }

    private static boolean isBelow(Disk disk, double share, long bytes) {
        return disk.freeBytes() < Math.max(bytes, (long) (share * disk.totalBytes()));
    }

    private void epochs() {
        long newest = look.topology().epoch().value();
        for (Vitals vitals : look.vitals().values()) {
            newest = Math.max(newest, vitals.epoch());
        }
        for (Vitals vitals : look.vitals().values()) {
            if (vitals.epoch() < newest) {
                about(
                        CheckVerdict.VERDICT_DEGRADED,
                        CheckKind.CHECK_EPOCH,
                        vitals.node().value(),
                        "knows the topology of epoch " + vitals.epoch() + ", and there is one of epoch " + newest);
            }
        }
    }

    /** Each is compared with the one in the middle, so that one wrong clock does not make all others wrong. */
    private void clocks() {
        var ahead = look.vitals().values().stream()
                .map(Vitals::clockAheadMillis)
                .sorted()
                .toList();
        if (ahead.size() < 2) {
            return;
        }
        long middle = ahead.get((ahead.size() - 1) / 2);
        for (Vitals vitals : look.vitals().values()) {
            long difference = vitals.clockAheadMillis() - middle;
            long surely = Math.abs(difference) - vitals.clockUncertaintyMillis();
            if (surely > MOST_CLOCK_DIFFERENCE_MILLIS) {
                about(
                        surely > CRITICAL_CLOCK_DIFFERENCE_MILLIS
                                ? CheckVerdict.VERDICT_CRITICAL
                                : CheckVerdict.VERDICT_DEGRADED,
                        CheckKind.CHECK_CLOCK,
                        vitals.node().value(),
                        "has a clock that is " + Math.abs(difference) + " ms "
                                + (difference > 0 ? "ahead of" : "behind") + " the others'");
            }
        }
    }

    private void orchestrator() {
        if (look.planned().isEmpty()) {
            about(
                    CheckVerdict.VERDICT_DEGRADED,
                    CheckKind.CHECK_ORCHESTRATOR,
                    "",
                    "the orchestrator does not answer: nothing is repaired, moved or changed meanwhile");
        } else if (look.planned().getAsInt() > 0) {
            about(
                    CheckVerdict.VERDICT_HEALTHY,
                    CheckKind.CHECK_MOVE,
                    "",
                    look.planned().getAsInt() + " moves are planned and wait for their turn");
        }
        if (look.topology().moves().balancingPaused()) {
            about(CheckVerdict.VERDICT_HEALTHY, CheckKind.CHECK_MOVE, "", "balancing is paused");
        }
        look.moves().forEach(this::move);
    }

    private void move(Migration move) {
        boolean waits = !move.getMessage().isEmpty() && look.nowMillis() - move.getBegunMillis() > MOVE_MAY_WAIT_MILLIS;
        add(CheckFinding.newBuilder()
                .setSeverity(waits ? CheckVerdict.VERDICT_DEGRADED : CheckVerdict.VERDICT_HEALTHY)
                .setKind(CheckKind.CHECK_MOVE)
                .setTable(move.getTable())
                .setPartition(move.getPartition())
                .setMessage(
                        waits
                                ? "migration " + move.getId() + " does not move on: " + move.getMessage()
                                : "migration " + move.getId() + " is under way, " + move.getPercent() + " %"));
    }

    // ---- partitions ---------------------------------------------------------------------------------------------

    private void partition(Partition partition) {
        long primaries = with(partition, Role.PRIMARY);
        switch (partition.getState()) {
            case NO_PRIMARY ->
                about(
                        CheckVerdict.VERDICT_CRITICAL,
                        partition,
                        isMeta(partition)
                                ? "has no primary: the topology cannot be changed"
                                : "has no primary: it takes no writes and no strong reads");
            case PARTITION_STATE_UNSPECIFIED ->
                about(
                        CheckVerdict.VERDICT_DEGRADED,
                        partition,
                        "may have no primary: nodes that could hold it do not answer");
            case STUCK -> about(CheckVerdict.VERDICT_DEGRADED, partition, "is stuck: its primary is being handed over");
            case SLOWDOWN ->
                about(CheckVerdict.VERDICT_DEGRADED, partition, "slows writers down for a replica that catches up");
            default -> {}
        }
        long voters = primaries + with(partition, Role.SECONDARY);
        if (voters < partition.getReplicasWanted()) {
            about(
                    CheckVerdict.VERDICT_DEGRADED,
                    partition,
                    "has " + voters + " of " + partition.getReplicasWanted() + " voters");
        }
        partition.getReplicasList().forEach(replica -> replica(partition, replica));
    }

    private void replica(Partition partition, Replica replica) {
        var state = replica.getState();
        boolean told = look.told().node(new NodeId(replica.getNode())).isPresent();
        if (!told || state.getCopying() && partition.getMigration() != 0) {
            return;
        }
        if (!state.getKnown()) {
            about(CheckKind.CHECK_REPLICA, partition, replica, "is not there");
        } else if (state.getFailed()) {
            about(CheckKind.CHECK_REPLICA, partition, replica, "has not been recovered, or its binlog has failed");
        } else if (state.getCopying()) {
            about(CheckKind.CHECK_REPLICA, partition, replica, "is being given a whole copy");
        } else if (state.getLag() > MOST_LAG) {
            about(CheckKind.CHECK_LAG, partition, replica, "lacks " + state.getLag() + " log entries");
        }
    }

    private static long with(Partition partition, Role role) {
        return partition.getReplicasList().stream()
                .filter(replica -> replica.getRole() == role)
                .count();
    }

    private static boolean isMeta(Partition partition) {
        return partition.getTable().equals(PartitionId.META.table());
    }

    // ---- telling ------------------------------------------------------------------------------------------------

    private void about(CheckVerdict severity, CheckKind kind, String node, String what) {
        add(CheckFinding.newBuilder()
                .setSeverity(severity)
                .setKind(kind)
                .setNode(node)
                .setMessage(node.isEmpty() ? what : "node " + node + " " + what));
    }

    private void about(CheckVerdict severity, Partition partition, String what) {
        add(CheckFinding.newBuilder()
                .setSeverity(severity)
                .setKind(isMeta(partition) ? CheckKind.CHECK_META : CheckKind.CHECK_PARTITION)
                .setTable(partition.getTable())
                .setPartition(partition.getPartition())
                .setMessage(partition.getTable() + "/" + partition.getPartition() + " " + what));
    }

    private void about(CheckKind kind, Partition partition, Replica replica, String what) {
        add(CheckFinding.newBuilder()
                .setSeverity(CheckVerdict.VERDICT_DEGRADED)
                .setKind(kind)
                .setNode(replica.getNode())
                .setTable(partition.getTable())
                .setPartition(partition.getPartition())
                .setMessage("the replica of " + partition.getTable() + "/" + partition.getPartition() + " on node "
                        + replica.getNode() + " " + what));
    }

    private void add(CheckFinding.Builder finding) {
        findings.add(finding.build());
    }
}
