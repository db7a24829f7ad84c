package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.core.topology.EndedMove;
import io.aitta.core.topology.Move;
import io.aitta.core.topology.MoveSteps;
import io.aitta.core.topology.PartitionReport;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.partition.Stewards.ReplicaReport;
import io.aitta.proto.v1.Migration;
import io.aitta.proto.v1.MigrationPhase;
import io.aitta.proto.v1.MoveCause;
import java.util.Optional;

/**
 * Moves in the API's words. How far one is, its group's membership tells, and what the new replica's node says of the copy
 * it is given: nobody keeps a record of steps.
 */
final class MigrationMessages {
    /** A copy that is complete is so much of the way: what has come since is to follow. */
    private static final int COPIED_PERCENT = 90;

    private MigrationMessages() {}

    /**
     * @param report of the primary; empty: none has answered
     * @param target what the node that gets the replica says of it, if it gets one and answers
     */
    static Migration underWay(Move move, Optional<PartitionReport> report, Optional<ReplicaReport> target) {
        MigrationPhase phase = phase(move, report, target);
        var message = of(move).setPhase(phase)
                .setPercent(percent(move, phase, report, target))
                .setMessage(message(phase, move, report, target));
        target.ifPresent(copy -> message.setCopiedBytes(copy.copiedBytes()).setCopyBytes(copy.copyBytes()));
        peer(move, report).ifPresent(peer -> message.setLag(lag(report.get(), peer)));
        return message.build();
    }

    static Migration ended(EndedMove ended) {
        return of(ended.move())
                .setPhase(
                        switch (ended.outcome()) {
                            case DONE -> MigrationPhase.DONE;
                            case CANCELLED -> MigrationPhase.CANCELLED;
                            case FAILED -> MigrationPhase.FAILED;
                        })
                .setPercent(ended.outcome() == EndedMove.Outcome.DONE ? 100 : 0)
                .setMessage(ended.message())
                .setEndedMillis(ended.endedMillis())
                .build();
    }

    static MoveCause cause(Move.Cause cause) {
        return switch (cause) {
            case REPAIR -> MoveCause.REPAIR;
            case ORDERED -> MoveCause.ORDERED;
            case FILL -> MoveCause.FILL;
            case DRAIN -> MoveCause.DRAIN;
            case EXCESS -> MoveCause.EXCESS;
            case ZONE -> MoveCause.ZONE;
            case BALANCE -> MoveCause.BALANCE;
        };
    }

    private static Migration.Builder of(Move move) {
        return Migration.newBuilder()
                .setId(move.id())
                .setTable(move.partition().table())
                .setPartition(move.partition().partition())
                .setFrom(move.from().map(NodeId::value).orElse(""))
                .setTo(move.to().map(NodeId::value).orElse(""))
                .setLearner(move.to().isPresent() && move.role() == ReplicaInfo.Role.LEARNER)
                .setCause(cause(move.cause()))
                .setBegunMillis(move.begunMillis());
    }

    private static MigrationPhase phase(Move move, Optional<PartitionReport> report, Optional<ReplicaReport> target) {
        if (move.cancelling()) {
            return MigrationPhase.TAKING_BACK;
        }
        if (report.isEmpty()) {
            return MigrationPhase.WAITING;
        }
        var group = report.get();
        boolean leaves = move.from().filter(group.membership()::contains).isPresent();
        if (move.to().isPresent() && !hasJoined(move, group)) {
            return arriving(move.to().get(), group, target);
        }
        if (!leaves) {
            // Only the topology does not say so yet.
            return MigrationPhase.LEAVING;
        }
        boolean leads = move.from().get().equals(group.primary());
        return leads || group.transferring() ? MigrationPhase.HANDING_OVER : MigrationPhase.LEAVING;
    }

    /** The new replica is in the role it is to have, and has caught up. */
    private static boolean hasJoined(Move move, PartitionReport group) {
        NodeId to = move.to().get();
        if (move.role() == ReplicaInfo.Role.VOTER) {
            return group.membership().isVoter(to);
        }
        var peer = group.peers().get(to);
        return group.membership().isLearner(to) && peer != null && peer.caughtUp();
    }

    private static MigrationPhase arriving(NodeId to, PartitionReport group, Optional<ReplicaReport> target) {
        var peer = group.peers().get(to);
        if (!group.membership().contains(to) || peer == null) {
            return MigrationPhase.WAITING;
        }
        boolean copying =
                peer.copying() || target.filter(copy -> copy.copyBytes() > 0).isPresent();
        if (copying) {
            return MigrationPhase.COPYING;
        }
        return to.equals(group.slowedFor()) ? MigrationPhase.SLOWING_DOWN : MigrationPhase.CATCHING_UP;
    }

    private static int percent(
            Move move, MigrationPhase phase, Optional<PartitionReport> report, Optional<ReplicaReport> target) {
        return switch (phase) {
            case COPYING ->
                target.filter(copy -> copy.copyBytes() > 0)
                        .map(copy ->
                                (int) (Math.min(1.0, (double) copy.copiedBytes() / copy.copyBytes()) * COPIED_PERCENT))
                        .orElse(0);
            case CATCHING_UP, SLOWING_DOWN ->
                peer(move, report).map(peer -> caughtUp(report.get(), peer)).orElse(0);
            case HANDING_OVER, LEAVING -> move.to().isPresent() ? 100 : 0;
            default -> 0;
        };
    }

    private static int caughtUp(PartitionReport group, PartitionReport.Peer peer) {
        if (peer.caughtUp()) {
            return 100;
        }
        long last = group.last().value();
        return last == 0 ? 0 : (int) Math.min(99, (double) peer.match().value() / last * 100);
    }

    private static Optional<PartitionReport.Peer> peer(Move move, Optional<PartitionReport> report) {
        return move.to().flatMap(to -> report.map(group -> group.peers().get(to)));
    }

    private static long lag(PartitionReport group, PartitionReport.Peer peer) {
        return Math.max(0, group.last().value() - peer.match().value());
    }

    private static String message(
            MigrationPhase phase, Move move, Optional<PartitionReport> report, Optional<ReplicaReport> target) {
        if (report.isEmpty()) {
            return "no primary of the partition answers";
        }
        var silent = peer(move, report).filter(peer -> !peer.reachable());
        if (silent.isPresent()) {
            return "node " + move.to().get() + " does not answer";
        }
        if (phase == MigrationPhase.WAITING && !report.get().settled()) {
            return "another change of the partition's membership goes first";
        }
        if (phase == MigrationPhase.COPYING
                && target.filter(copy -> copy.copyBytes() == 0).isPresent()) {
            return "no copy is being fetched: node " + move.to().get()
                    + " fetches as many as it may, or its log tells why it cannot";
        }
        return obstacle(move, report.get());
    }

    /** What the next step waits for; empty if it is on its way, which the phase tells. */
    private static String obstacle(Move move, PartitionReport group) {
        boolean goesOn = group.transferring()
                || !group.settled()
                || peer(move, Optional.of(group))
                        .filter(peer -> !peer.caughtUp())
                        .isPresent();
        return !goesOn && MoveSteps.next(move, group) instanceof MoveSteps.Next.Wait wait ? wait.why() : "";
    }
}
