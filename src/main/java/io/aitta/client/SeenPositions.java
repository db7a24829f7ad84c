package io.aitta.client;

import io.aitta.proto.v1.Position;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.Topology;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * How far in the history of each partition this client has seen, by the positions in its replies: what a SESSION read
 * must not fall behind. Forgets tables that are gone. Thread-safe.
 */
final class SeenPositions {
    /** Beyond this nothing more is noted, and {@link #isFull} says so. */
    static final int MAX_POSITIONS = 65_536;

    /**
     * @param epoch when the table was made: its namesakes have other histories
     * @param byPartition grows under the lock alone; an index that is there is raised without
     */
    private record TableSeen(long epoch, ConcurrentHashMap<Integer, Position> byPartition) {}

    private final int max;
    private final ConcurrentHashMap<String, TableSeen> tables = new ConcurrentHashMap<>();
    /** Of all tables together: 0 to {@code max}. */
    private int count;

    private volatile boolean full;

    SeenPositions(int max) {
        this.max = max;
    }

    /** Whether something had to be left out, so that the positions do not tell all that was seen. Stays so. */
    boolean isFull() {
        return full;
    }

    /** Notes the positions of a reply. */
    void learn(String table, List<Position> positions) {
        for (int i = 0; i < positions.size(); i++) {
            Position position = positions.get(i);
            TableSeen seen = tables.get(table);
            if (seen == null
                    || seen.epoch != position.getTableEpoch()
                    || !seen.byPartition.containsKey(position.getPartition())) {
                add(table, position);
            } else {
                raise(seen, position);
            }
        }
    }

    /** Adds those of some partitions to a request; null: of all that are known. */
    void addTo(RequestHeader.Builder header, String table, IntStream partitions) {
        TableSeen seen = tables.get(table);
        if (seen == null) {
            return;
        }
        if (partitions == null) {
            header.addAllSeen(seen.byPartition.values());
            return;
        }
        partitions.forEach(partition -> {
            Position position = seen.byPartition.get(partition);
            if (position != null) {
                header.addSeen(position);
            }
        });
    }

    /** Forgets the tables that a topology, which is newer than they are, does not have. */
    synchronized void forgetOthersThan(Topology topology) {
        var made = new HashMap<String, Long>();
        for (Table table : topology.getTablesList()) {
            made.put(table.getName(), table.getCreatedEpoch());
        }
        tables.entrySet().removeIf(entry -> {
            TableSeen seen = entry.getValue();
            boolean gone =
                    seen.epoch <= topology.getEpoch() && made.getOrDefault(entry.getKey(), Long.MAX_VALUE) > seen.epoch;
            count -= gone ? seen.byPartition.size() : 0;
            return gone;
        });
    }

    private synchronized void add(String table, Position position) {
        TableSeen seen = tables.get(table);
        if (seen != null && seen.epoch > position.getTableEpoch()) {
            return; // a late reply of a table that is gone
        }
        if (seen == null || seen.epoch < position.getTableEpoch()) {
            count -= seen == null ? 0 : seen.byPartition.size();
            seen = new TableSeen(position.getTableEpoch(), new ConcurrentHashMap<>());
            tables.put(table, seen);
        }
        if (!seen.byPartition.containsKey(position.getPartition())) {
            if (count >= max) {
                full = true;
                return;
            }
            count++;
        }
        raise(seen, position);
    }

    private static void raise(TableSeen seen, Position position) {
        seen.byPartition.merge(
                position.getPartition(), position, (known, told) -> known.getIndex() >= told.getIndex() ? known : told);
    }
}
