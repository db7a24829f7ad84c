package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.KnownCluster;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.Primary;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.Topology;
import io.aitta.partition.Placements;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Tells replicas who holds what, from the topology and, for the topology's own partition, from what the node remembers. */
final class TopologyPlacements implements Placements {
    private final Supplier<Topology> topology;
    /** The newest that is on disk. */
    private final Supplier<Topology> remembered;

    private final String incarnation;
    private volatile Optional<KnownCluster> cluster;

    /** @param remembered the newest that is on disk, the same as {@code topology} or older */
    TopologyPlacements(
            Supplier<Topology> topology,
            Supplier<Topology> remembered,
            String incarnation,
            Optional<KnownCluster> cluster) {
        this.topology = topology;
        this.remembered = remembered;
        this.incarnation = incarnation;
        this.cluster = cluster;
    }

    void welcomed(KnownCluster now) {
        cluster = Optional.of(now);
    }

    @Override
    public Set<PartitionId> heldBy(NodeId node) {
        var held = new HashSet<PartitionId>();
        var now = remembered.get();
        if (isMeant(now, node)) {
            now.partitionsOn(node).forEach(partition -> held.add(partition.id()));
        }
        if (isHeldBy(node, PartitionId.META)) {
            held.add(PartitionId.META);
        } else {
            held.remove(PartitionId.META);
        }
        return held;
    }

    @Override
    public boolean isHeldBy(NodeId node, PartitionId partition) {
        if (isMeta(partition)) {
            return holdsMeta(node);
        }
        var now = remembered.get();
        return isMeant(now, node)
                && now.partition(partition).filter(info -> info.isHeldBy(node)).isPresent();
    }

    @Override
    public boolean isKnown(NodeId node) {
        return isMeant(remembered.get(), node);
    }

    @Override
    public boolean isElsewhere(NodeId node, PartitionId partition) {
        if (isMeta(partition)) {
            return cluster.isPresent() && !holdsMeta(node);
        }
        var now = remembered.get();
        return isMeant(now, node)
                && now.partition(partition).filter(info -> !info.isHeldBy(node)).isPresent();
    }

    private static boolean isMeta(PartitionId partition) {
        return partition.equals(PartitionId.META);
    }

    /**
     * By what is remembered on disk, not by the topology: a node must know in its next life that it holds {@code _meta}
     * before it may be needed for finding the topology. Only for the very node that was chosen: another that took its name
     * has forgotten what it voted for.
     */
    private boolean holdsMeta(NodeId node) {
        return cluster.filter(known -> known.meta().stream()
                        .anyMatch(member -> member.node().equals(node)
                                && member.incarnation().equals(incarnation)))
                .isPresent();
    }

    /** Whether the node holds a copy that does not vote, or does not yet. */
    boolean isLearner(NodeId node, PartitionId partition) {
        return topology.get()
                .partition(partition)
                .filter(info -> info.learners().contains(node))
                .isPresent();
    }

    /** Whether the topology knows this node by this data directory. */
    boolean isRegistered(NodeId node) {
        return isMeant(topology.get(), node);
    }

    private boolean isMeant(Topology now, NodeId node) {
        return now.node(node)
                .filter(known -> known.incarnation().equals(incarnation))
                .isPresent();
    }

    @Override
    public List<NodeId> holdersOf(PartitionId partition) {
        var now = topology.get();
        var known = cluster;
        if (isMeta(partition)
                && known.isPresent()
                && (now.partition(partition).isEmpty() || known.get().asOf().isNewerThan(now.epoch()))) {
            return known.get().metaMembers();
        }
        return now.partition(partition)
                .map(info -> info.replicas().stream().map(ReplicaInfo::node).toList())
                .orElse(List.of());
    }

    @Override
    public Optional<NodeId> primaryOf(PartitionId partition) {
        return topology.get()
                .partition(partition)
                .flatMap(PartitionInfo::primary)
                .map(Primary::node);
    }

    @Override
    public Term termOf(PartitionId partition) {
        return topology.get().partition(partition).map(PartitionInfo::term).orElse(Term.ZERO);
    }

    @Override
    public Optional<Membership> foundersOf(PartitionId partition, NodeId node) {
        var now = remembered.get();
        var founders = isMeta(partition)
                ? cluster.filter(known -> holdsMeta(node)).map(KnownCluster::founders)
                : now.partition(partition).filter(info -> isMeant(now, node)).map(PartitionInfo::founders);
        return founders.filter(nodes -> nodes.contains(node)).map(nodes -> new Membership(nodes, List.of()));
    }

    @Override
    public boolean isGone(PartitionId partition) {
        var now = remembered.get();
        return !isMeta(partition)
                && now.epoch().value() >= partition.tableEpoch()
                && now.epoch().value() > 0
                && now.partition(partition).isEmpty();
    }
}
