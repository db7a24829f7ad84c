package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Orders for primaries, each of which is repeated only now and then while it is not seen to be done: reports come more
 * often than steps are made. Not thread-safe.
 */
final class Orders {
    static final long REPEAT_NANOS = 1_000_000_000L;

    private record Address(PartitionId partition, NodeId primary) {}

    private record Given(StepOrder order, long atNanos) {}

    private final Map<Address, Given> given = new HashMap<>();
    private List<StepOrder> now = new ArrayList<>();

    void give(StepOrder order, long nowNanos) {
        var address = new Address(order.partition(), order.primary());
        Given last = given.get(address);
        if (last == null || !last.order.equals(order) || nowNanos - last.atNanos >= REPEAT_NANOS) {
            given.put(address, new Given(order, nowNanos));
            now.add(order);
        }
    }

    /** What was given since the last time; what was not repeated for long is forgotten. */
    List<StepOrder> take(long nowNanos) {
        given.values().removeIf(last -> nowNanos - last.atNanos > 60 * REPEAT_NANOS);
        List<StepOrder> taken = List.copyOf(now);
        now = new ArrayList<>();
        return taken;
    }
}
