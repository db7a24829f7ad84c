package io.aitta;

import io.aitta.core.topology.Epoch;
import io.aitta.gateway.ClusterAdmin;
import io.aitta.gateway.TopologySource;
import io.aitta.orchestrator.NodeStates;
import io.aitta.orchestrator.OrchestratorClient;
import io.aitta.orchestrator.TopologyView;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.Stewards;
import java.util.concurrent.CompletionStage;

/** Puts together what people may ask and order through any of a node's doors. */
final class Administration {
    private Administration() {}

    static ClusterAdmin of(
            OrchestratorClient orchestrator,
            TopologyView view,
            TopologySource messages,
            NodeStates states,
            Stewards stewards,
            ClusterInfo.Reporters reporters,
            PartitionAccess partitions) {
        var live = new LiveState(stewards, states);
        var migrations = new Migrations(live);
        Orders orders = orchestrator::order;
        var past = new ClusterHistory.Past() {
            @Override
            public CompletionStage<OrchestratorClient.PastAnswer> topologyAt(Epoch epoch) {
                return orchestrator.topologyAt(epoch);
            }

            @Override
            public CompletionStage<OrchestratorClient.HistoryAnswer> history(Epoch after, Epoch to) {
                return orchestrator.history(after, to);
            }
        };
        return new ClusterAdmin(
                new OrchestratorTables(orchestrator, messages),
                new ClusterNodes(orders, view, messages, states, live, migrations),
                new ClusterReplicas(orders, view, states, live, migrations, orchestrator::movesPlanned),
                new ClusterHistory(past),
                new ClusterInfo(view, messages, live, reporters),
                new ClusterChecks(
                        view,
                        messages,
                        states,
                        stewards,
                        live,
                        migrations,
                        orchestrator::movesPlanned,
                        new ReplicaComparison(view, states, stewards, partitions)));
    }
}
