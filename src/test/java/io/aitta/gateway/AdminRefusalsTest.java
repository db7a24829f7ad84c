package io.aitta.gateway;

import static io.aitta.gateway.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.aitta.proto.v1.AddReplicaRequest;
import io.aitta.proto.v1.AdminGrpc;
import io.aitta.proto.v1.AdminProto;
import io.aitta.proto.v1.CancelMigrationRequest;
import io.aitta.proto.v1.CompareReplicasRequest;
import io.aitta.proto.v1.DescribeNodeRequest;
import io.aitta.proto.v1.DescribePartitionRequest;
import io.aitta.proto.v1.DiffTopologyRequest;
import io.aitta.proto.v1.DrainNodeRequest;
import io.aitta.proto.v1.GetInfoRequest;
import io.aitta.proto.v1.GetSlowLogRequest;
import io.aitta.proto.v1.GetTopologyRequest;
import io.aitta.proto.v1.ListMigrationsRequest;
import io.aitta.proto.v1.ListPartitionsRequest;
import io.aitta.proto.v1.MigrateRequest;
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
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import io.grpc.stub.ClientCalls;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Nonsense is refused with a reason, the field and what would be right; and nobody behind the door hears of it. */
class AdminRefusalsTest {
    private static final int LAST = 4_095;
    /** Those that take nothing that could be wrong, or are tested by {@link AdminServiceTest}. */
    private static final Set<String> ELSEWHERE = Set.of(
            "PauseBalancing",
            "CheckCluster",
            "ListNodes",
            "ListTables",
            "DescribeTable",
            "CreateTable",
            "AlterTable",
            "DropTable",
            "WatchTopology");

    private record Nonsense(Message request, Code code, String reason, String field, String says) {}

    private static OpenDoor open;

    @BeforeAll
    static void open() {
        open = new OpenDoor();
    }

    @AfterAll
    static void close() throws Exception {
        open.close();
    }

