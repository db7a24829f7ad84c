package io.aitta.core.topology;

import io.aitta.core.PartitionId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All moves of a topology. Immutable.
 *
 * @param begun how many there were so far; the id of the last
 * @param underWay by id
 * @param ended the last ones, at most {@link #ENDED_KEPT}, the newest last
 * @param balancingPaused nothing is moved for the balance's sake until that is ended; repairs and orders go on
 */
public record Moves(long begun, List<Move> underWay, List<EndedMove> ended, boolean balancingPaused) {
    public static final Moves NONE = new Moves(0, List.of(), List.of(), false);
    /** How many ended moves are remembered. */
    public static final int ENDED_KEPT = 100;

    public Moves {
        underWay = List.copyOf(underWay);
        ended = List.copyOf(ended.size() > ENDED_KEPT ? ended.subList(ended.size() - ENDED_KEPT, ended.size()) : ended);
    }

    public Optional<Move> underWay(long id) {
        return underWay.stream().filter(move -> move.id() == id).findFirst();
    }

    public Optional<EndedMove> ended(long id) {
        return ended.stream().filter(one -> one.move().id() == id).findFirst();
    }

    /** By partition, which has one at most. */
    public Map<PartitionId, Move> byPartition() {
        var all = new HashMap<PartitionId, Move>();
        underWay.forEach(move -> all.put(move.partition(), move));
        return all;
    }
}
