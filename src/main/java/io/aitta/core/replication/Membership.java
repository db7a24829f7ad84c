package io.aitta.core.replication;

import io.aitta.core.NodeId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Who belongs to a replica group. Voters elect and commit by majority; learners are fed and count for nothing.
 * The order of the voters is the order in which they stand for election: the first is the preferred primary.
 *
 * @param voters no node twice, none that is a learner too; empty only in {@link #NONE}
 * @param learners no node twice
 */
public record Membership(List<NodeId> voters, List<NodeId> learners) {
    /** Of a replica that has not been told yet what it belongs to. */
    public static final Membership NONE = new Membership(List.of(), List.of());

    public Membership {
        voters = List.copyOf(voters);
        learners = List.copyOf(learners);
        var all = new LinkedHashSet<>(voters);
        all.addAll(learners);
        if (all.size() != voters.size() + learners.size()) {
            throw new IllegalArgumentException("a node stands twice in voters " + voters + ", learners " + learners);
        }
    }

    public static Membership ofVoters(NodeId... voters) {
        return new Membership(List.of(voters), List.of());
    }

    public boolean isVoter(NodeId node) {
        return voters.contains(node);
    }

    public boolean isLearner(NodeId node) {
        return learners.contains(node);
    }

    public boolean contains(NodeId node) {
        return isVoter(node) || isLearner(node);
    }

    /** The least number of voters of which any two such groups share one. */
    public int majority() {
        return voters.size() / 2 + 1;
    }

    /** Voters first, then learners. */
    public List<NodeId> all() {
        var all = new ArrayList<>(voters);
        all.addAll(learners);
        return all;
    }

    public Membership withLearner(NodeId node) {
        var more = new ArrayList<>(learners);
        more.add(node);
        return new Membership(voters, more);
    }

    /** Makes a learner a voter, the last in the order. */
    public Membership promoted(NodeId node) {
        var more = new ArrayList<>(voters);
        more.add(node);
        return new Membership(more, without(learners, node));
    }

    public Membership without(NodeId node) {
        return new Membership(without(voters, node), without(learners, node));
    }

    private static List<NodeId> without(List<NodeId> nodes, NodeId node) {
        return nodes.stream().filter(other -> !other.equals(node)).toList();
    }
}
