package io.aitta.core.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A topology that commands are given to, one after another. */
final class TopologyDriver {
    private Topology topology;

    TopologyDriver(String... nodes) {
        topology = TopologyStateTest.founded(nodes);
    }

    Topology topology() {
        return topology;
    }

    void accept(TopologyCommand command) {
        List<TopologyEvent> events = events(command);
        assertThat(events).as("%s changes something", command).isNotEmpty();
        topology = TopologyState.evolve(topology, events);
    }

    /** What would happen. */
    List<TopologyEvent> events(TopologyCommand command) {
        return ((Decision.Accepted) TopologyState.decide(topology, command)).events();
    }

    void unchangedBy(TopologyCommand command) {
        assertThat(events(command)).as("%s changes nothing", command).isEmpty();
    }

    Refusal refused(TopologyCommand command) {
        return ((Decision.Refused) TopologyState.decide(topology, command)).refusal();
    }

    NodeInfo node(String id) {
        return topology.node(id(id)).orElseThrow();
    }

    TableInfo table(String name) {
        return topology.table(name).orElseThrow();
    }

    PartitionId id(String table, int partition) {
        return new PartitionId(table, table(table).createdEpoch().value(), partition);
    }

    PartitionInfo partition(String table, int partition) {
        return topology.partitionsOf(table).get(partition);
    }

    Set<NodeId> up() {
        return topology.nodes().stream().map(NodeInfo::id).collect(Collectors.toCollection(HashSet::new));
    }

    Set<NodeId> upBut(String... down) {
        Set<NodeId> up = up();
        Stream.of(down).map(TopologyDriver::id).forEach(up::remove);
        return up;
    }

    static NodeId id(String value) {
        return new NodeId(value);
    }
}