    private static List<Nonsense> nonsense() {
        return List.of(
                no(DescribeNodeRequest.newBuilder().setNode("n9"), "NODE_NOT_FOUND", "node", "there are: n1, n2"),
                no(DescribeNodeRequest.newBuilder(), "NODE_NOT_FOUND", "node", "no node is named"),
                no(DrainNodeRequest.newBuilder(), "NODE_NOT_FOUND", "node", "no node is named; there are: n1, n2"),
                no(DrainNodeRequest.newBuilder().setNode("N 1"), "NODE_NOT_FOUND", "node", "no node 'N 1'"),
                no(
                        DrainNodeRequest.newBuilder().setNode("n1").setReplacement("/"),
                        "NODE_NOT_FOUND",
                        "replacement",
                        "no node '/'"),
                no(
                        DrainNodeRequest.newBuilder().setNode("n1").setReplacement("n1"),
                        "BAD_OPTION",
                        "replacement",
                        "name another one"),
                no(UndrainNodeRequest.newBuilder(), "NODE_NOT_FOUND", "node", "no node is named"),
                no(RemoveNodeRequest.newBuilder().setForce(true), "NODE_NOT_FOUND", "node", "no node is named"),
                no(
                        SetNodeWeightRequest.newBuilder().setNode("n1").setWeight(10_001),
                        "BAD_WEIGHT",
                        "weight",
                        "0 to 10,000, not 10001"),
                no(
                        SetNodeWeightRequest.newBuilder().setNode("n1").setWeight(-1),
                        "BAD_WEIGHT",
                        "weight",
                        "not 4294967295"),
                no(SetNodeWeightRequest.newBuilder().setWeight(1), "NODE_NOT_FOUND", "node", "no node is named"),
                no(SetNodeZoneRequest.newBuilder().setNode("n1"), "BAD_ZONE", "zone", "no zone is named"),
                no(
                        SetNodeZoneRequest.newBuilder().setNode("n1").setZone("a b"),
                        "BAD_ZONE",
                        "zone",
                        "'a b' is no zone; one is 1 to 64 letters"),
                no(
                        SetNodeZoneRequest.newBuilder().setNode("n1").setZone("z".repeat(65)),
                        "BAD_ZONE",
                        "zone",
                        "1 to 64"),
                no(GetInfoRequest.newBuilder().setNode("n9"), "NODE_NOT_FOUND", "node", "there are: n1, n2"),
                no(GetInfoRequest.newBuilder().setTable("users"), "TABLE_NOT_FOUND", null, "default"),
                no(GetSlowLogRequest.newBuilder().setTable("users"), "TABLE_NOT_FOUND", null, "default"),
                no(GetSlowLogRequest.newBuilder().setLimit(1_001), "BAD_OPTION", "limit", "1000"),
                no(DescribePartitionRequest.newBuilder(), "BAD_TABLE_NAME", "table", "no table is named"),
                no(
                        DescribePartitionRequest.newBuilder().setTable("users"),
                        "TABLE_NOT_FOUND",
                        null,
                        "there are: default"),
                no(
                        DescribePartitionRequest.newBuilder()
                                .setTable("default")
                                .setPartition(16),
                        "PARTITION_NOT_FOUND",
                        "partition",
                        "has partitions 0 to 15, not 16"),
                no(
                        ListPartitionsRequest.newBuilder().setTable("users").setLive(true),
                        "TABLE_NOT_FOUND",
                        null,
                        "default"),
                no(RebalanceRequest.newBuilder().setTable("users"), "TABLE_NOT_FOUND", null, "there are: default"),
                no(
                        RebalanceRequest.newBuilder().setExpectedEpoch(-1),
                        "STALE_EPOCH",
                        "expected_epoch",
                        "is at epoch 3, not at 18446744073709551615"),
                no(migrate("default", 0, "n1", "n1"), "ALREADY_A_REPLICA", "to", "name another target"),
                no(migrate("default", 0, "", "n1"), "NODE_NOT_FOUND", "from", "no node is named"),
                no(migrate("default", 0, "n1", ""), "NODE_NOT_FOUND", "to", "no node is named"),
                no(migrate("", 0, "n1", "n2"), "BAD_TABLE_NAME", "table", "no table is named"),
                no(migrate("default", 16, "n1", "n2"), "PARTITION_NOT_FOUND", "partition", "0 to 15"),
                no(migrate("later", -1, "n1", "n2"), "PARTITION_NOT_FOUND", "partition", "no partition 4294967295"),
                no(
                        migrate("default", 0, "n1", "n2").setExpectedEpoch(-7),
                        "STALE_EPOCH",
                        "expected_epoch",
                        "is at epoch 3"),
                no(AddReplicaRequest.newBuilder().setTable("default"), "NODE_NOT_FOUND", "node", "no node is named"),
                no(
                        AddReplicaRequest.newBuilder()
                                .setTable("default")
                                .setPartition(LAST + 1)
                                .setNode("n2"),
                        "PARTITION_NOT_FOUND",
                        "partition",
                        "no partition 4096 in any table"),
                no(
                        RemoveReplicaRequest.newBuilder().setTable("a/b").setNode("n2"),
                        "BAD_TABLE_NAME",
                        "table",
                        "'a/b' is no table name"),
                no(
                        RemoveReplicaRequest.newBuilder()
                                .setTable("default")
                                .setNode("n2")
                                .setExpectedEpoch(-1),
                        "STALE_EPOCH",
                        "expected_epoch",
                        "decide anew"),
                no(TransferPrimaryRequest.newBuilder().setTable("default"), "NODE_NOT_FOUND", "node", "no node"),
                no(
                        TransferPrimaryRequest.newBuilder()
                                .setTable("default")
                                .setPartition(99)
                                .setNode("n1"),
                        "PARTITION_NOT_FOUND",
                        "partition",
                        "0 to 15, not 99"),
                no(ListMigrationsRequest.newBuilder().setTable("users"), "TABLE_NOT_FOUND", null, "default"),
                no(CancelMigrationRequest.newBuilder(), "MOVE_NOT_FOUND", "id", "there is no migration 0"),
                no(CancelMigrationRequest.newBuilder().setId(-1), "MOVE_NOT_FOUND", "id", "18446744073709551615"),
                no(
                        SetTableReplicasRequest.newBuilder().setTable("default"),
                        "BAD_REPLICAS",
                        "replicas",
                        "0 replicas: a partition has 1 to 7"),
                no(
                        SetTableReplicasRequest.newBuilder().setTable("default").setReplicas(9),
                        "BAD_REPLICAS",
                        "replicas",
                        "1 to 7"),
                no(SetTableReplicasRequest.newBuilder().setReplicas(3), "BAD_TABLE_NAME", "table", "no table is named"),
                no(
                        SetTableLearnersRequest.newBuilder()
                                .setTable("default")
                                .setZone("z")
                                .setCount(8),
                        "BAD_REPLICAS",
                        "count",
                        "0 to 7 learners in a zone"),
                no(
                        SetTableLearnersRequest.newBuilder().setTable("default").setCount(1),
                        "BAD_ZONE",
                        "zone",
                        "no zone is named"),
                no(
                        RecoverPartitionRequest.newBuilder().setTable("default"),
                        "BAD_OPTION",
                        "accept_loss",
                        "accept_loss = true"),
                no(
                        RecoverPartitionRequest.newBuilder()
                                .setTable("default")
                                .addSurvivors("n1")
                                .addSurvivors("n1")
                                .setAcceptLoss(true),
                        "BAD_OPTION",
                        "survivors",
                        "each surviving replica once"),
                no(
                        RecoverPartitionRequest.newBuilder()
                                .setTable("default")
                                .addSurvivors("")
                                .setAcceptLoss(true),
                        "NODE_NOT_FOUND",
                        "survivors",
                        "no node is named"),
                no(CompareReplicasRequest.newBuilder().setTable("users"), "TABLE_NOT_FOUND", null, "default"),
                no(
                        CompareReplicasRequest.newBuilder().setTable("default").setPartition(16),
                        "PARTITION_NOT_FOUND",
                        "partition",
                        "0 to 15, not 16"),
                no(
                        CompareReplicasRequest.newBuilder().setTable("default").setComparison("X"),
                        "BAD_OPTION",
                        "comparison",
                        "'X' names no comparison"),
                no(GetTopologyRequest.newBuilder().setEpoch(-1), "EPOCH_NOT_FOUND", "epoch", "newest is about 3"),
                no(
                        DiffTopologyRequest.newBuilder().setFromEpoch(3).setToEpoch(2),
                        "BAD_OPTION",
                        "from_epoch",
                        "epoch 3 is after epoch 2"),
                no(DiffTopologyRequest.newBuilder().setFromEpoch(-1), "EPOCH_NOT_FOUND", "from_epoch", "newest"),
                no(
                        DiffTopologyRequest.newBuilder().setFromEpoch(1).setToEpoch(-1),
                        "EPOCH_NOT_FOUND",
                        "to_epoch",
                        "newest"));
    }

