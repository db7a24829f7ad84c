package io.aitta.orchestrator;

import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.Topology;
import io.aitta.orchestrator.ChangeQueue.Waiting;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Tables that exist, but not all of whose partitions have a primary yet: whoever asked for one is answered when they have,
 * or when the time is up. Bounded by the tables there can be. Not thread-safe.
 */
final class CreationsUnderWay {
    private record Creation(TableInfo table, Epoch epoch, Waiting waiting) {}

    private final List<Creation> creations = new ArrayList<>();

    /** A request that was sent again takes its own place. */
    void add(TableInfo table, Epoch epoch, Waiting waiting) {
        creations.removeIf(other -> other.waiting().requestId().equals(waiting.requestId()));
        creations.add(new Creation(table, epoch, waiting));
    }

    void answerReady(Topology topology) {
        answer(topology, creation -> notReady(topology, creation) == 0 || isGone(topology, creation));
    }

    void answerLate(Topology topology, long nowNanos) {
        answer(topology, creation -> creation.waiting().isLate(nowNanos));
    }

    private void answer(Topology topology, Predicate<Creation> due) {
        creations.removeIf(creation -> {
            boolean isDue = due.test(creation);
            if (isDue) {
                creation.waiting()
                        .answer(new OrchestratorReply.Done(creation.epoch().value(), notReady(topology, creation)));
            }
            return isDue;
        });
    }

    private static boolean isGone(Topology topology, Creation creation) {
        return topology.partition(creation.table().partition(0)).isEmpty();
    }

    private static int notReady(Topology topology, Creation creation) {
        TableInfo table = creation.table();
        return isGone(topology, creation)
                ? table.partitions()
                : (int) topology.partitionsOf(table.name()).stream()
                        .filter(partition -> partition.primary().isEmpty())
                        .count();
    }
}
