package io.aitta.gateway;

import com.typesafe.config.ConfigFactory;
import io.aitta.config.BindFailures;
import io.aitta.config.ConfigException;
import io.aitta.config.GrpcSettings;
import io.aitta.config.LimitSettings;
import io.aitta.metrics.RequestMetrics;
import io.aitta.partition.ChangeAccess;
import io.aitta.partition.PartitionAccess;
import io.aitta.proto.v1.Admin;
import io.aitta.proto.v1.AppendRequest;
import io.aitta.proto.v1.Backup;
import io.aitta.proto.v1.CountRequest;
import io.aitta.proto.v1.DeleteRangeRequest;
import io.aitta.proto.v1.DeleteRequest;
import io.aitta.proto.v1.ExistsRequest;
import io.aitta.proto.v1.ExpireRequest;
import io.aitta.proto.v1.FlushRequest;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.IncrementRequest;
import io.aitta.proto.v1.Kv;
import io.aitta.proto.v1.MultiDeleteRequest;
import io.aitta.proto.v1.MultiGetRequest;
import io.aitta.proto.v1.MultiSetRequest;
import io.aitta.proto.v1.PersistRequest;
import io.aitta.proto.v1.PipelineRequest;
import io.aitta.proto.v1.PipelineResponse;
import io.aitta.proto.v1.ReadPartitionRequest;
import io.aitta.proto.v1.ScanRequest;
import io.aitta.proto.v1.SetRequest;
import io.aitta.proto.v1.TimeToLiveRequest;
import io.aitta.proto.v1.TransactionRequest;
import io.aitta.proto.v1.WatchRequest;
import io.aitta.security.Protection;
import io.grpc.health.v1.Health;
import io.grpc.health.v1.HealthCheckRequest;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.ConnectionContext;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.settings.ServerSettings;
import org.apache.pekko.japi.function.Function;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.SharedKillSwitch;

/**
 * The node's gRPC port, HTTP/2 in clear text or over TLS: the services Kv, Admin and Backup, the standard health service, and
 * server reflection. How the server itself is set up stands in aitta-grpc.conf.
 */
public final class GrpcDoor {
    private final ServerBinding binding;
    private final Admission admission;
    private final SharedKillSwitch streams;
    private final OpenPipelines pipelines;

    private GrpcDoor(ServerBinding binding, Admission admission, SharedKillSwitch streams, OpenPipelines pipelines) {
        this.binding = binding;
        this.admission = admission;
        this.streams = streams;
        this.pipelines = pipelines;
    }

    /**
     * What stands behind the door.
     *
     * @param cluster done when the node has joined one; who asks before that waits
     * @param ready whether the node can serve; asked often, must be cheap
     */
    public record Behind(
            PartitionAccess partitions,
            ChangeAccess changes,
            TopologySource topology,
            CompletionStage<ClusterAdmin> cluster,
            BooleanSupplier ready,
            RequestMetrics metrics) {}

    /**
     * Opens the door.
     *
     * @return the open door, or a {@link ConfigException} that says why the port cannot be had
     */
    public static CompletionStage<GrpcDoor> open(
            ActorSystem<?> system,
            String host,
            GrpcSettings settings,
            LimitSettings limits,
            Protection protection,
            Behind behind) {
        var gate = new Gate(protection.access(), protection.audit());
        var admission = new Admission(limits);
        var streams = KillSwitches.shared("grpc-streams");
        var pipelines = new OpenPipelines();
        var kv = new KvService(behind.partitions(), behind.topology(), limits);
        var scans = new ScanService(behind.partitions(), behind.topology(), limits);
        var ranges = new RangeService(behind.partitions(), behind.topology(), limits);
        var rpcs = rpcs(kv, scans, ranges, behind, limits, streams);
        var book = new CallBook(behind.metrics());
        behind.metrics().tablesAre(new Routing(behind.topology())::hasTable);
        var calls = new PipelineCalls(kv, scans, ranges, behind.partitions(), settings, book);
        rpcs.put(
                "/" + Kv.name + "/Pipeline",
                new Rpc.Bidirectional<PipelineRequest, PipelineResponse>((messages, visit, origin) ->
                        messages.via(new PipelineStage(calls, admission, limits, pipelines, visit, origin))));
        var router = new RpcRouter(rpcs, gate, admission, settings, book, system);
        var reflection =
                new Reflection(system, Kv.description, Admin.description, Backup.description, Health.description);
        Function<HttpRequest, CompletionStage<HttpResponse>> handler = request ->
                reflection.isMeant(request) ? router.ifKnown(request, reflection::handle) : router.handle(request);
        var server = Http.get(system).newServerAt(host, settings.port());
        return protection
                .tls()
                .map(tls -> server.enableHttps(ConnectionContext.httpsServer(tls::serverEngine)))
                .orElse(server)
                .withSettings(ServerSettings.create(ConfigFactory.parseResources("aitta-grpc.conf")
                        .withFallback(system.settings().config())))
                .bind(handler)
                .handle((binding, failure) -> {
                    if (failure != null) {
                        throw BindFailures.explained(host, settings.port(), "--grpc-port", failure);
                    }
                    return new GrpcDoor(binding, admission, streams, pipelines);
                });
    }

