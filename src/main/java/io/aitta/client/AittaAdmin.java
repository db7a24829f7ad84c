package io.aitta.client;

import io.aitta.client.AittaException.Refused;
import io.aitta.client.Exchange.Safety;
import io.aitta.proto.v1.AdminGrpc;
import io.aitta.proto.v1.AlterTableRequest;
import io.aitta.proto.v1.AlterTableResponse;
import io.aitta.proto.v1.CreateTableRequest;
import io.aitta.proto.v1.CreateTableResponse;
import io.aitta.proto.v1.DescribeTableRequest;
import io.aitta.proto.v1.DescribeTableResponse;
import io.aitta.proto.v1.DropTableRequest;
import io.aitta.proto.v1.DropTableResponse;
import io.aitta.proto.v1.GetTopologyRequest;
import io.aitta.proto.v1.ListNodesRequest;
import io.aitta.proto.v1.ListNodesResponse;
import io.aitta.proto.v1.ListPartitionsRequest;
import io.aitta.proto.v1.ListPartitionsResponse;
import io.aitta.proto.v1.ListTablesRequest;
import io.aitta.proto.v1.ListTablesResponse;
import io.aitta.proto.v1.Topology;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Tables, nodes and the topology, asynchronously; the answers are the messages of aitta.v1. Immutable, thread-safe.
 * Stages behave as those of {@link AittaTable}, but for this: what makes, alters or drops a table is not sent again when
 * an answer was lost, so that its outcome is unknown then.
 */
public final class AittaAdmin {
    /** The largest number of partitions of a table. */
    public static final int MAX_PARTITIONS = 4_096;
    /** The largest number of replicas of a partition. */
    public static final int MAX_REPLICAS = 7;

    private final Calls calls;
    private final Function<Consumer<Topology>, AittaClient.Watch> watches;
    private final Duration deadline;

    AittaAdmin(Calls calls, Function<Consumer<Topology>, AittaClient.Watch> watches, Duration deadline) {
        this.calls = calls;
        this.watches = watches;
        this.deadline = deadline;
    }

    /** The same with another deadline for each call, above zero. */
    public AittaAdmin withDeadline(Duration deadline) {
        return new AittaAdmin(calls, watches, AittaClient.checkDeadline(deadline));
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
        if (partitions.isPresent() && outside(partitions.getAsInt(), MAX_PARTITIONS)) {
            return refused("BAD_PARTITIONS", "partitions must be 1 to 4096, not " + partitions.getAsInt());
        }
        if (replicas.isPresent() && outside(replicas.getAsInt(), MAX_REPLICAS)) {
            return refused("BAD_REPLICAS", "replicas must be 1 to 7, not " + replicas.getAsInt());
        }
        var request = CreateTableRequest.newBuilder().setName(name).setOptions(options.message());
        partitions.ifPresent(request::setPartitions);
        replicas.ifPresent(request::setReplicas);
        return call(AdminGrpc.getCreateTableMethod(), Safety.ONCE, request.build());
    }

    /** Changes those options of a table that are given. */
    public CompletionStage<AlterTableResponse> alterTable(String name, TableOptions options) {
        var request = AlterTableRequest.newBuilder()
                .setName(name)
                .setOptions(options.message())
                .build();
        return call(AdminGrpc.getAlterTableMethod(), Safety.ONCE, request);
    }

    /** Removes a table and all of its data. */
    public CompletionStage<DropTableResponse> dropTable(String name) {
        var request = DropTableRequest.newBuilder().setName(name).build();
        return call(AdminGrpc.getDropTableMethod(), Safety.ONCE, request);
    }

    public CompletionStage<ListTablesResponse> listTables() {
        return call(AdminGrpc.getListTablesMethod(), Safety.READ, ListTablesRequest.getDefaultInstance());
    }

    public CompletionStage<DescribeTableResponse> describeTable(String name) {
        var request = DescribeTableRequest.newBuilder().setName(name).build();
        return call(AdminGrpc.getDescribeTableMethod(), Safety.READ, request);
    }

    public CompletionStage<ListNodesResponse> listNodes() {
        return call(AdminGrpc.getListNodesMethod(), Safety.READ, ListNodesRequest.getDefaultInstance());
    }

    /** @param table empty: all tables */
    public CompletionStage<ListPartitionsResponse> listPartitions(String table) {
        var request = ListPartitionsRequest.newBuilder().setTable(table).build();
        return call(AdminGrpc.getListPartitionsMethod(), Safety.READ, request);
    }

    /** The topology as the answering node knows it. */
    public CompletionStage<Topology> topology() {
        return call(AdminGrpc.getGetTopologyMethod(), Safety.READ, GetTopologyRequest.getDefaultInstance());
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

    private <Q, R> CompletionStage<R> call(MethodDescriptor<Q, R> method, Safety safety, Q request) {
        return calls.begin(Exchange.plain(method, safety, request), deadline);
    }

    private static boolean outside(int number, int max) {
        return number < 1 || number > max;
    }

    private static <T> CompletionStage<T> refused(String reason, String message) {
        return CompletableFuture.failedFuture(new Refused(Refused.Kind.BAD_INPUT, reason, message));
    }

    /** The same operations, each of which waits for its answer and throws {@link AittaException}. Thread-safe. */
    public static final class BlockingView {
        private final AittaAdmin admin;

        private BlockingView(AittaAdmin admin) {
            this.admin = admin;
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
    }
}
