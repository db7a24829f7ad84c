package io.aitta.gateway;

import io.aitta.gateway.RoutingTable.TableRoutes;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.proto.v1.Position;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.RequestHeader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How fresh a read must be: from what a request and its table say to what each partition is asked for. Immutable.
 *
 * <p>With SESSION a partition must have come as far as the client has seen of it; of a partition of which the client has
 * seen nothing, whatever is at hand will do. What was seen of a table of the same name that was dropped says nothing
 * about this one.
 */
final class ReadFreshness {
    private static final ReadFreshness STRONG = new ReadFreshness(ReadLevel.STRONG, Map.of());
    private static final ReadFreshness EVENTUAL = new ReadFreshness(ReadLevel.EVENTUAL, Map.of());

    private final ReadLevel level;
    /** The highest index seen of a partition. */
    private final Map<Integer, Long> seen;

    private ReadFreshness(ReadLevel level, Map<Integer, Long> seen) {
        this.level = level;
        this.seen = seen;
    }

    /**
     * @param maxStalenessMillis unsigned; 0: not bounded
     * @throws ProblemException if the level is unknown, or a staleness is given to one that knows none
     */
    static ReadFreshness of(
            ReadConsistency consistency, long maxStalenessMillis, RequestHeader header, TableRoutes table) {
        ReadConsistency asked =
                consistency == ReadConsistency.READ_CONSISTENCY_UNSPECIFIED ? table.defaultConsistency() : consistency;
        if (asked == ReadConsistency.UNRECOGNIZED) {
            throw Problem.inField(
                            ErrorReason.BAD_CONSISTENCY,
                            "consistency",
                            "this node knows STRONG, EVENTUAL and SESSION only")
                    .asException();
        }
        if (maxStalenessMillis != 0 && asked != ReadConsistency.EVENTUAL) {
            throw Problem.inField(
                            ErrorReason.BAD_CONSISTENCY,
                            "max_staleness_millis",
                            "a bound of staleness belongs to EVENTUAL, and this read is " + asked
                                    + (asked == consistency ? "" : ", as the table's default says"))
                    .asException();
        }
        return switch (asked) {
            case EVENTUAL -> eventual(maxStalenessMillis);
            case SESSION -> session(header.getSeenList(), table);
            default -> STRONG;
        };
    }

    /** What a partition of the table is asked for. */
    ReadLevel of(int partition) {
        Long index = seen.get(partition);
        return index == null ? level : new ReadLevel.Session(index);
    }

    private static ReadFreshness eventual(long maxStalenessMillis) {
        if (maxStalenessMillis == 0) {
            return EVENTUAL;
        }
        // Unsigned: what looks negative is longer than anything was acknowledged ago.
        return new ReadFreshness(
                new ReadLevel.Eventual(maxStalenessMillis < 0 ? Long.MAX_VALUE : maxStalenessMillis), Map.of());
    }

    private static ReadFreshness session(List<Position> positions, TableRoutes table) {
        Map<Integer, Long> seen = new HashMap<>();
        for (Position position : positions) {
            if (position.getTableEpoch() == table.tableEpoch() && position.getIndex() != 0) {
                // Unsigned: no log is that long, so no replica will have come so far.
                long index = position.getIndex() < 0 ? Long.MAX_VALUE : position.getIndex();
                seen.merge(position.getPartition(), index, Math::max);
            }
        }
        return seen.isEmpty() ? EVENTUAL : new ReadFreshness(ReadLevel.EVENTUAL, seen);
    }
}