    /** Where it listens; the port is the real one if any free one was asked for. */
    public InetSocketAddress address() {
        return binding.localAddress();
    }

    /** Requests that were let in and not answered yet. */
    public int requestsInFlight() {
        return admission.requests();
    }

    /**
     * Closes the door: new requests are refused with STOPPING, watchers are sent away with it, clients are told to go
     * elsewhere, and requests under way are given time to finish; streaming sessions end when theirs are.
     *
     * @param patience how long those may take; the rest is cut off
     */
    public CompletionStage<Done> close(Duration patience) {
        admission.stop();
        pipelines.stop();
        streams.abort(Problem.of(ErrorReason.STOPPING, "this node is stopping; ask another one")
                .asException());
        return binding.terminate(patience).thenApply(terminated -> Done.getInstance());
    }

    private static Map<String, Rpc<?>> rpcs(
            KvService kv,
            ScanService scans,
            RangeService ranges,
            Behind behind,
            LimitSettings limits,
            SharedKillSwitch streams) {
        Map<String, Rpc<?>> rpcs = new HashMap<>();
        String path = "/" + Kv.name + "/";
        rpcs.put(path + "Get", new Rpc.Unary<>(GetRequest.parser(), kv::get));
        rpcs.put(path + "Exists", new Rpc.Unary<>(ExistsRequest.parser(), kv::exists));
        rpcs.put(path + "TimeToLive", new Rpc.Unary<>(TimeToLiveRequest.parser(), kv::timeToLive));
        rpcs.put(path + "Set", new Rpc.Unary<>(SetRequest.parser(), kv::set));
        rpcs.put(path + "Delete", new Rpc.Unary<>(DeleteRequest.parser(), kv::delete));
        rpcs.put(path + "Append", new Rpc.Unary<>(AppendRequest.parser(), kv::append));
        rpcs.put(path + "Increment", new Rpc.Unary<>(IncrementRequest.parser(), kv::increment));
        rpcs.put(path + "Expire", new Rpc.Unary<>(ExpireRequest.parser(), kv::expire));
        rpcs.put(path + "Persist", new Rpc.Unary<>(PersistRequest.parser(), kv::persist));
        rpcs.put(path + "MultiGet", new Rpc.Unary<>(MultiGetRequest.parser(), kv::multiGet));
        rpcs.put(path + "MultiSet", new Rpc.Unary<>(MultiSetRequest.parser(), kv::multiSet));
        rpcs.put(path + "Scan", new Rpc.Streaming<>(ScanRequest.parser(), (request, call) -> scans.scan(request, call)
                .via(streams.flow())));
        rpcs.put(path + "ScanPage", new Rpc.Unary<>(ScanRequest.parser(), scans::scanPage));
        rpcs.put(path + "DeleteRange", new Rpc.Unary<>(DeleteRangeRequest.parser(), ranges::deleteRange));
        rpcs.put(path + "Flush", new Rpc.Unary<>(FlushRequest.parser(), ranges::flush));
        rpcs.put(path + "Count", new Rpc.Unary<>(CountRequest.parser(), ranges::count));
        rpcs.put(path + "MultiDelete", new Rpc.Unary<>(MultiDeleteRequest.parser(), kv::multiDelete));
        rpcs.put(path + "Transaction", new Rpc.Unary<>(TransactionRequest.parser(), kv::transaction));
        var feed = new WatchService(behind.changes(), behind.topology(), limits);
        rpcs.put(path + "Watch", new Rpc.Streaming<>(WatchRequest.parser(), (request, call) -> feed.watch(request, call)
                .via(streams.flow())));

        var backups = new BackupService(behind.partitions(), behind.topology());
        rpcs.put(
                "/" + Backup.name + "/ReadPartition",
                new Rpc.Streaming<>(
                        ReadPartitionRequest.parser(),
                        (request, call) -> backups.readPartition(request, call).via(streams.flow())));

        rpcs.putAll(AdminRpcs.of(behind.topology(), behind.cluster(), limits, streams));

        var health = new HealthService(behind.ready(), Set.of(Kv.name, Admin.name, Backup.name, Health.name));
        path = "/" + Health.name + "/";
        rpcs.put(path + "Check", new Rpc.Unary<>(HealthCheckRequest.parser(), health::check));
        rpcs.put(path + "Watch", new Rpc.Streaming<>(HealthCheckRequest.parser(), (request, call) -> health.watch(
                        request, call)
                .via(streams.flow())));
        return rpcs;
    }
}