    @Test
    void nonsense_is_refused_with_the_reason_the_field_and_what_would_be_right() {
        for (Nonsense one : nonsense()) {
            open.admin.asked.clear();
            var refusal = refused(() -> call(one.request())).with(one.code(), one.reason());
            if (one.field() != null) {
                refusal.blaming(one.field());
            }
            refusal.saying(one.says());
            assertThat(open.admin.asked).as("%s was handed on", one).isEmpty();
        }
    }

    @Test
    void no_method_is_forgotten() {
        var methods = new HashSet<String>();
        nonsense().forEach(one -> methods.add(method(one.request())));
        AdminProto.getDescriptor().getServices().get(0).getMethods().stream()
                .map(method -> method.getName())
                .filter(name -> !ELSEWHERE.contains(name))
                .forEach(name -> assertThat(methods).contains(name));
    }

    @Test
    void what_might_be_right_is_for_the_orchestrator_to_decide() {
        call(migrate("made-a-moment-ago", LAST, "n8", "n9").setExpectedEpoch(0).build());
        assertThat(open.admin.asked).containsKey("migrate");
        call(SetTableReplicasRequest.newBuilder()
                .setTable("_meta")
                .setReplicas(5)
                .build());
        assertThat(open.admin.asked).containsKey("setReplicas");
        open.admin.on(
                "drainNode",
                request -> new Answer.Refused<>(
                        Answer.Reason.NOT_ENOUGH_NODES, "n1 is the last node that could hold anything"));
        refused(() -> call(DrainNodeRequest.newBuilder().setNode("n1").build()))
                .with(Code.FAILED_PRECONDITION, "NOT_ENOUGH_NODES")
                .saying("the last node");
        open.admin.on("migrate", request -> new Answer.Refused<>(Answer.Reason.PARTITION_NOT_FOUND, "no such one"));
        refused(() -> call(migrate("other", 3, "n1", "n2").build())).with(Code.NOT_FOUND, "PARTITION_NOT_FOUND");
    }

    private static MigrateRequest.Builder migrate(String table, int partition, String from, String to) {
        return MigrateRequest.newBuilder()
                .setTable(table)
                .setPartition(partition)
                .setFrom(from)
                .setTo(to);
    }

    private static Nonsense no(Message.Builder request, String reason, String field, String says) {
        Code code = reason.equals("PARTITION_NOT_FOUND")
                ? Code.NOT_FOUND
                : Code.valueOf(ErrorReason.valueOf(reason).code.name());
        return new Nonsense(request.build(), code, reason, field, says);
    }

    private static String method(Message request) {
        return request.getDescriptorForType().getName().replaceFirst("Request$", "");
    }

    @SuppressWarnings("unchecked")
    private static void call(Message request) {
        var method = (MethodDescriptor<Message, Message>) AdminGrpc.getServiceDescriptor().getMethods().stream()
                .filter(one -> one.getBareMethodName().equals(method(request)))
                .findFirst()
                .orElseThrow();
        ClientCalls.blockingUnaryCall(open.channel, method, CallOptions.DEFAULT, request);
    }
}
