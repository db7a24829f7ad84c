package io.aitta.gateway;

import static io.aitta.gateway.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.proto.v1.AdminGrpc;
import io.aitta.proto.v1.AlterTableRequest;
import io.aitta.proto.v1.AlterTableResponse;
import io.aitta.proto.v1.CreateTableRequest;
import io.aitta.proto.v1.CreateTableResponse;
import io.aitta.proto.v1.DescribeTableRequest;
import io.aitta.proto.v1.DropTableRequest;
import io.aitta.proto.v1.DropTableResponse;
import io.aitta.proto.v1.GetTopologyRequest;
import io.aitta.proto.v1.ListNodesRequest;
import io.aitta.proto.v1.ListPartitionsRequest;
import io.aitta.proto.v1.ListTablesRequest;
import io.aitta.proto.v1.TableOptions;
import io.grpc.Status.Code;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminServiceTest {
    private final OpenDoor open = new OpenDoor();
    private final AdminGrpc.AdminBlockingStub admin = AdminGrpc.newBlockingStub(open.channel);

    @AfterEach
    void close() throws Exception {
        open.close();
    }

    @Test
    void a_table_is_created_and_dropped_by_the_orchestrator() {
        open.admin.on(
                "createTable",
                request -> new Answer.Done<>(
                        CreateTableResponse.newBuilder().setEpoch(4).build()));
        open.admin.on(
                "dropTable",
                request -> new Answer.Done<>(
                        DropTableResponse.newBuilder().setEpoch(5).build()));
        assertThat(admin.createTable(create("users").setPartitions(4_096).build())
                        .getEpoch())
                .isEqualTo(4);
        assertThat(admin.dropTable(
                                DropTableRequest.newBuilder().setName("users").build())
                        .getEpoch())
                .isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "ä", "two words", "-dash", "a@1", "."})
    void an_odd_name_is_refused_before_the_orchestrator_hears_of_it(String name) {
        refused(() -> admin.createTable(create(name).build())).with(Code.INVALID_ARGUMENT, "BAD_TABLE_NAME");
        refused(() -> admin.dropTable(
                        DropTableRequest.newBuilder().setName(name).build()))
                .with(Code.INVALID_ARGUMENT, "BAD_TABLE_NAME");
    }

    @Test
    void the_systems_own_tables_are_protected() {
        refused(() -> admin.dropTable(
                        DropTableRequest.newBuilder().setName("_meta").build()))
                .with(Code.FAILED_PRECONDITION, "TABLE_PROTECTED");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4_097, 100_000, -1})
    void no_partitions_or_too_many_are_refused(int partitions) {
        refused(() -> admin.createTable(create("t").setPartitions(partitions).build()))
                .with(Code.INVALID_ARGUMENT, "BAD_PARTITIONS")
                .blaming("partitions")
                .saying("1 to 4,096");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8, -1})
    void no_replicas_or_too_many_are_refused(int replicas) {
        refused(() -> admin.createTable(create("t").setReplicas(replicas).build()))
                .with(Code.INVALID_ARGUMENT, "BAD_REPLICAS")
                .blaming("replicas")
                .saying("1 to 7");
    }

    @ParameterizedTest
    @EnumSource(Answer.Reason.class)
    void every_refusal_of_the_orchestrator_keeps_its_name(Answer.Reason reason) {
        open.admin.on("createTable", request -> new Answer.Refused<>(reason, "because"));
        Code code = reason == Answer.Reason.PARTITION_NOT_FOUND
                ? Code.NOT_FOUND
                : Code.valueOf(ErrorReason.valueOf(reason.name()).code.name());
        refused(() -> admin.createTable(create("t").build()))
                .with(code, reason.name())
                .saying("because");
    }

    @Test
    void an_unknown_outcome_says_that_it_is_unknown() {
        open.admin.on("createTable", request -> new Answer.Unknown<>("the orchestrator moved"));
        refused(() -> admin.createTable(create("t").build())).with(Code.UNKNOWN, "OUTCOME_UNKNOWN");
    }

    @Test
    void questions_are_answered_from_the_topology_at_hand() {
        assertThat(admin.getTopology(GetTopologyRequest.getDefaultInstance())).isEqualTo(open.topology.current());
        assertThat(admin.listTables(ListTablesRequest.getDefaultInstance()).getTablesList())
                .hasSize(1);
        assertThat(admin.listNodes(ListNodesRequest.getDefaultInstance()).getNodesList())
                .hasSize(2);
        assertThat(admin.listPartitions(ListPartitionsRequest.getDefaultInstance())
                        .getPartitionsList())
                .hasSize(16);
        assertThat(admin.listPartitions(ListPartitionsRequest.newBuilder()
                                .setTable("default")
                                .build())
                        .getPartitionsList())
                .hasSize(16);
        var described = admin.describeTable(
                DescribeTableRequest.newBuilder().setName("default").build());
        assertThat(described.getTable().getPartitions()).isEqualTo(16);
        assertThat(described.getPartitionsList()).hasSize(16);
        assertThat(described.getEpoch()).isEqualTo(3);
    }

    @Test
    void an_unknown_table_is_not_found() {
        refused(() -> admin.describeTable(
                        DescribeTableRequest.newBuilder().setName("users").build()))
                .with(Code.NOT_FOUND, "TABLE_NOT_FOUND")
                .saying("there are: default");
        refused(() -> admin.listPartitions(
                        ListPartitionsRequest.newBuilder().setTable("users").build()))
                .with(Code.NOT_FOUND, "TABLE_NOT_FOUND");
    }

    @Test
    void an_alteration_is_passed_on_and_its_table_comes_back() {
        open.admin.<AlterTableRequest>on(
                "alterTable",
                request -> new Answer.Done<>(AlterTableResponse.newBuilder()
                        .setEpoch(request.getOptions().getMaxValueBytes())
                        .build()));
        assertThat(admin.alterTable(alter(TableOptions.newBuilder().setMaxValueBytes(9)))
                        .getEpoch())
                .isEqualTo(9);
    }

    @Test
    void options_out_of_their_bounds_are_refused_by_name() {
        refused(() -> admin.alterTable(alter(TableOptions.newBuilder())))
                .with(Code.INVALID_ARGUMENT, "BAD_OPTION")
                .saying("nothing to alter");
        refused(() -> admin.alterTable(alter(TableOptions.newBuilder().setMaxValueBytes(Integer.MAX_VALUE))))
                .with(Code.INVALID_ARGUMENT, "BAD_OPTION")
                .saying("value-bytes");
        refused(() -> admin.alterTable(alter(TableOptions.newBuilder().setDefaultTimeToLiveMillis(-1))))
                .with(Code.INVALID_ARGUMENT, "BAD_OPTION")
                .saying("never expire");
        refused(() -> admin.alterTable(alter(TableOptions.newBuilder().setDefaultReadConsistencyValue(99))))
                .with(Code.INVALID_ARGUMENT, "BAD_OPTION")
                .saying("STRONG, SESSION or EVENTUAL");
        refused(() -> admin.createTable(create("t")
                        .setOptions(TableOptions.newBuilder().setDefaultReadConsistencyValue(0))
                        .build()))
                .with(Code.INVALID_ARGUMENT, "BAD_OPTION");
    }

    private static AlterTableRequest alter(TableOptions.Builder options) {
        return AlterTableRequest.newBuilder().setName("t").setOptions(options).build();
    }

    private static CreateTableRequest.Builder create(String name) {
        return CreateTableRequest.newBuilder().setName(name);
    }
}
