package io.aitta.gateway;

import io.aitta.proto.v1.Topology;
import io.aitta.proto.v1.WatchTopologyRequest;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.NotUsed;
import org.apache.pekko.japi.function.Creator;
import org.apache.pekko.japi.function.Function;
import org.apache.pekko.stream.OverflowStrategy;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.SourceQueueWithComplete;

/**
 * Streams the topology to a client: as it is, then whenever it has changed. A client that reads slowly is not sent what
 * it missed but the newest: one topology waits for it, never two.
 */
final class TopologyWatch {
    private final TopologySource topology;

    TopologyWatch(TopologySource topology) {
        this.topology = topology;
    }

    Source<Topology, NotUsed> watch(WatchTopologyRequest request, Call call) {
        return Source.<Topology>queue(1, OverflowStrategy.dropHead())
                .mapMaterializedValue(this::feed)
                .statefulMapConcat(changesAbove(request.getKnownEpoch()));
    }

    private NotUsed feed(SourceQueueWithComplete<Topology> queue) {
        TopologySource.Subscription subscription = topology.subscribe(queue::offer);
        queue.watchCompletion().whenComplete((done, failure) -> subscription.close());
        queue.offer(topology.current());
        return NotUsed.getInstance();
    }

    /** What the present topology and the first change of it may say in any order, a client sees in the right one. */
    private static Creator<Function<Topology, Iterable<Topology>>> changesAbove(long knownEpoch) {
        return () -> {
            var sent = new Object() {
                Optional<Topology> last = Optional.empty();
            };
            return next -> {
                boolean isNews = sent.last
                        .map(last -> next.getEpoch() >= last.getEpoch() && !next.equals(last))
                        .orElse(knownEpoch == 0 || next.getEpoch() > knownEpoch);
                if (!isNews) {
                    return List.of();
                }
                sent.last = Optional.of(next);
                return List.of(next);
            };
        };
    }
}
