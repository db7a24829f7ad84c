package io.aitta.orchestrator;

import io.aitta.core.NodeId;
import io.aitta.core.topology.Decision;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.Refusal;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand;
import io.aitta.core.topology.TopologyCommand.TableDefaults;
import io.aitta.core.topology.TopologyEvent;
import io.aitta.core.topology.TopologyState;
import io.aitta.orchestrator.OrchestratorMessage.AlterTable;
import io.aitta.orchestrator.OrchestratorMessage.Change;
import io.aitta.orchestrator.OrchestratorMessage.CreateTable;
import io.aitta.orchestrator.OrchestratorMessage.DropTable;
import io.aitta.orchestrator.OrchestratorMessage.Ordered;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/** What {@link TopologyState} says to what is asked of the orchestrator. Stateless. */
final class Deciding {
    private Deciding() {}

    /**
     * @param up nodes that can be reached now
     * @param nowMillis since 1970
     */
    static Decision decide(Topology topology, Change change, TableDefaults defaults, Set<NodeId> up, long nowMillis) {
        if (change instanceof Ordered ordered) {
            var meant = Orders.meant(ordered.order(), topology, up, nowMillis);
            return meant instanceof Orders.Meant.Refused refused
                    ? new Decision.Refused(refused.refusal())
                    : TopologyState.decide(topology, ((Orders.Meant.Command) meant).command());
        }
        return TopologyState.decide(topology, tableCommand(change, defaults, up));
    }

    private static TopologyCommand tableCommand(Change change, TableDefaults defaults, Set<NodeId> up) {
        if (change instanceof CreateTable create) {
            return new TopologyCommand.CreateTable(
                    create.name(), create.partitions(), create.replicas(), create.options(), defaults, up);
        }
        if (change instanceof AlterTable alter) {
            return new TopologyCommand.AlterTable(
                    alter.name(), alter.defaultTimeToLiveMillis(), alter.defaultConsistency(), alter.maxValueBytes());
        }
        return new TopologyCommand.DropTable(((DropTable) change).name());
    }

    /**
     * Several commands as one epoch, each decided on what those before it leave.
     *
     * @param onRefused told of those that are left out
     */
    static Decision.Accepted decideAll(
            Topology topology, List<TopologyCommand> commands, BiConsumer<TopologyCommand, Refusal> onRefused) {
        var events = new ArrayList<TopologyEvent>();
        Topology draft = topology;
        for (TopologyCommand command : commands) {
            Decision decision = TopologyState.decide(draft, command);
            if (decision instanceof Decision.Refused refused) {
                onRefused.accept(command, refused.refusal());
            } else if (decision instanceof Decision.Accepted accepted
                    && !accepted.events().isEmpty()) {
                events.addAll(accepted.events());
                draft = at(topology.epoch(), TopologyState.evolve(draft, accepted.events()));
            }
        }
        return new Decision.Accepted(events);
    }

    /** All of it becomes the same epoch, so each is decided as if nothing had been written since. */
    private static Topology at(Epoch epoch, Topology topology) {
        var tables = new HashMap<TableInfo, List<PartitionInfo>>();
        topology.tables().forEach(table -> tables.put(table, topology.partitionsOf(table.name())));
        return new Topology(
                epoch, topology.clusterId(), topology.nodes(), tables, topology.moves(), topology.removed());
    }
}
