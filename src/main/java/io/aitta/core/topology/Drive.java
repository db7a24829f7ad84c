package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.topology.EndedMove.Outcome;
import io.aitta.core.topology.TopologyCommand.MoveEnd;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Brings the moves that are under way forward by {@link MoveSteps}, has writers slowed down where a learner cannot catch
 * up, and takes moves back whose target is away for too long. Not thread-safe.
 */
final class Drive {
    private final Conductor.Settings settings;

    /** In which epoch a move was first seen to be as it is: only a node that knows it so is listened to. */
    private record Seen(Move move, Epoch epoch) {}

    private final Map<Long, Seen> seen = new HashMap<>();
    /** Since when a learner's copy is complete and it lags all the same; by move. */
    private final Map<Long, Long> laggingSince = new HashMap<>();
    /** Why this orchestrator had a move taken back. */
    private final Map<Long, String> takenBack = new HashMap<>();

    private List<MoveEnd> ends = new ArrayList<>();
    private List<Planner.Preference> promoted = new ArrayList<>();
    private List<Long> cancels = new ArrayList<>();

    Drive(Conductor.Settings settings) {
        this.settings = settings;
    }

    void decide(Situation now) {
        ends = new ArrayList<>();
        promoted = new ArrayList<>();
        cancels = new ArrayList<>();
        var ids = new HashSet<Long>();
        for (Move move : now.topology().moves().underWay()) {
            ids.add(move.id());
            drive(move, now.topology().partition(move.partition()).orElseThrow(), now);
        }
        forgetOthers(ids);
    }

    private void forgetOthers(Set<Long> ids) {
        seen.keySet().retainAll(ids);
        laggingSince.keySet().retainAll(ids);
        takenBack.keySet().retainAll(ids);
    }

    /** Moves that are over. */
    List<MoveEnd> ends() {
        return ends;
    }

    List<Planner.Preference> promoted() {
        return promoted;
    }

    /** Moves that are to be taken back. */
    List<Long> cancels() {
        return cancels;
    }

    private void drive(Move move, PartitionInfo partition, Situation now) {
        Seen present = seen.compute(
                move.id(),
                (id, last) -> last != null && last.move.equals(move)
                        ? last
                        : new Seen(move, now.topology().epoch()));
        PartitionReport told = now.report(move.partition());
        PartitionReport report = isOfUse(told, partition, present) ? told : null;
        String hopeless = move.cancelling() ? "" : hopeless(move, partition, now);
        if (!hopeless.isEmpty() && (report == null || MoveSteps.canBeTakenBack(move, report))) {
            takenBack.put(move.id(), hopeless);
            cancels.add(move.id());
        } else if (report != null && !isNews(move, partition, report)) {
            step(move, report, now);
        }
    }

    private static boolean isOfUse(PartitionReport report, PartitionInfo partition, Seen present) {
        return report != null
                && !present.epoch.isNewerThan(report.epoch())
                && !partition.term().isNewerThan(report.term());
    }

    /** A learner that has become a voter must be one in the topology too before anybody goes. */
    private boolean isNews(Move move, PartitionInfo partition, PartitionReport report) {
        boolean isNews = report.serving()
                && report.settled()
                && move.to()
                        .filter(report.membership()::isVoter)
                        .flatMap(partition::replica)
                        .filter(replica -> replica.role() == ReplicaInfo.Role.LEARNER)
                        .isPresent()
                && move.role() == ReplicaInfo.Role.VOTER
                && !(move.cancelling() && MoveSteps.canBeTakenBack(move, report));
        if (isNews) {
            promoted.add(new Planner.Preference(move.partition(), move.to().orElseThrow()));
        }
        return isNews;
    }

    /** Why it should be taken back; empty: it should not. */
    private String hopeless(Move move, PartitionInfo partition, Situation now) {
        NodeTimes times = now.times();
        if (move.to().isPresent()) {
            NodeId to = move.to().get();
            if (now.topology().node(to).filter(node -> node.orders().lost()).isPresent()) {
                return "node " + to + " was given up";
            }
            return times.awayFor(to) > settings.targetPatienceNanos() ? isAway(to) : "";
        }
        // What is too many must not block the repair of those that are lost.
        boolean isByHand = move.cause() == Move.Cause.ORDERED;
        boolean isThere = move.from()
                .filter(from -> times.isUp(from) && partition.voters().contains(from))
                .isPresent();
        return partition.voters().stream()
                .filter(voter -> !isByHand && isThere && times.awayFor(voter) > settings.targetPatienceNanos())
                .findFirst()
                .map(Drive::isAway)
                .orElse("");
    }

    private static String isAway(NodeId node) {
        return "node " + node + " has been away for too long";
    }

    private void step(Move move, PartitionReport report, Situation now) {
        MoveSteps.Next next = MoveSteps.next(move, report);
        if (next instanceof MoveSteps.Next.Write write && write.command() instanceof TopologyCommand.EndMoves over) {
            over.ends().forEach(end -> ends.add(explained(move, end, now.times())));
        } else if (next instanceof MoveSteps.Next.Tell tell) {
            boolean isInVain = tell.order() instanceof StepOrder.AddLearner add
                    && !now.times().isUp(add.learner());
            if (!isInVain) {
                now.order(tell.order());
            }
        }
        slowDown(move, report, now);
    }

    /** A move that nobody asked to cancel, but an orchestrator has taken back, has failed. */
    private MoveEnd explained(Move move, MoveEnd end, NodeTimes times) {
        if (end.outcome() != Outcome.CANCELLED) {
            return end;
        }
        String why = takenBack.containsKey(move.id())
                ? takenBack.get(move.id())
                : move.to().filter(to -> !times.isUp(to)).map(Drive::isAway).orElse("");
        return why.isEmpty() ? end : new MoveEnd(end.id(), Outcome.FAILED, why);
    }

    private void slowDown(Move move, PartitionReport report, Situation now) {
        boolean isLagging = report.serving()
                && !move.cancelling()
                && move.to()
                        .filter(report.membership()::isLearner)
                        .map(report.peers()::get)
                        .filter(peer -> peer.reachable() && !peer.copying() && !peer.caughtUp())
                        .filter(peer -> peer.match().isAfter(LogIndex.ZERO))
                        .isPresent();
        if (!isLagging) {
            laggingSince.remove(move.id());
        } else if (now.nowNanos() - laggingSince.computeIfAbsent(move.id(), id -> now.nowNanos())
                >= settings.slowDownAfterNanos()) {
            now.order(new StepOrder.SlowDown(
                    move.partition(), report.primary(), report.term(), move.to().orElseThrow()));
        }
    }
}
