package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.Term;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A group as its primary would report it; well unless said otherwise. The first voter is primary, in term 7. */
final class Groups {
    static final Term TERM = new Term(7);
    private static final LogIndex LAST = new LogIndex(1000);

    private final PartitionId partition;
    private NodeId primary;
    private final List<NodeId> voters;
    private List<NodeId> learners = List.of();
    private final Set<NodeId> unreachable = new HashSet<>();
    private final Set<NodeId> copying = new HashSet<>();
    private final Set<NodeId> lagging = new HashSet<>();
    private boolean serving = true;
    private boolean transferring;
    private boolean settled = true;
    private long epoch = Long.MAX_VALUE;

    private Groups(PartitionId partition, List<NodeId> voters) {
        this.partition = partition;
        this.voters = voters;
        this.primary = voters.get(0);
    }

    static Groups group(PartitionId partition, String... voters) {
        return new Groups(partition, ids(voters));
    }

    Groups learners(String... nodes) {
        learners = ids(nodes);
        return this;
    }

    Groups primary(String node) {
        primary = new NodeId(node);
        return this;
    }

    Groups unreachable(String... nodes) {
        unreachable.addAll(ids(nodes));
        return this;
    }

    Groups copying(String... nodes) {
        copying.addAll(ids(nodes));
        return this;
    }

    /** Its copy is complete, but what was written since is much. */
    Groups lagging(String... nodes) {
        lagging.addAll(ids(nodes));
        return this;
    }

    Groups notServing() {
        serving = false;
        return this;
    }

    Groups transferring() {
        transferring = true;
        return this;
    }

    Groups unsettled() {
        settled = false;
        return this;
    }

    Groups atEpoch(Epoch known) {
        epoch = known.value();
        return this;
    }

    PartitionReport report() {
        Map<NodeId, PartitionReport.Peer> peers = new HashMap<>();
        Stream.concat(voters.stream(), learners.stream())
                .filter(node -> !node.equals(primary))
                .forEach(node -> peers.put(node, peer(node)));
        return new PartitionReport(
                partition,
                primary,
                TERM,
                serving,
                transferring,
                settled,
                null,
                LAST,
                LAST,
                new Membership(voters, learners),
                peers,
                new Epoch(epoch));
    }

    private PartitionReport.Peer peer(NodeId node) {
        boolean reachable = !unreachable.contains(node);
        boolean isClose = reachable && !copying.contains(node) && !lagging.contains(node);
        LogIndex match = copying.contains(node) ? LogIndex.ZERO : isClose ? LAST : new LogIndex(500);
        return new PartitionReport.Peer(match, reachable, copying.contains(node), isClose);
    }

    static List<NodeId> ids(String... nodes) {
        return Stream.of(nodes).map(NodeId::new).toList();
    }

    static Optional<NodeId> some(String node) {
        return Optional.of(new NodeId(node));
    }
}
