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
 * Streams the topology to a client: as it is, then whenever it has changed; of the changes only themselves, if the client
 * wants that. A client that reads slowly is not sent what it missed step by step, but the newest, or all that has changed
 * since what it was sent last: one topology waits for it, never two, and there is no gap. Thread-safe.
 */
final class TopologyWatch {
    private final TopologySource topology;
    /** Most watchers have been sent the same before: what was worked out for one of them does for all. */
    private volatile Difference lastDifference;

    private record Difference(Topology base, Topology now, Topology changes) {}

    TopologyWatch(TopologySource topology) {
        this.topology = topology;
    }

    Source<Topology, NotUsed> watch(WatchTopologyRequest request, Call call) {
        return Source.<Topology>queue(1, OverflowStrategy.dropHead())
                .mapMaterializedValue(this::feed)
                .statefulMapConcat(changesAbove(request.getKnownEpoch(), request.getDifferences()));
    }

    private NotUsed feed(SourceQueueWithComplete<Topology> queue) {
        TopologySource.Subscription subscription = topology.subscribe(queue::offer);
        queue.watchCompletion().whenComplete((done, failure) -> subscription.close());
        queue.offer(topology.current());
        return NotUsed.getInstance();
    }

    /** What the present topology and the first change of it may say in any order, a client sees in the right one. */
    private Creator<Function<Topology, Iterable<Topology>>> changesAbove(long knownEpoch, boolean differences) {
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
                Topology message = differences && sent.last.isPresent() ? changes(sent.last.get(), next) : next;
                sent.last = Optional.of(next);
                return List.of(message);
            };
        };
    }

    private Topology changes(Topology base, Topology now) {
        Difference known = lastDifference;
        if (known == null || known.base() != base || known.now() != now) {
            known = new Difference(base, now, TopologyChanges.between(base, now));
            lastDifference = known;
        }
        return known.changes();
    }
}
