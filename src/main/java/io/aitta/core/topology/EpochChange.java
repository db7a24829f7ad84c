package io.aitta.core.topology;

import java.util.List;

/**
 * A step of the topology's history.
 *
 * @param epoch the one that begins with it
 * @param wallTimeMillis when it was decided, for people
 * @param changeId drawn by chance: names this change among all that were tried for the same epoch
 * @param events at least one
 */
public record EpochChange(Epoch epoch, long wallTimeMillis, String changeId, List<TopologyEvent> events) {
    public EpochChange {
        events = List.copyOf(events);
        if (events.isEmpty()) {
            throw new IllegalArgumentException("epoch " + epoch + " without an event");
        }
    }
}
