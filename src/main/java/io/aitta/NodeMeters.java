package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.core.replication.Status;
import io.aitta.core.topology.EndedMove;
import io.aitta.core.topology.Topology;
import io.aitta.gateway.GrpcDoor;
import io.aitta.gateway.TopologySource;
import io.aitta.journal.Journal;
import io.aitta.orchestrator.TopologyView;
import io.aitta.partition.LocalReplica;
import io.aitta.partition.LocalReplicas;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.Table;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The meters of what a node need not count, because it can be looked up: queues, replicas, the topology. Looked up when
 * Prometheus asks, all of it cheap; what is costly is sampled by {@link SampledMeters}.
 */
final class NodeMeters {
    private static final List<NodeState> STATES = List.of(
            NodeState.NODE_UP,
            NodeState.NODE_UNREACHABLE,
            NodeState.NODE_DOWN,
            NodeState.NODE_JOINING,
            NodeState.NODE_DRAINING);

    private final MeterRegistry registry;
    private final NodeId self;
    private final TopologySource messages;
    private final Map<EndedMove.Outcome, Counter> endedMoves = new EnumMap<>(EndedMove.Outcome.class);
    /** Of moves that had ended when the topology was last looked at; null: it never was. */
    private Set<Long> knownEnded;

    NodeMeters(MeterRegistry registry, NodeId self, TopologySource messages) {
        this.registry = registry;
        this.self = self;
        this.messages = messages;
    }

    /** Queues and limits. */
    void ofDoors(GrpcDoor door, LocalReplicas replicas, Journal journal, Supplier<Boolean> ready) {
        gauge("aitta.node.ready", "1 if the node can serve, as /ready says, else 0", ready, one -> one.get() ? 1 : 0);
        gauge(
                "aitta.requests.in.flight",
                "Requests that were let in and not answered yet",
                door,
                GrpcDoor::requestsInFlight);
        gauge("aitta.requests.in.flight.bytes", "Bytes of those requests", door, GrpcDoor::bytesInFlight);
        gauge("aitta.streams.open", "Watches and scans that are sent as a stream", door, GrpcDoor::openStreams);
        gauge("aitta.pipelines.open", "Streaming sessions of clients", door, GrpcDoor::openPipelines);
        gauge(
                "aitta.replica.queue.writes",
                "Operations that wait in front of the replicas of this node",
                replicas,
                all -> sum(all, LocalReplica::queuedWrites));
        gauge(
                "aitta.journal.queue.writes",
                "Writes that wait for the journal's transaction under way to end",
                journal,
                Journal::queueDepth);
        gauge("aitta.journal.queue.bytes", "Bytes of those writes", journal, Journal::queuedBytes);
    }

    /** The replicas of this node, by what they are. */
    void ofReplicas(LocalReplicas replicas) {
        role(replicas, "primary", status -> status.role() == Status.Role.PRIMARY);
        role(
                replicas,
                "secondary",
                status -> status.role() != Status.Role.PRIMARY
                        && status.membership().isVoter(self));
        role(
                replicas,
                "learner",
                status -> status.role() != Status.Role.PRIMARY
                        && !status.membership().isVoter(self));
        Gauge.builder(
                        "aitta.replicas",
                        replicas,
                        all -> count(all, one -> one.status().isEmpty()))
                .description("Replicas of this node by role; down: not recovered yet, or the binlog has failed")
                .tag("role", "down")
                .strongReference(true)
                .register(registry);
        gauge(
                "aitta.partitions.without.primary",
                "Partitions with a replica here that knows no primary",
                replicas,
                all -> count(all, one -> one.primary().isEmpty()));
        gauge(
                "aitta.partitions.slowed.down",
                "Primaries here that throttle their writers for a replica that catches up",
                replicas,
                all -> count(all, one -> one.slowedFor().isPresent()));
        gauge(
                "aitta.full.copies.under.way",
                "Full copies of other replicas that are being fetched",
                replicas,
                all -> count(all, LocalReplica::isCopying));
    }

    private void role(LocalReplicas replicas, String role, Predicate<Status> is) {
        Gauge.builder(
                        "aitta.replicas",
                        replicas,
                        all -> count(all, one -> one.status().filter(is).isPresent()))
                .description("Replicas of this node by role; down: not recovered yet, or the binlog has failed")
                .tag("role", role)
                .strongReference(true)
                .register(registry);
    }

    private static double count(LocalReplicas replicas, Predicate<LocalReplica> which) {
        return replicas.all().stream().filter(which).count();
    }

    private static double sum(LocalReplicas replicas, ToDoubleFunction<LocalReplica> of) {
        return replicas.all().stream().mapToDouble(of).sum();
    }

    /** The topology as this node knows it: the same on every node, soon. */
    void ofTopology(TopologyView view) {
        gauge("aitta.topology.epoch", "The topology's epoch as this node knows it", view, one -> one.current()
                .epoch()
                .value());
        for (NodeState state : STATES) {
            Gauge.builder("aitta.nodes", messages, all -> nodes(all, state))
                    .description("Nodes of the cluster by state, as this node sees them")
                    .tag("state", state.name().substring("NODE_".length()).toLowerCase(Locale.ROOT))
                    .strongReference(true)
                    .register(registry);
        }
        gauge(
                "aitta.partitions.under.replicated",
                "Partitions of the cluster with fewer voters than wanted",
                messages,
                all -> all.current().getTablesList().stream()
                        .mapToDouble(Table::getUnderReplicated)
                        .sum());
        gauge(
                "aitta.migrations.under.way",
                "Moves of replicas that are under way in the cluster",
                view,
                one -> one.current().moves().underWay().size());
        gauge(
                "aitta.orchestrator.here",
                "1 if the orchestrator runs on this node, else 0",
                messages,
                all -> isOrchestrator() ? 1 : 0);
        for (var outcome : EndedMove.Outcome.values()) {
            endedMoves.put(
                    outcome,
                    Counter.builder("aitta.migrations.ended")
                            .description("Moves of replicas that ended while the orchestrator ran on this node")
                            .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
    }

    private static double nodes(TopologySource all, NodeState state) {
        return all.current().getNodesList().stream()
                .map(Node::getState)
                .filter(state::equals)
                .count();
    }

    private boolean isOrchestrator() {
        return messages.current().getOrchestratorNode().equals(self.value());
    }

    /** To be told of every topology, one at a time. */
    void look(Topology topology) {
        var ended = new HashSet<Long>();
        for (EndedMove move : topology.moves().ended()) {
            ended.add(move.move().id());
            boolean isNew =
                    knownEnded != null && !knownEnded.contains(move.move().id());
            if (isNew && isOrchestrator()) {
                endedMoves.get(move.outcome()).increment();
            }
        }
        knownEnded = ended;
    }

    private <T> void gauge(String name, String description, T of, ToDoubleFunction<T> value) {
        // Micrometer would forget what nobody else holds.
        Gauge.builder(name, of, value)
                .description(description)
                .strongReference(true)
                .register(registry);
    }
}
