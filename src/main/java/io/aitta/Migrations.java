package io.aitta;

import io.aitta.core.PartitionId;
import io.aitta.core.topology.Move;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.Topology;
import io.aitta.proto.v1.Migration;
import io.aitta.proto.v1.Partition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/** The moves of a topology, with how far they are by the word of the nodes that are at work on them. Thread-safe. */
final class Migrations {
    private final LiveState live;

    Migrations(LiveState live) {
        this.live = live;
    }

    /** Those under way; by id. */
    CompletionStage<List<Migration>> of(Topology topology, Predicate<Move> wanted, long deadlineNanos) {
        List<Move> moves = topology.moves().underWay().stream().filter(wanted).toList();
        if (moves.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        var partitions = moves.stream()
                .flatMap(move -> topology.partition(move.partition()).stream())
                .toList();
        return live.ofGroups(partitions, deadlineNanos)
                .thenApply(told -> moves.stream().map(move -> of(move, told)).toList());
    }

    static Migration of(Move move, LiveState.Told told) {
        return MigrationMessages.underWay(
                move,
                told.group(move.partition()),
                move.to().flatMap(target -> told.replica(move.partition(), target)));
    }

    /** As it was just begun, or has ended already; empty if the topology has none of this partition. */
    static Optional<Migration> newest(Topology topology, PartitionId partition) {
        Optional<Migration> underWay = Optional.ofNullable(
                        topology.moves().byPartition().get(partition))
                .map(move -> MigrationMessages.underWay(move, Optional.empty(), Optional.empty()).toBuilder()
                        .clearMessage()
                        .build());
        return underWay.or(() -> topology.moves().ended().stream()
                .filter(ended -> ended.move().partition().equals(partition))
                .reduce((before, after) -> after)
                .map(MigrationMessages::ended));
    }

    /**
     * A partition as in the topology.
     *
     * @param underWay the topology's moves
     */
    static Partition plain(Topology topology, PartitionInfo partition, Map<PartitionId, Move> underWay) {
        Move move = underWay.get(partition.id());
        int wanted = topology.table(partition.id().table())
                .map(table -> table.replicasWantedOf(partition))
                .orElse(partition.replicasWanted());
        return TopologyEncoder.encode(partition, wanted, move == null ? 0 : move.id());
    }
}
