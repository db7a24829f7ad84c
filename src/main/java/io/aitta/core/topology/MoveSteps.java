package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Membership;
import io.aitta.core.topology.EndedMove.Outcome;
import io.aitta.core.topology.TopologyCommand.EndMoves;
import io.aitta.core.topology.TopologyCommand.MoveEnd;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What comes next in a move, by how the partition's group stands. Pure: any orchestrator finds the same.
 *
 * <pre>
 *   AddLearner, full copy and catch-up, (SlowDown), Promote, (Transfer if the primary is to go), Remove, done
 *   cancelled: Remove of the new one, done; but once it is primary, or the old one is out, forward as above
 * </pre>
 *
 * A copy goes only when the one that takes its place has the data and can be reached, and a voter only if a majority of
 * those that stay can be reached. A new copy that is to remain a learner is never promoted.
 *
 * <p>Two orchestrators may be at work at once, and orders come late. So the primary's node too looks whether its own
 * topology wants what it is told ({@link #allows}): what was ordered for a move that is over is declined.
 */
public final class MoveSteps {
    /** A voter that lacks no more entries than these can take over the primary's role within moments. */
    static final int CLOSE_ENTRIES = 64;

    private MoveSteps() {}

    /** What is to be done next. */
    public sealed interface Next {
        /** Tell the primary. */
        record Tell(StepOrder order) implements Next {}

        /** Write to the topology: the move's end. {@code nowMillis} is 0: whoever writes it knows the time. */
        record Write(TopologyCommand command) implements Next {}

        /** Nothing for now. @param why a few words for people, such as "copying" */
        record Wait(String why) implements Next {}
    }

    /** @param report of the partition's present primary */
    public static Next next(Move move, PartitionReport report) {
        if (report.transferring()) {
            return new Next.Wait("handing over");
        } else if (!report.serving()) {
            return new Next.Wait("waiting for the primary to be ready");
        } else if (!report.settled()) {
            return new Next.Wait("agreeing on the members");
        }
        return move.cancelling() && canBeTakenBack(move, report) ? takeBack(move, report) : goForward(move, report);
    }

    /** False once the new replica is the primary or the old one is out of the group: then it can only be finished. */
    public static boolean canBeTakenBack(Move move, PartitionReport report) {
        boolean isPrimary = move.to().filter(report.primary()::equals).isPresent();
        Membership members = report.membership();
        boolean isOut = move.from().filter(from -> !members.contains(from)).isPresent();
        boolean isIn = move.to()
                .map(to -> members.isVoter(to) || move.role() == ReplicaInfo.Role.LEARNER && members.contains(to))
                .orElse(true);
        return !isPrimary && !(isOut && isIn);
    }

    private static Next takeBack(Move move, PartitionReport report) {
        Optional<NodeId> added = move.to().filter(report.membership()::contains);
        return added.isPresent() ? remove(added.get(), report) : end(move, Outcome.CANCELLED, "");
    }

    private static Next goForward(Move move, PartitionReport report) {
        return move.to().flatMap(to -> bringIn(to, move, report)).orElseGet(() -> letGo(move, report));
    }

    /** Empty: the new replica is what it is to be. */
    private static Optional<Next> bringIn(NodeId to, Move move, PartitionReport report) {
        Membership members = report.membership();
        if (members.isVoter(to)) {
            return Optional.empty();
        } else if (!members.isLearner(to)) {
            return tell(new StepOrder.AddLearner(report.partition(), report.primary(), report.term(), to));
        }
        PartitionReport.Peer peer = report.peers().get(to);
        if (peer == null || !peer.reachable()) {
            return Optional.of(new Next.Wait("waiting for " + to));
        } else if (peer.copying()) {
            return Optional.of(new Next.Wait("copying"));
        } else if (!peer.caughtUp()) {
            return Optional.of(new Next.Wait("catching up"));
        } else if (move.role() == ReplicaInfo.Role.LEARNER) {
            return Optional.empty();
        }
        return isMajorityReachable(members.promoted(to), report)
                ? tell(new StepOrder.Promote(report.partition(), report.primary(), report.term(), to))
                : Optional.of(new Next.Wait("waiting for a majority"));
    }

    private static Next letGo(Move move, PartitionReport report) {
        Optional<NodeId> leaving = move.from().filter(report.membership()::contains);
        if (leaving.isEmpty()) {
            return end(move, Outcome.DONE, "");
        }
        NodeId from = leaving.get();
        if (report.membership().voters().equals(List.of(from))) {
            return end(move, Outcome.FAILED, from + " holds the only voter");
        } else if (from.equals(report.primary())) {
            return handOver(move, report);
        } else if (!isReplaced(move, report) && !isInTheWay(from, report)) {
            return new Next.Wait("waiting for those that stay");
        }
        return remove(from, report);
    }

    /** Whether a copy may go: its successor is there, or if it has none, all other voters are, or it is away. */
    private static boolean isReplaced(Move move, PartitionReport report) {
        if (move.to().isPresent()) {
            return report.isReachable(move.to().get());
        }
        return move.cause() == Move.Cause.ORDERED
                || report.membership().isLearner(move.from().orElseThrow())
                || report.membership().without(move.from().orElseThrow()).voters().stream()
                        .allMatch(report::isReachable)
                || !report.isReachable(move.from().orElseThrow());
    }

    /** One that cannot be reached goes even if nobody is in its place yet, if without it there is a majority again. */
    private static boolean isInTheWay(NodeId from, PartitionReport report) {
        return !report.isReachable(from) && !isMajorityReachable(report.membership(), report);
    }

    /** To the new replica if it is close, since it takes the old one's place; else to who has most. */
    private static Next handOver(Move move, PartitionReport report) {
        Optional<NodeId> successor = move.to().filter(to -> canTakeOver(to, report));
        return successor
                .or(() -> report.membership().voters().stream()
                        .filter(voter -> canTakeOver(voter, report))
                        .max(Comparator.comparing(
                                voter -> report.peers().get(voter).match())))
                .<Next>map(target -> new Next.Tell(
                        new StepOrder.Transfer(report.partition(), report.primary(), report.term(), target)))
                .orElseGet(() -> new Next.Wait("waiting for a voter that can take over"));
    }

    /** A voter other than the primary that can be reached and lacks little. */
    static boolean canTakeOver(NodeId node, PartitionReport report) {
        PartitionReport.Peer peer = report.peers().get(node);
        return report.membership().isVoter(node)
                && peer != null
                && peer.reachable()
                && !peer.copying()
                && LogIndex.ZERO.compareTo(peer.match()) < 0
                && peer.match().plus(CLOSE_ENTRIES).compareTo(report.last()) >= 0;
    }

    /** A member other than the primary. */
    static Next remove(NodeId member, PartitionReport report) {
        Membership left = report.membership().without(member);
        return isMajorityReachable(left, report)
                ? new Next.Tell(new StepOrder.Remove(report.partition(), report.primary(), report.term(), member))
                : new Next.Wait("waiting for a majority");
    }

    private static boolean isMajorityReachable(Membership members, PartitionReport report) {
        return members.voters().stream().filter(report::isReachable).count() >= members.majority();
    }

    private static Optional<Next> tell(StepOrder order) {
        return Optional.of(new Next.Tell(order));
    }

    private static Next end(Move move, Outcome outcome, String message) {
        return new Next.Write(new EndMoves(List.of(new MoveEnd(move.id(), outcome, message)), 0));
    }

    /**
     * Whether a topology wants what is ordered. To be asked of the primary's node's own topology just before an order is
     * handed to the replica, in the order of their coming: a node's topology never goes back, so when an order for a move
     * was taken, none for an earlier move will be. If the node has not heard of the move yet, the order will come again.
     */
    public static boolean allows(Topology topology, StepOrder order) {
        Optional<PartitionInfo> known = topology.partition(order.partition());
        if (known.isEmpty()) {
            return false;
        }
        PartitionInfo partition = known.get();
        Move move = topology.moves().underWay().stream()
                .filter(one -> one.partition().equals(order.partition()))
                .findFirst()
                .orElse(null);
        if (order instanceof StepOrder.AddLearner add) {
            return isBroughtIn(add.learner(), move);
        } else if (order instanceof StepOrder.Promote promote) {
            return isBroughtIn(promote.learner(), move) && move.role() == ReplicaInfo.Role.VOTER;
        } else if (order instanceof StepOrder.Remove remove) {
            return !partition.isHeldBy(remove.member()) || isTakenOut(remove, move);
        } else if (order instanceof StepOrder.Recover recover) {
            return partition.recovering() && partition.voters().equals(recover.survivors());
        }
        return true;
    }

    private static boolean isBroughtIn(NodeId learner, Move move) {
        // A move that was cancelled too late is finished; but nobody needs to come in for that any more.
        return move != null && !move.cancelling() && move.to().equals(Optional.of(learner));
    }

    private static boolean isTakenOut(StepOrder.Remove remove, Move move) {
        if (move == null) {
            return false;
        }
        boolean isTooLateToCancel = move.to().equals(Optional.of(remove.primary()));
        return move.cancelling() && !isTooLateToCancel
                ? move.to().equals(Optional.of(remove.member()))
                : move.from().equals(Optional.of(remove.member()));
    }
}
