package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.Refusal.Reason;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Reasons for refusal that several rules share; each is empty if there is nothing to object to. */
final class Refusals {
    private Refusals() {}

    static Optional<Refusal> because(boolean wrong, Reason reason, String message) {
        return wrong ? Optional.of(new Refusal(reason, message)) : Optional.empty();
    }

    /** @param expected {@link Epoch#ZERO}: whatever it is */
    static Optional<Refusal> staleEpoch(Topology topology, Epoch expected) {
        return because(
                !expected.equals(Epoch.ZERO) && !expected.equals(topology.epoch()),
                Reason.STALE_EPOCH,
                "this was asked for epoch " + expected + " of the topology, which is at epoch " + topology.epoch()
                        + " now; look at it again and ask anew");
    }

    static Optional<Refusal> noTable(Topology topology, String table) {
        return because(topology.table(table).isEmpty(), Reason.TABLE_NOT_FOUND, "there is no table '" + table + "'");
    }

    /** {@code how}: what cannot be done with it, such as "dropped". */
    static Optional<Refusal> protectedTable(String table, String how) {
        return because(
                table.startsWith("_"),
                Reason.TABLE_PROTECTED,
                "table '" + table + "' is the system's own and cannot be " + how);
    }

    static Optional<Refusal> noPartition(Topology topology, PartitionId id) {
        return noTable(topology, id.table()).or(() -> {
            TableInfo table = topology.table(id.table()).orElseThrow();
            return because(
                            id.partition() >= table.partitions(),
                            Reason.PARTITION_NOT_FOUND,
                            "table '" + table.name() + "' has partitions 0 to " + (table.partitions() - 1) + ", not "
                                    + id.partition())
                    .or(() -> because(
                            topology.partition(id).isEmpty(),
                            Reason.TABLE_NOT_FOUND,
                            "table '" + table.name() + "' was dropped and made again since; look at it again"));
        });
    }

    static Optional<Refusal> noNode(Topology topology, NodeId node) {
        return because(topology.node(node).isEmpty(), Reason.NODE_NOT_FOUND, noNodeMessage(topology, node));
    }

    private static String noNodeMessage(Topology topology, NodeId node) {
        return topology.removed().stream()
                .filter(gone -> gone.id().equals(node))
                .reduce((first, second) -> second)
                .map(gone -> "node " + node + " was removed in epoch " + gone.removedEpoch())
                .orElseGet(() -> "there is no node " + node + "; the cluster has "
                        + topology.nodes().stream()
                                .map(known -> known.id().value())
                                .limit(20)
                                .collect(Collectors.joining(", "))
                        + (topology.nodes().size() > 20 ? " and more" : ""));
    }

    static Optional<Refusal> notUp(NodeId node, Set<NodeId> up) {
        return because(
                !up.contains(node),
                Reason.NODE_NOT_UP,
                "node " + node + " cannot be reached now; start it first, or choose another one");
    }

    /** Whether the node may not be given replicas, by orders. */
    static Optional<Refusal> leaving(Topology topology, NodeId node) {
        return because(
                topology.node(node).orElseThrow().orders().draining(),
                Reason.NODE_NOT_UP,
                "node " + node + " is being drained and takes no replicas; undrain it first, or choose another one");
    }

    static Optional<Refusal> notAReplica(PartitionInfo partition, NodeId node) {
        return because(
                !partition.isHeldBy(node),
                Reason.NOT_A_REPLICA,
                "node " + node + " holds no replica of " + name(partition.id()) + "; those who do are "
                        + names(partition.replicas().stream()
                                .map(ReplicaInfo::node)
                                .toList()));
    }

    /** For sentences: separated by commas; "none" if there are none. */
    static String names(Collection<NodeId> nodes) {
        return nodes.isEmpty() ? "none" : nodes.stream().map(NodeId::value).collect(Collectors.joining(", "));
    }

    /** As people call a partition. */
    static String name(PartitionId id) {
        return "partition " + id.partition() + " of table '" + id.table() + "'";
    }
}
