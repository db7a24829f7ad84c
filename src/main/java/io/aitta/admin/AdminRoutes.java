package io.aitta.admin;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.aitta.proto.v1.AdminProto;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Where each method of the Admin service stands by HTTP: a line for each. What it is asked and answers, the service says. */
public final class AdminRoutes {
    /** Calls a method of the Admin service. */
    @FunctionalInterface
    public interface Calls {
        /**
         * @param method as the service calls it
         * @param request a message of the method's type
         * @param deadlineNanos on {@link System#nanoTime()}'s clock
         */
        CompletionStage<Message> call(String method, Message request, long deadlineNanos);
    }

    private record Line(ApiRoute.Method method, String path, String rpc, HttpGuard.Need need, String summary) {}

    private static final List<Line> LINES = List.of(
            get("/topology", "GetTopology", "The topology as this node knows it, or that of a past epoch."),
            get("/topology/diff", "DiffTopology", "What changed between two epochs."),
            get("/nodes", "ListNodes", "All nodes, those that were removed last too."),
            get("/nodes/{node}", "DescribeNode", "One node with its load and what it holds."),
            get("/tables", "ListTables", "All tables."),
            get("/tables/{name}", "DescribeTable", "One table with its partitions."),
            get("/partitions", "ListPartitions", "The partitions of one table, or of all; live: with their state now."),
            get(
                    "/partitions/{table}/{partition}",
                    "DescribePartition",
                    "One partition with the state of its replicas."),
            get("/migrations", "ListMigrations", "What is being moved; ended: what has been moved, too."),
            get("/info", "GetInfo", "How the cluster fares: load, latency, capacity, replication by table and node."),
            forAdmins("/slow-log", "GetSlowLog", "The last requests that took long, and where."),
            get("/check", "CheckCluster", "One verdict for the whole cluster, and what is not as it should be."),
            post("/tables", "CreateTable", "Makes a table; answered once its partitions take writes."),
            post("/tables/{name}/alter", "AlterTable", "Changes a table's options; what is not given stays as it is."),
            post("/tables/{name}/drop", "DropTable", "Removes a table and its data."),
            post("/tables/{table}/replicas", "SetTableReplicas", "How many voters each partition is to have."),
            post("/tables/{table}/learners", "SetTableLearners", "How many asynchronous copies there are in a zone."),
            post("/nodes/{node}/drain", "DrainNode", "Moves everything off a node, in the background."),
            post("/nodes/{node}/undrain", "UndrainNode", "The node may carry replicas again."),
            post("/nodes/{node}/remove", "RemoveNode", "Takes an empty node out; force: one that is gone for good."),
            post("/nodes/{node}/weight", "SetNodeWeight", "How much the node should carry beside the others."),
            post("/nodes/{node}/zone", "SetNodeZone", "Where the node stands."),
            post("/partitions/{table}/{partition}/migrate", "Migrate", "Moves a replica, in the background."),
            post("/partitions/{table}/{partition}/add-replica", "AddReplica", "Adds a replica on a node."),
            post("/partitions/{table}/{partition}/remove-replica", "RemoveReplica", "Removes a replica from a node."),
            post(
                    "/partitions/{table}/{partition}/transfer-primary",
                    "TransferPrimary",
                    "Has a node become primary; answered when it is."),
            post(
                    "/partitions/{table}/{partition}/recover",
                    "RecoverPartition",
                    "A majority is gone for good: goes on with the survivors. What only the others had is lost."),
            post(
                    "/partitions/{table}/{partition}/compare",
                    "CompareReplicas",
                    "Compares what all replicas hold at one log index; may have to be asked again, with comparison."),
            post("/migrations/{id}/cancel", "CancelMigration", "Takes a move back."),
            post("/rebalance", "Rebalance", "Has nodes carry their share; dry_run: tells what would be moved."),
            post("/balancing", "PauseBalancing", "paused: nothing is moved for the balance's sake until it goes on."));

    private AdminRoutes() {}

    /** In the order in which people should read of them. */
    public static List<ApiRoute> of(Calls calls) {
        return LINES.stream().map(line -> route(line, calls)).toList();
    }

    private static ApiRoute route(Line line, Calls calls) {
        MethodDescriptor rpc =
                AdminProto.getDescriptor().findServiceByName("Admin").findMethodByName(line.rpc);
        if (rpc == null) {
            throw new IllegalStateException("the Admin service has no method " + line.rpc);
        }
        return new ApiRoute(
                line.method,
                line.path,
                line.rpc,
                line.need,
                DynamicMessage.getDefaultInstance(rpc.getInputType()),
                DynamicMessage.getDefaultInstance(rpc.getOutputType()),
                line.summary,
                (request, deadlineNanos) -> calls.call(line.rpc, request, deadlineNanos));
    }

    private static Line get(String path, String rpc, String summary) {
        return new Line(ApiRoute.Method.GET, path, rpc, HttpGuard.Need.READ, summary);
    }

    /** A question whose answer has parts of keys of all tables in it. */
    private static Line forAdmins(String path, String rpc, String summary) {
        return new Line(ApiRoute.Method.GET, path, rpc, HttpGuard.Need.READ_AS_ADMIN, summary);
    }

    private static Line post(String path, String rpc, String summary) {
        return new Line(ApiRoute.Method.POST, path, rpc, HttpGuard.Need.CHANGE, summary);
    }
}
