package io.aitta.orchestrator;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.EndedMove;
import io.aitta.core.topology.EndedMove.Outcome;
import io.aitta.core.topology.Move;
import io.aitta.core.topology.Moves;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.TopologyCommand.MoveEnd;
import io.aitta.proto.record.v1.EndedMoveRecord;
import io.aitta.proto.record.v1.MoveEndRecord;
import io.aitta.proto.record.v1.MoveOutcome;
import io.aitta.proto.record.v1.MoveRecord;
import io.aitta.proto.record.v1.MovesRecord;
import io.aitta.proto.record.v1.PartitionIdRecord;
import java.util.Optional;

/** Moves as records: as part of the topology, and of what changed in it. */
final class MoveCodec {
    private MoveCodec() {}

    static MovesRecord encode(Moves moves) {
        var record = MovesRecord.newBuilder().setBegun(moves.begun()).setBalancingPaused(moves.balancingPaused());
        moves.underWay().forEach(move -> record.addUnderWay(encode(move)));
        for (EndedMove ended : moves.ended()) {
            record.addEnded(EndedMoveRecord.newBuilder()
                    .setMove(encode(ended.move()))
                    .setOutcome(encode(ended.outcome()))
                    .setMessage(ended.message())
                    .setEndedMillis(ended.endedMillis()));
        }
        return record.build();
    }

    static Moves decode(MovesRecord record) {
        return new Moves(
                record.getBegun(),
                record.getUnderWayList().stream().map(MoveCodec::decode).toList(),
                record.getEndedList().stream()
                        .map(ended -> new EndedMove(
                                decode(ended.getMove()),
                                decode(ended.getOutcome()),
                                ended.getMessage(),
                                ended.getEndedMillis()))
                        .toList(),
                record.getBalancingPaused());
    }

    static MoveRecord encode(Move move) {
        return MoveRecord.newBuilder()
                .setId(move.id())
                .setPartition(encode(move.partition()))
                .setTo(move.to().map(NodeId::value).orElse(""))
                .setFrom(move.from().map(NodeId::value).orElse(""))
                .setLearner(move.role() == ReplicaInfo.Role.LEARNER)
                .setCause(encode(move.cause()))
                .setCancelling(move.cancelling())
                .setBegunMillis(move.begunMillis())
                .build();
    }

    static Move decode(MoveRecord record) {
        return new Move(
                record.getId(),
                decode(record.getPartition()),
                nodeOrNone(record.getTo()),
                nodeOrNone(record.getFrom()),
                record.getLearner() ? ReplicaInfo.Role.LEARNER : ReplicaInfo.Role.VOTER,
                cause(record.getCause()),
                record.getCancelling(),
                record.getBegunMillis());
    }

    static MoveEndRecord encode(MoveEnd end) {
        return MoveEndRecord.newBuilder()
                .setId(end.id())
                .setOutcome(encode(end.outcome()))
                .setMessage(end.message())
                .build();
    }

    static MoveEnd decode(MoveEndRecord record) {
        return new MoveEnd(record.getId(), decode(record.getOutcome()), record.getMessage());
    }

    static PartitionIdRecord encode(PartitionId id) {
        return PartitionIdRecord.newBuilder()
                .setTable(id.table())
                .setTableEpoch(id.tableEpoch())
                .setPartition(id.partition())
                .build();
    }

    static PartitionId decode(PartitionIdRecord record) {
        return new PartitionId(record.getTable(), record.getTableEpoch(), record.getPartition());
    }

    /** @param id empty: none */
    static Optional<NodeId> nodeOrNone(String id) {
        return id.isEmpty() ? Optional.empty() : Optional.of(new NodeId(id));
    }

    private static MoveOutcome encode(Outcome outcome) {
        return switch (outcome) {
            case DONE -> MoveOutcome.MOVE_DONE;
            case CANCELLED -> MoveOutcome.MOVE_CANCELLED;
            case FAILED -> MoveOutcome.MOVE_FAILED;
        };
    }

    private static Outcome decode(MoveOutcome outcome) {
        return switch (outcome) {
            case MOVE_DONE -> Outcome.DONE;
            case MOVE_CANCELLED -> Outcome.CANCELLED;
            case MOVE_FAILED -> Outcome.FAILED;
            case MOVE_OUTCOME_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("a move that ended in a way this build does not know");
        };
    }

    /** The numbers of aitta.v1.MoveCause. */
    private static int encode(Move.Cause cause) {
        return switch (cause) {
            case REPAIR -> 1;
            case ORDERED -> 2;
            case FILL -> 3;
            case DRAIN -> 4;
            case EXCESS -> 5;
            case ZONE -> 6;
            case BALANCE -> 7;
        };
    }

    private static Move.Cause cause(int number) {
        return switch (number) {
            case 1 -> Move.Cause.REPAIR;
            case 2 -> Move.Cause.ORDERED;
            case 3 -> Move.Cause.FILL;
            case 4 -> Move.Cause.DRAIN;
            case 5 -> Move.Cause.EXCESS;
            case 6 -> Move.Cause.ZONE;
            case 7 -> Move.Cause.BALANCE;
            default -> throw new IllegalArgumentException("a move for the unknown cause " + number);
        };
    }
}
