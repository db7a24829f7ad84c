package io.aitta.gateway;

import io.aitta.config.LimitSettings;
import io.aitta.proto.v1.AddReplicaRequest;
import io.aitta.proto.v1.Admin;
import io.aitta.proto.v1.AlterTableRequest;
import io.aitta.proto.v1.CancelMigrationRequest;
import io.aitta.proto.v1.CheckClusterRequest;
import io.aitta.proto.v1.CompareReplicasRequest;
import io.aitta.proto.v1.CreateTableRequest;
import io.aitta.proto.v1.DescribeNodeRequest;
import io.aitta.proto.v1.DescribePartitionRequest;
import io.aitta.proto.v1.DescribeTableRequest;
import io.aitta.proto.v1.DiffTopologyRequest;
import io.aitta.proto.v1.DrainNodeRequest;
import io.aitta.proto.v1.DropTableRequest;
import io.aitta.proto.v1.GetInfoRequest;
import io.aitta.proto.v1.GetSlowLogRequest;
import io.aitta.proto.v1.GetTopologyRequest;
import io.aitta.proto.v1.ListMigrationsRequest;
import io.aitta.proto.v1.ListNodesRequest;
import io.aitta.proto.v1.ListPartitionsRequest;
import io.aitta.proto.v1.ListTablesRequest;
import io.aitta.proto.v1.MigrateRequest;
import io.aitta.proto.v1.PauseBalancingRequest;
import io.aitta.proto.v1.RebalanceRequest;
import io.aitta.proto.v1.RecoverPartitionRequest;
import io.aitta.proto.v1.RemoveNodeRequest;
import io.aitta.proto.v1.RemoveReplicaRequest;
import io.aitta.proto.v1.SetNodeWeightRequest;
import io.aitta.proto.v1.SetNodeZoneRequest;
import io.aitta.proto.v1.SetTableLearnersRequest;
import io.aitta.proto.v1.SetTableReplicasRequest;
import io.aitta.proto.v1.TransferPrimaryRequest;
import io.aitta.proto.v1.UndrainNodeRequest;
import io.aitta.proto.v1.WatchTopologyRequest;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.stream.SharedKillSwitch;

/** Who answers which method of the Admin service. */
final class AdminRpcs {
    private AdminRpcs() {}

    /** @param streams ends the streams when the door is closed */
    static Map<String, Rpc<?>> of(
            TopologySource topology,
            CompletionStage<ClusterAdmin> cluster,
            LimitSettings limits,
            SharedKillSwitch streams) {
        var tables = new AdminService(topology, cluster, limits);
        var nodes = new NodeService(topology, cluster);
        var replicas = new ReplicaService(topology, cluster);
        var checks = new CheckService(topology, cluster);
        var watch = new TopologyWatch(topology);
        var rpcs = new HashMap<String, Rpc<?>>();
        String path = "/" + Admin.name + "/";
        rpcs.put(path + "CreateTable", new Rpc.Unary<>(CreateTableRequest.parser(), tables::createTable));
        rpcs.put(path + "AlterTable", new Rpc.Unary<>(AlterTableRequest.parser(), tables::alterTable));
        rpcs.put(path + "DropTable", new Rpc.Unary<>(DropTableRequest.parser(), tables::dropTable));
        rpcs.put(path + "ListTables", new Rpc.Unary<>(ListTablesRequest.parser(), tables::listTables));
        rpcs.put(path + "DescribeTable", new Rpc.Unary<>(DescribeTableRequest.parser(), tables::describeTable));
        rpcs.put(
                path + "SetTableReplicas", new Rpc.Unary<>(SetTableReplicasRequest.parser(), tables::setTableReplicas));
        rpcs.put(
                path + "SetTableLearners", new Rpc.Unary<>(SetTableLearnersRequest.parser(), tables::setTableLearners));
        rpcs.put(path + "GetTopology", new Rpc.Unary<>(GetTopologyRequest.parser(), tables::getTopology));
        rpcs.put(path + "DiffTopology", new Rpc.Unary<>(DiffTopologyRequest.parser(), tables::diffTopology));
        rpcs.put(
                path + "WatchTopology",
                new Rpc.Streaming<>(WatchTopologyRequest.parser(), (request, call) -> watch.watch(request, call)
                        .via(streams.flow())));

        rpcs.put(path + "ListNodes", new Rpc.Unary<>(ListNodesRequest.parser(), nodes::list));
        rpcs.put(path + "DescribeNode", new Rpc.Unary<>(DescribeNodeRequest.parser(), nodes::describe));
        rpcs.put(path + "DrainNode", new Rpc.Unary<>(DrainNodeRequest.parser(), nodes::drain));
        rpcs.put(path + "UndrainNode", new Rpc.Unary<>(UndrainNodeRequest.parser(), nodes::undrain));
        rpcs.put(path + "RemoveNode", new Rpc.Unary<>(RemoveNodeRequest.parser(), nodes::remove));
        rpcs.put(path + "SetNodeWeight", new Rpc.Unary<>(SetNodeWeightRequest.parser(), nodes::setWeight));
        rpcs.put(path + "SetNodeZone", new Rpc.Unary<>(SetNodeZoneRequest.parser(), nodes::setZone));

        rpcs.put(path + "ListPartitions", new Rpc.Unary<>(ListPartitionsRequest.parser(), replicas::list));
        rpcs.put(path + "DescribePartition", new Rpc.Unary<>(DescribePartitionRequest.parser(), replicas::describe));
        rpcs.put(path + "Rebalance", new Rpc.Unary<>(RebalanceRequest.parser(), replicas::rebalance));
        rpcs.put(path + "PauseBalancing", new Rpc.Unary<>(PauseBalancingRequest.parser(), replicas::pauseBalancing));
        rpcs.put(path + "Migrate", new Rpc.Unary<>(MigrateRequest.parser(), replicas::migrate));
        rpcs.put(path + "AddReplica", new Rpc.Unary<>(AddReplicaRequest.parser(), replicas::addReplica));
        rpcs.put(path + "RemoveReplica", new Rpc.Unary<>(RemoveReplicaRequest.parser(), replicas::removeReplica));
        rpcs.put(path + "TransferPrimary", new Rpc.Unary<>(TransferPrimaryRequest.parser(), replicas::transferPrimary));
        rpcs.put(path + "ListMigrations", new Rpc.Unary<>(ListMigrationsRequest.parser(), replicas::listMigrations));
        rpcs.put(path + "CancelMigration", new Rpc.Unary<>(CancelMigrationRequest.parser(), replicas::cancelMigration));
        rpcs.put(path + "RecoverPartition", new Rpc.Unary<>(RecoverPartitionRequest.parser(), replicas::recover));

        var info = new InfoService(topology, cluster);
        rpcs.put(path + "GetInfo", new Rpc.Unary<>(GetInfoRequest.parser(), info::info));
        rpcs.put(path + "GetSlowLog", new Rpc.Unary<>(GetSlowLogRequest.parser(), info::slowLog));
        rpcs.put(path + "CheckCluster", new Rpc.Unary<>(CheckClusterRequest.parser(), checks::check));
        rpcs.put(path + "CompareReplicas", new Rpc.Unary<>(CompareReplicasRequest.parser(), checks::compare));
        return rpcs;
    }
}
