package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Term;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who holds a partition.
 *
 * @param replicas in order of election preference: the first is the preferred primary; at least one, no node twice
 * @param founders the voters it was founded with, in their order; empty from the day on when one of them was first taken
 *     away: its node might come back without its data, and must not begin as a founder again
 * @param primary as last reported, one of the replicas; it may have changed since
 * @param term the newest in which a primary was reported, whatever has become of it: who comes without data, and may have
 *     forgotten what it promised, must not listen to anybody of an earlier one. 0: none was reported
 * @param replicasWanted voters, if somebody has added or removed one by hand beyond what the table wants; 0: as many as
 *     the table wants
 * @param recovering its majority was given up: its replicas are to be told that they are the whole group now. Only so
 *     long may they be told
 */
public record PartitionInfo(
        PartitionId id,
        List<ReplicaInfo> replicas,
        List<NodeId> founders,
        Optional<Primary> primary,
        Term term,
        int replicasWanted,
        boolean recovering) {
    public PartitionInfo {
        if (primary.isPresent() && primary.get().term().isNewerThan(term)) {
            throw new IllegalArgumentException("partition " + id + " of " + primary.get() + " with term " + term);
        }
        replicas = List.copyOf(replicas);
        founders = List.copyOf(founders);
        var nodes = new HashSet<NodeId>();
        for (ReplicaInfo replica : replicas) {
            if (!nodes.add(replica.node())) {
                throw new IllegalArgumentException("partition " + id + " has two replicas on node " + replica.node());
            }
        }
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("partition " + id + " has no replicas");
        }
    }

    /** One that is not being recovered. */
    public PartitionInfo(
            PartitionId id,
            List<ReplicaInfo> replicas,
            List<NodeId> founders,
            Optional<Primary> primary,
            int replicasWanted) {
        this(id, replicas, founders, primary, primary.map(Primary::term).orElse(Term.ZERO), replicasWanted, false);
    }

    /** A partition that nobody has led yet. */
    public static PartitionInfo founded(PartitionId id, List<NodeId> voters) {
        return new PartitionInfo(id, voters.stream().map(ReplicaInfo::voter).toList(), voters, Optional.empty(), 0);
    }

    public NodeId preferredPrimary() {
        return replicas.get(0).node();
    }

    public List<NodeId> voters() {
        return withRole(ReplicaInfo.Role.VOTER);
    }

    public List<NodeId> learners() {
        return withRole(ReplicaInfo.Role.LEARNER);
    }

    public boolean isHeldBy(NodeId node) {
        for (ReplicaInfo replica : replicas) {
            if (replica.node().equals(node)) {
                return true;
            }
        }
        return false;
    }

    /** @param reported of a newer term than any before */
    public PartitionInfo withPrimary(Primary reported) {
        return new PartitionInfo(
                id, replicas, founders, Optional.of(reported), reported.term(), replicasWanted, recovering);
    }

    public PartitionInfo withReplicasWanted(int wanted) {
        return new PartitionInfo(id, replicas, founders, primary, term, wanted, recovering);
    }

    public PartitionInfo withRecovering(boolean recovering) {
        return new PartitionInfo(id, replicas, founders, primary, term, replicasWanted, recovering);
    }

    /** With one more, the last in the order. */
    public PartitionInfo with(ReplicaInfo added) {
        var more = new ArrayList<>(replicas);
        more.add(added);
        return new PartitionInfo(id, more, founders, primary, term, replicasWanted, recovering);
    }

    /** The replica on {@code promoted.node()} in another role, in the same place. */
    public PartitionInfo withRole(ReplicaInfo promoted) {
        var changed = replicas.stream()
                .map(replica -> replica.node().equals(promoted.node()) ? promoted : replica)
                .toList();
        return new PartitionInfo(id, changed, founders, primary, term, replicasWanted, recovering);
    }

    /** Without the replica on {@code gone}; it cannot be founded again if that was a founder's. */
    public PartitionInfo without(NodeId gone) {
        var fewer = replicas.stream()
                .filter(replica -> !replica.node().equals(gone))
                .toList();
        return new PartitionInfo(
                id,
                fewer,
                founders.contains(gone) ? List.of() : founders,
                primary.filter(reported -> !reported.node().equals(gone)),
                term,
                replicasWanted,
                recovering);
    }

    /** With the replicas on {@code survivors} alone, as voters, who are to be told; it cannot be founded again. */
    public PartitionInfo recovering(Set<NodeId> survivors) {
        var left = replicas.stream()
                .map(ReplicaInfo::node)
                .filter(survivors::contains)
                .map(ReplicaInfo::voter)
                .toList();
        return new PartitionInfo(
                id,
                left,
                List.of(),
                primary.filter(reported -> survivors.contains(reported.node())),
                term,
                replicasWanted,
                true);
    }

    /** The replica on {@code node} put in the place of the order where {@code position} counts from 0. */
    public PartitionInfo withOrder(NodeId node, int position) {
        var moved = replica(node).orElseThrow();
        var others = new ArrayList<>(replicas);
        others.remove(moved);
        others.add(Math.min(position, others.size()), moved);
        return new PartitionInfo(id, others, founders, primary, term, replicasWanted, recovering);
    }

    /** In the order of preference, from 0; as many as there are replicas for a node that holds none. */
    public int placeOf(NodeId node) {
        int place = 0;
        while (place < replicas.size() && !replicas.get(place).node().equals(node)) {
            place++;
        }
        return place;
    }

    public Optional<ReplicaInfo> replica(NodeId node) {
        return replicas.stream().filter(replica -> replica.node().equals(node)).findFirst();
    }

    private List<NodeId> withRole(ReplicaInfo.Role role) {
        return replicas.stream()
                .filter(replica -> replica.role() == role)
                .map(ReplicaInfo::node)
                .toList();
    }
}
