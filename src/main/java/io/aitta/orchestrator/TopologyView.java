package io.aitta.orchestrator;

import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.KnownCluster;
import io.aitta.core.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topology as this node knows it. Its epoch never goes down, and it never becomes that of another cluster.
 * Thread-safe.
 */
public final class TopologyView {
    private static final Logger log = LoggerFactory.getLogger(TopologyView.class);

    // The cluster this node remembers; empty if none.
    private final String remembered;
    private volatile Topology current;
    private volatile Topology onDisk;
    // Guarded by this, as are all calls of them: so each sees the epochs in their order.
    private final List<Consumer<Topology>> consumers = new ArrayList<>();
    private final List<Consumer<Topology>> rememberers = new ArrayList<>();

    TopologyView(Topology first, String remembered) {
        current = first;
        onDisk = first;
        this.remembered = remembered;
    }

    /** Begins with the copy on disk, if there is one of this cluster, and takes in what the orchestrator spreads. */
    public static TopologyView start(ActorSystem<?> system, ClusterMemory memory) {
        String remembered = memory.known().map(KnownCluster::clusterId).orElse("");
        Topology first = memory.cachedTopology()
                .filter(cached -> cached.clusterId().equals(remembered))
                .orElse(Topology.EMPTY);
        var view = new TopologyView(first, remembered);
        system.systemActorOf(TopologyReceiver.create(view, memory), "aitta-topology-receiver", Props.empty());
        return view;
    }

    /** {@link Topology#EMPTY} before anything is known. One volatile read. */
    public Topology current() {
        return current;
    }

    /**
     * Has {@code consumer} called with the present topology, before this returns, and then with newer ones, in order, one
     * call at a time. It must be quick, and must not wait for another thread that uses this view. Some epochs may be left
     * out. Closing ends it: no call begins after that.
     */
    public AutoCloseable subscribe(Consumer<Topology> consumer) {
        synchronized (this) {
            consumers.add(consumer);
            call(consumer, current);
        }
        return () -> {
            synchronized (this) {
                consumers.remove(consumer);
            }
        };
    }

    /**
     * The newest that stands on disk, which a restart begins with; soon after {@link #current} it is the same. What must
     * not be forgotten once it was acted on is taken from here. One volatile read.
     */
    public Topology onDisk() {
        return onDisk;
    }

    /** As {@link #subscribe}, for {@link #onDisk}. */
    public AutoCloseable subscribeOnDisk(Consumer<Topology> consumer) {
        synchronized (this) {
            rememberers.add(consumer);
            call(consumer, onDisk);
        }
        return () -> {
            synchronized (this) {
                rememberers.remove(consumer);
            }
        };
    }

    /** It has been forced to disk. */
    void stored(Topology topology) {
        synchronized (this) {
            onDisk = topology;
            List.copyOf(rememberers).forEach(consumer -> call(consumer, topology));
        }
    }

    /** Done when the view has reached the epoch; never fails. Whoever waits must limit the time. */
    public CompletionStage<Topology> reached(Epoch epoch) {
        var reached = new CompletableFuture<Topology>();
        synchronized (this) {
            if (!epoch.isNewerThan(current.epoch())) {
                reached.complete(current);
                return reached;
            }
            Consumer<Topology> waiter = topology -> {
                if (!epoch.isNewerThan(topology.epoch())) {
                    reached.complete(topology);
                }
            };
            consumers.add(waiter);
            reached.whenComplete((topology, failure) -> {
                synchronized (this) {
                    consumers.remove(waiter);
                }
            });
        }
        return reached;
    }

    /** Takes a topology in, if it is newer. */
    void offer(Topology topology) {
        synchronized (this) {
            if (!topology.epoch().isNewerThan(current.epoch())) {
                return;
            }
            if (!accepts(topology.clusterId())) {
                log.warn("Not taken, for this node is of another cluster: {}", topology);
                return;
            }
            current = topology;
            List.copyOf(consumers).forEach(consumer -> call(consumer, topology));
        }
    }

    boolean accepts(String clusterId) {
        String own = current.clusterId().isEmpty() ? remembered : current.clusterId();
        return own.isEmpty() || own.equals(clusterId);
    }

    private static void call(Consumer<Topology> consumer, Topology topology) {
        try {
            consumer.accept(topology);
        } catch (RuntimeException e) {
            log.error("A consumer of the topology failed at epoch {}", topology.epoch(), e);
        }
    }
}
