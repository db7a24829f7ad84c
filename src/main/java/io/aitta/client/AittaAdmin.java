package io.aitta.client;

import static io.aitta.client.AdminCalls.outside;
import static io.aitta.client.AdminCalls.refused;

import io.aitta.client.Exchange.Safety;
import io.aitta.proto.v1.AdminGrpc;
import io.aitta.proto.v1.AlterTableRequest;
import io.aitta.proto.v1.AlterTableResponse;
import io.aitta.proto.v1.ChangeResponse;
import io.aitta.proto.v1.CreateTableRequest;
import io.aitta.proto.v1.CreateTableResponse;
import io.aitta.proto.v1.DescribeTableRequest;
import io.aitta.proto.v1.DescribeTableResponse;
import io.aitta.proto.v1.DiffTopologyRequest;
import io.aitta.proto.v1.DiffTopologyResponse;
import io.aitta.proto.v1.DropTableRequest;
import io.aitta.proto.v1.DropTableResponse;
import io.aitta.proto.v1.GetInfoRequest;
import io.aitta.proto.v1.GetInfoResponse;
import io.aitta.proto.v1.GetSlowLogRequest;
import io.aitta.proto.v1.GetSlowLogResponse;
import io.aitta.proto.v1.GetTopologyRequest;
import io.aitta.proto.v1.ListNodesRequest;
import io.aitta.proto.v1.ListNodesResponse;
import io.aitta.proto.v1.ListPartitionsRequest;
import io.aitta.proto.v1.ListPartitionsResponse;
import io.aitta.proto.v1.ListTablesRequest;
import io.aitta.proto.v1.ListTablesResponse;
import io.aitta.proto.v1.SetTableLearnersRequest;
import io.aitta.proto.v1.SetTableReplicasRequest;
import io.aitta.proto.v1.Topology;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Tables, nodes and the topology, asynchronously; the answers are the messages of aitta.v1. What is ordered for nodes,
 * partitions and moves is found under {@link #nodes()}, {@link #partitions()} and {@link #migrations()}. Immutable,
 * thread-safe. Stages behave as those of {@link AittaTable}, but for this: what makes, alters or drops a table is not sent
 * again when an answer was lost, so that its outcome is unknown then.
 *
 * <p>A node is taken out of service without anybody noticing:
 *
 * <pre>{@code
 * AittaAdmin.BlockingView admin = client.admin().blocking();
 * admin.nodes().drain("n2", Optional.empty());
 * while (admin.nodes().describe("n2").getPartitionsCount() > 0) {
 *     Thread.sleep(500);
 * }
 * admin.nodes().remove("n2");
 * }</pre>
 */
public final class AittaAdmin {
    /** The largest number of partitions of a table. */
    public static final int MAX_PARTITIONS = 4_096;
    /** The largest number of replicas of a partition. */
    public static final int MAX_REPLICAS = 7;

    private final AdminCalls calls;
    private final Function<Consumer<Topology>, AittaClient.Watch> watches;

    AittaAdmin(Calls calls, Function<Consumer<Topology>, AittaClient.Watch> watches, Duration deadline) {
        this.calls = new AdminCalls(calls, deadline);
        this.watches = watches;
    }

    /** The same with another deadline for each call, above zero. */
    public AittaAdmin withDeadline(Duration deadline) {
        return new AittaAdmin(calls.calls(), watches, AittaClient.checkDeadline(deadline));
    }

    /** What is ordered for nodes. */
    public NodeAdmin nodes() {
        return new NodeAdmin(calls);
    }

    /** How partitions stand, and who is primary. */
    public PartitionAdmin partitions() {
        return new PartitionAdmin(calls);
    }

    /** Moves of replicas. */
    public MigrationAdmin migrations() {
        return new MigrationAdmin(calls);
    }

    /** Whether all is as it should be. */
    public CheckAdmin checks() {
        return new CheckAdmin(calls);
    }

    /** The same for callers that wait. */
    public BlockingView blocking() {
        return new BlockingView(this);
    }

    /**
     * Makes a table with the options that tables have by themselves. See {@link #createTable(String, OptionalInt,
     * OptionalInt, TableOptions)}.
     */
    public CompletionStage<CreateTableResponse> createTable(String name, OptionalInt partitions, OptionalInt replicas) {
        return createTable(name, partitions, replicas, TableOptions.UNCHANGED);
    }

    /**
     * Makes a table.
     *
     * @param partitions 1 to {@link #MAX_PARTITIONS}; empty: the cluster's default
     * @param replicas 1 to {@link #MAX_REPLICAS}; empty: the cluster's default
     */
    public CompletionStage<CreateTableResponse> createTable(
            String name, OptionalInt partitions, OptionalInt replicas, TableOptions options) {
        if (partitions.isPresent() && outside(partitions.getAsInt(), 1, MAX_PARTITIONS)) {
            return refused("BAD_PARTITIONS", "partitions must be 1 to 4096, not " + partitions.getAsInt());
        }
        if (replicas.isPresent() && outside(replicas.getAsInt(), 1, MAX_REPLICAS)) {
            return refused("BAD_REPLICAS", "replicas must be 1 to 7, not " + replicas.getAsInt());
        }
        var request = CreateTableRequest.newBuilder().setName(name).setOptions(options.message());
        partitions.ifPresent(request::setPartitions);
        replicas.ifPresent(request::setReplicas);
        return calls.call(AdminGrpc.getCreateTableMethod(), Safety.ONCE, request.build());
    }

    /** Changes those options of a table that are given. */
    public CompletionStage<AlterTableResponse> alterTable(String name, TableOptions options) {
        var request = AlterTableRequest.newBuilder()
                .setName(name)
                .setOptions(options.message())
                .build();
        return calls.call(AdminGrpc.getAlterTableMethod(), Safety.ONCE, request);
    }

    /**
     * How many voters each partition of a table is to have; it is made so in the background. What was ordered for single
     * partitions is forgotten. Sent again when an answer was lost. Refused with TABLE_NOT_FOUND, BAD_REPLICAS or
     * NOT_ENOUGH_NODES.
     *
     * @param replicas 1 to {@link #MAX_REPLICAS}, at most the nodes that are up and not drained
     */
    public CompletionStage<ChangeResponse> setTableReplicas(String name, int replicas) {
        if (outside(replicas, 1, MAX_REPLICAS)) {
            return refused("BAD_REPLICAS", "replicas must be 1 to 7, not " + replicas);
        }
        var request = SetTableReplicasRequest.newBuilder().setTable(name).setReplicas(replicas);
        return calls.call(AdminGrpc.getSetTableReplicasMethod(), Safety.REPEATABLE, request.build());
    }

    /**
     * How many asynchronous copies each partition of a table is to have in a zone; they serve EVENTUAL and SESSION reads and
     * have no vote. Made so in the background. Sent again when an answer was lost. Refused with TABLE_NOT_FOUND,
     * BAD_REPLICAS, BAD_ZONE or NOT_ENOUGH_NODES.
     *
     * @param count 0 to {@link #MAX_REPLICAS}; 0: none there any more
     */
    public CompletionStage<ChangeResponse> setTableLearners(String name, String zone, int count) {
        if (outside(count, 0, MAX_REPLICAS)) {
            return refused("BAD_REPLICAS", "learners must be 0 to 7, not " + count);
        }
        var request = SetTableLearnersRequest.newBuilder()
                .setTable(name)
                .setZone(zone)
                .setCount(count);
        return calls.call(AdminGrpc.getSetTableLearnersMethod(), Safety.REPEATABLE, request.build());
    }

    /** Removes a table and all of its data. */
    public CompletionStage<DropTableResponse> dropTable(String name) {
        var request = DropTableRequest.newBuilder().setName(name).build();
        return calls.call(AdminGrpc.getDropTableMethod(), Safety.ONCE, request);
    }

    public CompletionStage<ListTablesResponse> listTables() {
        return calls.call(AdminGrpc.getListTablesMethod(), Safety.READ, ListTablesRequest.getDefaultInstance());
    }

    public CompletionStage<DescribeTableResponse> describeTable(String name) {
        var request = DescribeTableRequest.newBuilder().setName(name).build();
        return calls.call(AdminGrpc.getDescribeTableMethod(), Safety.READ, request);
    }

    public CompletionStage<ListNodesResponse> listNodes() {
        return calls.call(AdminGrpc.getListNodesMethod(), Safety.READ, ListNodesRequest.getDefaultInstance());
    }

    /** @param table empty: all tables */
    public CompletionStage<ListPartitionsResponse> listPartitions(String table) {
        var request = ListPartitionsRequest.newBuilder().setTable(table).build();
        return calls.call(AdminGrpc.getListPartitionsMethod(), Safety.READ, request);
    }

    /** The topology as the answering node knows it. */
    public CompletionStage<Topology> topology() {
        return calls.call(AdminGrpc.getGetTopologyMethod(), Safety.READ, GetTopologyRequest.getDefaultInstance());
    }

    /** The topology of a past epoch. Refused with EPOCH_NOT_FOUND. */
    public CompletionStage<Topology> topologyAt(long epoch) {
        var request = GetTopologyRequest.newBuilder().setEpoch(epoch).build();
        return calls.call(AdminGrpc.getGetTopologyMethod(), Safety.READ, request);
    }

    /**
     * What changed from one epoch to another, and what happened in between. Refused with EPOCH_NOT_FOUND.
     *
     * @param to empty: the present one
     */
    public CompletionStage<DiffTopologyResponse> topologyChanges(long from, OptionalLong to) {
        var request = DiffTopologyRequest.newBuilder().setFromEpoch(from);
        to.ifPresent(request::setToEpoch);
        return calls.call(AdminGrpc.getDiffTopologyMethod(), Safety.READ, request.build());
    }

    /**
     * The topology now and again with every change, across nodes that come and go, until the watch is closed. Changes
     * that come faster than the listener takes them may be left out, the newest never is.
     *
     * @param listener called on a thread of the client, one call at a time
     */
    public AittaClient.Watch watchTopology(Consumer<Topology> listener) {
        return watches.apply(listener);
    }

    /**
     * How the cluster fares: load, latency, capacity and replication by table and by node. Refused with TABLE_NOT_FOUND or
     * NODE_NOT_FOUND.
     *
     * @param table empty: all
     * @param node empty: all
     */
    public CompletionStage<GetInfoResponse> info(String table, String node) {
        var request = GetInfoRequest.newBuilder().setTable(table).setNode(node).build();
        return calls.call(AdminGrpc.getGetInfoMethod(), Safety.READ, request);
    }

    /**
     * The last requests that took long, the newest first. Refused with TABLE_NOT_FOUND or NODE_NOT_FOUND.
     *
     * @param table empty: of all
     * @param node through whose door they came; empty: all
     * @param limit 1 to 1,000; 0: 100
     */
    public CompletionStage<GetSlowLogResponse> slowLog(String table, String node, int limit) {
        var request =
                GetSlowLogRequest.newBuilder().setTable(table).setNode(node).setLimit(limit);
        return calls.call(AdminGrpc.getGetSlowLogMethod(), Safety.READ, request.build());
    }

    /** The same operations, each of which waits for its answer and throws {@link AittaException}. Thread-safe. */
    public static final class BlockingView {
        private final AittaAdmin admin;

        private BlockingView(AittaAdmin admin) {
            this.admin = admin;
        }

        /** See {@link AittaAdmin#nodes}. */
        public NodeAdmin.BlockingView nodes() {
            return admin.nodes().blocking();
        }

        /** See {@link AittaAdmin#partitions}. */
        public PartitionAdmin.BlockingView partitions() {
            return admin.partitions().blocking();
        }

        /** See {@link AittaAdmin#migrations}. */
        public MigrationAdmin.BlockingView migrations() {
            return admin.migrations().blocking();
        }

        /** See {@link AittaAdmin#checks}. */
        public CheckAdmin.BlockingView checks() {
            return admin.checks().blocking();
        }

        /** See {@link AittaAdmin#createTable(String, OptionalInt, OptionalInt)}. */
        public CreateTableResponse createTable(String name, OptionalInt partitions, OptionalInt replicas) {
            return Blocking.await(admin.createTable(name, partitions, replicas));
        }

        /** See {@link AittaAdmin#createTable(String, OptionalInt, OptionalInt, TableOptions)}. */
        public CreateTableResponse createTable(
                String name, OptionalInt partitions, OptionalInt replicas, TableOptions options) {
            return Blocking.await(admin.createTable(name, partitions, replicas, options));
        }

        /** See {@link AittaAdmin#alterTable}. */
        public AlterTableResponse alterTable(String name, TableOptions options) {
            return Blocking.await(admin.alterTable(name, options));
        }

        /** See {@link AittaAdmin#setTableReplicas}. */
        public ChangeResponse setTableReplicas(String name, int replicas) {
            return Blocking.await(admin.setTableReplicas(name, replicas));
        }

        /** See {@link AittaAdmin#setTableLearners}. */
        public ChangeResponse setTableLearners(String name, String zone, int count) {
            return Blocking.await(admin.setTableLearners(name, zone, count));
        }

        /** See {@link AittaAdmin#dropTable}. */
        public DropTableResponse dropTable(String name) {
            return Blocking.await(admin.dropTable(name));
        }

        /** See {@link AittaAdmin#listTables}. */
        public ListTablesResponse listTables() {
            return Blocking.await(admin.listTables());
        }

        /** See {@link AittaAdmin#describeTable}. */
        public DescribeTableResponse describeTable(String name) {
            return Blocking.await(admin.describeTable(name));
        }

        /** See {@link AittaAdmin#listNodes}. */
        public ListNodesResponse listNodes() {
            return Blocking.await(admin.listNodes());
        }

        /** See {@link AittaAdmin#listPartitions}. */
        public ListPartitionsResponse listPartitions(String table) {
            return Blocking.await(admin.listPartitions(table));
        }

        /** See {@link AittaAdmin#topology}. */
        public Topology topology() {
            return Blocking.await(admin.topology());
        }

        /** See {@link AittaAdmin#topologyAt}. */
        public Topology topologyAt(long epoch) {
            return Blocking.await(admin.topologyAt(epoch));
        }

        /** See {@link AittaAdmin#info}. */
        public GetInfoResponse info(String table, String node) {
            return Blocking.await(admin.info(table, node));
        }

        /** See {@link AittaAdmin#slowLog}. */
        public GetSlowLogResponse slowLog(String table, String node, int limit) {
            return Blocking.await(admin.slowLog(table, node, limit));
        }

        /** See {@link AittaAdmin#topologyChanges}. */
        public DiffTopologyResponse topologyChanges(long from, OptionalLong to) {
            return Blocking.await(admin.topologyChanges(from, to));
        }
    }
}
