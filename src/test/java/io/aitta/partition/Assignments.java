package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Membership;
import io.aitta.core.topology.Topology;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Who holds what, as a test says. Thread-safe. */
final class Assignments implements Placements {
    final Map<PartitionId, List<NodeId>> holders = new ConcurrentHashMap<>();
    /** By a topology on which no node has acted yet. */
    final Map<PartitionId, List<NodeId>> ahead = new ConcurrentHashMap<>();

    final Map<PartitionId, List<NodeId>> founders = new ConcurrentHashMap<>();
    final Set<PartitionId> gone = ConcurrentHashMap.newKeySet();

    /** As told by the topology, where it is. */
    final Map<PartitionId, NodeId> primaries = new ConcurrentHashMap<>();

    /** Whether nodes know anything of what they hold. */
    volatile boolean known = true;

    private volatile Topology topology = Topology.EMPTY;

    /** What stewards are told of; apart from that, only the lists above count. */
    Topology topology() {
        return topology;
    }

    void wants(Topology now) {
        topology = now;
    }

    void found(PartitionId partition, NodeId... nodes) {
        founders.put(partition, List.of(nodes));
        holders.put(partition, List.of(nodes));
    }

    /** From now on these hold it; it cannot be founded again. */
    void give(PartitionId partition, NodeId... nodes) {
        founders.remove(partition);
        holders.put(partition, List.of(nodes));
    }

    @Override
    public Set<PartitionId> heldBy(NodeId node) {
        var held = new HashSet<PartitionId>();
        holders.forEach((partition, nodes) -> {
            if (nodes.contains(node)) {
                held.add(partition);
            }
        });
        return held;
    }

    @Override
    public boolean isHeldBy(NodeId node, PartitionId partition) {
        return holders.getOrDefault(partition, List.of()).contains(node);
    }

    @Override
    public boolean isKnown(NodeId node) {
        return known;
    }

    @Override
    public boolean isElsewhere(NodeId node, PartitionId partition) {
        return holders.containsKey(partition) && !isHeldBy(node, partition);
    }

    @Override
    public List<NodeId> holdersOf(PartitionId partition) {
        return holders.getOrDefault(partition, ahead.getOrDefault(partition, List.of()));
    }

    @Override
    public Optional<NodeId> primaryOf(PartitionId partition) {
        return Optional.ofNullable(primaries.get(partition));
    }

    @Override
    public Optional<Membership> foundersOf(PartitionId partition, NodeId node) {
        return Optional.ofNullable(founders.get(partition))
                .filter(nodes -> nodes.contains(node))
                .map(nodes -> new Membership(nodes, List.of()));
    }

    @Override
    public boolean isGone(PartitionId partition) {
        return gone.contains(partition);
    }
}
