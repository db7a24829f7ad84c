package io.aitta.client;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.aitta.core.hash.KeyHash;
import io.aitta.proto.v1.AlterTableRequest;
import io.aitta.proto.v1.AlterTableResponse;
import io.aitta.proto.v1.AppendRequest;
import io.aitta.proto.v1.AppendResponse;
import io.aitta.proto.v1.CountRequest;
import io.aitta.proto.v1.CountResponse;
import io.aitta.proto.v1.CreateTableRequest;
import io.aitta.proto.v1.CreateTableResponse;
import io.aitta.proto.v1.DeleteRangeRequest;
import io.aitta.proto.v1.DeleteRangeResponse;
import io.aitta.proto.v1.DeleteRequest;
import io.aitta.proto.v1.DeleteResponse;
import io.aitta.proto.v1.DescribeTableRequest;
import io.aitta.proto.v1.DescribeTableResponse;
import io.aitta.proto.v1.DropTableRequest;
import io.aitta.proto.v1.DropTableResponse;
import io.aitta.proto.v1.ExistsRequest;
import io.aitta.proto.v1.ExistsResponse;
import io.aitta.proto.v1.ExpireRequest;
import io.aitta.proto.v1.ExpireResponse;
import io.aitta.proto.v1.FlushRequest;
import io.aitta.proto.v1.FlushResponse;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.GetResponse;
import io.aitta.proto.v1.GetTopologyRequest;
import io.aitta.proto.v1.IncrementRequest;
import io.aitta.proto.v1.IncrementResponse;
import io.aitta.proto.v1.KeyDelete;
import io.aitta.proto.v1.KeyError;
import io.aitta.proto.v1.KeyRange;
import io.aitta.proto.v1.KeyRead;
import io.aitta.proto.v1.KeyWrite;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.ListNodesRequest;
import io.aitta.proto.v1.ListNodesResponse;
import io.aitta.proto.v1.ListPartitionsRequest;
import io.aitta.proto.v1.ListPartitionsResponse;
import io.aitta.proto.v1.ListTablesRequest;
import io.aitta.proto.v1.ListTablesResponse;
import io.aitta.proto.v1.MultiDeleteRequest;
import io.aitta.proto.v1.MultiDeleteResponse;
import io.aitta.proto.v1.MultiGetRequest;
import io.aitta.proto.v1.MultiGetResponse;
import io.aitta.proto.v1.MultiSetRequest;
import io.aitta.proto.v1.MultiSetResponse;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.PartitionRoute;
import io.aitta.proto.v1.PersistRequest;
import io.aitta.proto.v1.PersistResponse;
import io.aitta.proto.v1.PipelineRequest;
import io.aitta.proto.v1.PipelineResponse;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.ResponseHeader;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.ScanRequest;
import io.aitta.proto.v1.ScanResponse;
import io.aitta.proto.v1.Session;
import io.aitta.proto.v1.SetRequest;
import io.aitta.proto.v1.SetResponse;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.TimeToLiveRequest;
import io.aitta.proto.v1.TimeToLiveResponse;
import io.aitta.proto.v1.Topology;
import io.aitta.proto.v1.TransactionRequest;
import io.aitta.proto.v1.TransactionResponse;
import io.aitta.proto.v1.WatchRequest;
import io.aitta.proto.v1.WatchResponse;
import io.aitta.proto.v1.WatchTopologyRequest;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A cluster in this process: gRPC servers over one map, which count each write of a session once, as the real one does.
 * What goes wrong is asked for beforehand. All on one lock; nothing is fast.
 */
public final class FakeCluster implements AutoCloseable {
    /** What a node got. */
    public record Received(int node, Message request) {
        RequestHeader header() {
            return (RequestHeader)
                    request.getField(request.getDescriptorForType().findFieldByName("header"));
        }

        Session session() {
            return header().getSession();
        }
    }

    private sealed interface Fault {
        record Refuse(StatusRuntimeException status) implements Fault {}

        record LoseReply() implements Fault {}

        record Hang() implements Fault {}
    }

    private static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();

    private final List<Server> servers = new ArrayList<>();
    /** Of the servers, also when they are gone. */
    private final List<Endpoint> endpoints = new ArrayList<>();

    private final List<String> tokens = new CopyOnWriteArrayList<>();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final Deque<Fault> faults = new ArrayDeque<>();
    private final Map<String, Table> tables = new TreeMap<>();
    private final Map<String, FakeStore> data = new HashMap<>();
    private final Map<String, Deque<KeyError>> keyErrors = new HashMap<>();
    private final Map<Session, Message> answeredOnce = new HashMap<>();
    private final Map<Class<? extends Message>, Function<Message, Message>> scripts = new HashMap<>();
    private final FakeFeed feed = new FakeFeed();
    private final List<StreamObserver<Topology>> watchers = new ArrayList<>();
    private long epoch = 1;
    private Message lastOrder;
    private int primaryShift;
    private long asOf = Long.MAX_VALUE;

    public FakeCluster(int nodes) {
        this(nodes, node -> NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    }

    /** One whose doors are made by another hand, such as with TLS. */
    FakeCluster(int nodes, IntFunction<ServerBuilder<?>> doors) {
        putTable("default", 4, Math.min(3, nodes));
        for (int i = 0; i < nodes; i++) {
            try {
                servers.add(doors.apply(i)
                        .addService(new Kv(i))
                        .addService(new Admin(i))
                        .intercept(new TokenNote())
                        .build()
                        .start());
                endpoints.add(new Endpoint("127.0.0.1", servers.get(i).getPort()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    public Endpoint endpoint(int node) {
        return endpoints.get(node);
    }

    public String endpoints() {
        return endpoints.stream().map(Endpoint::toString).collect(Collectors.joining(","));
    }

    /** What calls of all kinds brought as their token; "" for none. */
    List<String> tokens() {
        return tokens;
    }

    /** The node, from 0, whose partition a key of table default is in. */
    public synchronized int primaryOf(String key) {
        return primaryOf(KeyHash.partitionOf(key.getBytes(StandardCharsets.UTF_8), 4));
    }

    private int primaryOf(int partition) {
        return (partition + primaryShift) % servers.size();
    }

    /** Moves every primary to the next node, in a new epoch. */
    public synchronized void movePrimaries() {
        primaryShift++;
        epoch++;
        tell();
    }

    private void tell() {
        watchers.forEach(watcher -> watcher.onNext(topology()));
    }

    public synchronized long epoch() {
        return epoch;
    }

    /** How many watches there ever were. */
    public synchronized int watchers() {
        return watchers.size();
    }

    /** What watchers of keys are told. */
    FakeFeed feed() {
        return feed;
    }

    /** How many watches go on. */
    synchronized long openWatchers() {
        return watchers.stream()
                .filter(watcher -> !((ServerCallStreamObserver<Topology>) watcher).isCancelled())
                .count();
    }

    /** Calls under way break, and nothing listens any more. */
    public void kill(int node) {
        servers.get(node).shutdownNow();
    }

    /** The next call of a key, or change of a table, is answered with this, and does nothing. */
    public void refuseNext(Status.Code code, String reason, String message) {
        refuseNext(code, reason, message, Duration.ZERO, Map.of());
    }

    /** As above; a later try is said to be of use after some time only. */
    public void refuseNext(Status.Code code, String reason, String message, Duration retryAfter) {
        refuseNext(code, reason, message, retryAfter, Map.of());
    }

    /** As above, with what the reason is about. */
    public synchronized void refuseNext(
            Status.Code code, String reason, String message, Duration retryAfter, Map<String, String> metadata) {
        var info =
                ErrorInfo.newBuilder().setDomain("aitta.io").setReason(reason).putAllMetadata(metadata);
        var retry = RetryInfo.newBuilder();
        retry.getRetryDelayBuilder().setSeconds(retryAfter.toSeconds());
        var status = com.google.rpc.Status.newBuilder()
                .setCode(code.value())
                .setMessage(message)
                .addDetails(Any.pack(info.build()));
        if (!retryAfter.isZero()) {
            status.addDetails(Any.pack(retry.build()));
        }
        faults.add(new Fault.Refuse(StatusProto.toStatusRuntimeException(status.build())));
    }

    /** From now on all requests of a type are answered so, in the place of what they do by themselves. */
    @SuppressWarnings("unchecked")
    public synchronized <Q extends Message> void script(Class<Q> type, Function<Q, Message> answer) {
        scripts.put(type, request -> answer.apply((Q) request));
    }

    /** The next call is done, but its answer does not arrive. */
    public synchronized void loseNextReply() {
        faults.add(new Fault.LoseReply());
    }

    /** The next call is done, and never answered. */
    public synchronized void hangNext() {
        faults.add(new Fault.Hang());
    }

    /** Answers say from now on that they have seen no more than this index. */
    public synchronized void answerAsOf(long index) {
        asOf = index;
    }

    /** The next time a key is in a call of many keys, it gets this error, and nothing happens to it. */
    public synchronized void failKeyOnce(String key, KeyError.Kind kind, String reason) {
        keyErrors
                .computeIfAbsent(key, k -> new ArrayDeque<>())
                .add(KeyError.newBuilder()
                        .setKind(kind)
                        .setReason(reason)
                        .setMessage("because of " + reason)
                        .build());
    }

    /** What came in of calls about keys and changes of tables. */
    public List<Received> received() {
        return received;
    }

    public List<Received> received(Class<? extends Message> type) {
        return received.stream().filter(r -> type.isInstance(r.request)).toList();
    }

    @Override
    public void close() {
        servers.forEach(Server::shutdownNow);
    }

    private void putTable(String name, int partitions, int replicas) {
        tables.put(
                name,
                Table.newBuilder()
                        .setName(name)
                        .setPartitions(partitions)
                        .setReplicas(replicas)
                        .setCreatedEpoch(epoch)
                        .build());
        data.put(name, new FakeStore());
    }

    private synchronized Topology topology() {
        var topology = Topology.newBuilder().setEpoch(epoch).setClusterId("c-1").setOrchestratorNode("n1");
        for (int i = 0; i < servers.size(); i++) {
            topology.addNodes(node(i));
        }
        topology.addAllTables(tables.values());
        tables.values().forEach(table -> topology.addAllPartitions(partitions(table)));
        return topology.build();
    }

    private Node node(int i) {
        boolean up = !servers.get(i).isShutdown();
        return Node.newBuilder()
                .setId("n" + (i + 1))
                .setGrpcEndpoint(endpoint(i).toString())
                .setClusterEndpoint("127.0.0.1:7401")
                .setHttpEndpoint("127.0.0.1:7402")
                .setZone("zone" + i)
                .setWeight(100)
                .setState(up ? NodeState.NODE_UP : NodeState.NODE_UNREACHABLE)
                .setPrimaries(2)
                .setSecondaries(4)
                .build();
    }

    private List<Partition> partitions(Table table) {
        var partitions = new ArrayList<Partition>();
        for (int p = 0; p < table.getPartitions(); p++) {
            var partition = Partition.newBuilder()
                    .setTable(table.getName())
                    .setPartition(p)
                    .setTerm(3);
            for (int r = 0; r < table.getReplicas(); r++) {
                partition.addReplicas(Replica.newBuilder()
                        .setNode("n" + (primaryOf(p + r) + 1))
                        .setRole(r == 0 ? Role.PRIMARY : Role.SECONDARY));
            }
            partitions.add(partition.build());
        }
        return partitions;
    }

    private ResponseHeader header(RequestHeader request, String table, ByteString key) {
        int partition = KeyHash.partitionOf(key.toByteArray(), tables.get(table).getPartitions());
        var header = ResponseHeader.newBuilder().setEpoch(epoch);
        header.addPositionsBuilder()
                .setPartition(partition)
                .setIndex(Math.min(asOf, table(table).version()))
                .setTableEpoch(tables.get(table).getCreatedEpoch());
        if (request.getEpoch() < epoch) {
            header.setRoute(PartitionRoute.newBuilder()
                    .setPartition(partition)
                    .setEndpoint(endpoint(primaryOf(partition)).toString()));
        }
        return header.build();
    }

    private FakeStore table(String name) {
        return Optional.ofNullable(data.get(name))
                .orElseThrow(() -> refusal("TABLE_NOT_FOUND", "there is no table " + name));
    }

    private static StatusRuntimeException refusal(String reason, String message) {
        return StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                .setCode(Status.Code.NOT_FOUND.value())
                .setMessage(message)
                .addDetails(Any.pack(ErrorInfo.newBuilder()
                        .setDomain("aitta.io")
                        .setReason(reason)
                        .build()))
                .build());
    }

    private Optional<KeyError> keyError(ByteString key) {
        var errors = keyErrors.get(key.toStringUtf8());
        return errors == null ? Optional.empty() : Optional.ofNullable(errors.poll());
    }

    /** Answers a call, or does what was asked to go wrong. */
    @SuppressWarnings("unchecked")
    private synchronized <R extends Message> void answer(
            int node, Message request, StreamObserver<R> observer, Supplier<R> work) {
        received.add(new Received(node, request));
        Fault fault = faults.poll();
        try {
            if (fault instanceof Fault.Refuse refuse) {
                throw refuse.status;
            }
            var script = scripts.get(request.getClass());
            R reply = script == null ? work.get() : (R) script.apply(request);
            if (fault instanceof Fault.LoseReply) {
                throw Status.UNAVAILABLE.withDescription("connection reset").asRuntimeException();
            }
            if (fault == null) {
                observer.onNext(reply);
                observer.onCompleted();
            }
        } catch (StatusRuntimeException e) {
            observer.onError(e);
        }
    }

    /** As {@link #answer}, with the work done once for a session's sequence. */
    @SuppressWarnings("unchecked")
    private <R extends Message> void answerOnce(
            int node, Message request, Session session, StreamObserver<R> observer, Supplier<R> work) {
        Session id = session.toBuilder().clearAcknowledgedBelow().build();
        answer(node, request, observer, () -> (R) answeredOnce.computeIfAbsent(id, s -> work.get()));
    }

    private final class Kv extends KvGrpc.KvImplBase {
        private final int node;

        Kv(int node) {
            this.node = node;
        }

        @Override
        public void watch(WatchRequest q, StreamObserver<WatchResponse> observer) {
            feed.watch(q, observer);
        }

        @Override
        public StreamObserver<PipelineRequest> pipeline(StreamObserver<PipelineResponse> answers) {
            return new FakePipeline(this, answers);
        }

        @Override
        public void get(GetRequest q, StreamObserver<GetResponse> observer) {
            answer(node, q, observer, () -> {
                var reply = table(q.getTable()).get(q.getKey());
                return reply.setHeader(header(q.getHeader(), q.getTable(), q.getKey()))
                        .build();
            });
        }

        @Override
        public void exists(ExistsRequest q, StreamObserver<ExistsResponse> observer) {
            answer(node, q, observer, () -> {
                var found = table(q.getTable()).get(q.getKey());
                return ExistsResponse.newBuilder()
                        .setFound(found.getFound())
                        .setVersion(found.getVersion())
                        .setHeader(header(q.getHeader(), q.getTable(), q.getKey()))
                        .build();
            });
        }

        @Override
        public void timeToLive(TimeToLiveRequest q, StreamObserver<TimeToLiveResponse> observer) {
            answer(node, q, observer, () -> {
                var reply = table(q.getTable()).timeToLive(q.getKey());
                return reply.setHeader(header(q.getHeader(), q.getTable(), q.getKey()))
                        .build();
            });
        }

        @Override
        public void set(SetRequest q, StreamObserver<SetResponse> observer) {
            answerOnce(node, q, q.getHeader().getSession(), observer, () -> {
                var reply = table(q.getTable()).set(q);
                if (reply.getApplied()) {
                    feed.add(q.getKey(), q.getValue());
                }
                return reply.setHeader(header(q.getHeader(), q.getTable(), q.getKey()))
                        .build();
            });
        }

        @Override
        public void delete(DeleteRequest q, StreamObserver<DeleteResponse> observer) {
            answerOnce(node, q, q.getHeader().getSession(), observer, () -> {
                var reply = table(q.getTable()).delete(q);
                return reply.setHeader(header(q.getHeader(), q.getTable(), q.getKey()))
                        .build();
            });
        }

        @Override
        public void append(AppendRequest q, StreamObserver<AppendResponse> observer) {
            answerOnce(node, q, q.getHeader().getSession(), observer, () -> {
                var reply = table(q.getTable()).append(q);
                return reply.setHeader(header(q.getHeader(), q.getTable(), q.getKey()))
                        .build();
            });
        }

        @Override
        public void increment(IncrementRequest q, StreamObserver<IncrementResponse> observer) {
            answerOnce(node, q, q.getHeader().getSession(), observer, () -> {
                var reply = table(q.getTable()).increment(q);
                return reply.setHeader(header(q.getHeader(), q.getTable(), q.getKey()))
                        .build();
            });
        }

        @Override
        public void expire(ExpireRequest q, StreamObserver<ExpireResponse> observer) {
            answerOnce(node, q, q.getHeader().getSession(), observer, () -> {
                var reply = table(q.getTable()).expire(q);
                return reply.setHeader(header(q.getHeader(), q.getTable(), q.getKey()))
                        .build();
            });
        }

        @Override
        public void persist(PersistRequest q, StreamObserver<PersistResponse> observer) {
            answerOnce(node, q, q.getHeader().getSession(), observer, () -> {
                var reply = table(q.getTable()).persist(q.getKey());
                return reply.setHeader(header(q.getHeader(), q.getTable(), q.getKey()))
                        .build();
            });
        }

        @Override
        public void transaction(TransactionRequest q, StreamObserver<TransactionResponse> observer) {
            answerOnce(node, q, q.getHeader().getSession(), observer, () -> {
                var reply = table(q.getTable()).transaction(q);
                return reply.setHeader(header(q.getHeader(), q.getTable(), FakeStore.keyOf(q)))
                        .build();
            });
        }

        @Override
        public void multiGet(MultiGetRequest q, StreamObserver<MultiGetResponse> observer) {
            answer(node, q, observer, () -> {
                var reply = MultiGetResponse.newBuilder();
                for (ByteString key : q.getKeysList()) {
                    reply.addReads(keyError(key)
                            .map(error -> KeyRead.newBuilder().setError(error).build())
                            .orElseGet(() -> table(q.getTable()).read(key)));
                }
                return reply.setHeader(header(q.getHeader(), q.getTable(), q.getKeys(0)))
                        .build();
            });
        }

        @Override
        public void multiSet(MultiSetRequest q, StreamObserver<MultiSetResponse> observer) {
            answer(node, q, observer, () -> {
                var reply = MultiSetResponse.newBuilder();
                for (var entry : q.getEntriesList()) {
                    var write = KeyWrite.newBuilder();
                    Long millis = entry.hasTimeToLiveMillis() ? entry.getTimeToLiveMillis() : null;
                    keyError(entry.getKey())
                            .ifPresentOrElse(
                                    write::setError,
                                    () -> write.setVersion(
                                            table(q.getTable()).put(entry.getKey(), entry.getValue(), millis)));
                    reply.addWrites(write);
                }
                ByteString first = q.getEntries(0).getKey();
                return reply.setHeader(header(q.getHeader(), q.getTable(), first))
                        .build();
            });
        }

        @Override
        public void multiDelete(MultiDeleteRequest q, StreamObserver<MultiDeleteResponse> observer) {
            answer(node, q, observer, () -> {
                var reply = MultiDeleteResponse.newBuilder();
                for (ByteString key : q.getKeysList()) {
                    var delete = KeyDelete.newBuilder();
                    keyError(key)
                            .ifPresentOrElse(
                                    delete::setError,
                                    () -> delete.setExisted(table(q.getTable()).remove(key)));
                    reply.addDeletes(delete);
                }
                return reply.setHeader(header(q.getHeader(), q.getTable(), q.getKeys(0)))
                        .build();
            });
        }

        /** A cursor is the last key of the page. */
        @Override
        public void scanPage(ScanRequest q, StreamObserver<ScanResponse> observer) {
            answer(node, q, observer, () -> {
                var reply = ScanResponse.newBuilder();
                for (ByteString key : inRange(q.getTable(), q.getRange())) {
                    if (ORDER.compare(key, q.getCursor()) > 0) {
                        if (reply.getEntriesCount() >= Math.min(q.getLimit(), 10)) {
                            return reply.setCursor(reply.getEntries(reply.getEntriesCount() - 1)
                                            .getKey())
                                    .build();
                        }
                        var stored = table(q.getTable()).get(key);
                        reply.addEntriesBuilder()
                                .setKey(key)
                                .setValue(q.getKeysOnly() ? ByteString.EMPTY : stored.getValue())
                                .setVersion(stored.getVersion());
                    }
                }
                return reply.build();
            });
        }

        @Override
        public void deleteRange(DeleteRangeRequest q, StreamObserver<DeleteRangeResponse> observer) {
            answerOnce(node, q, q.getHeader().getSession(), observer, () -> {
                inRange(q.getTable(), q.getRange()).forEach(table(q.getTable())::remove);
                return DeleteRangeResponse.getDefaultInstance();
            });
        }

        @Override
        public void flush(FlushRequest q, StreamObserver<FlushResponse> observer) {
            answerOnce(node, q, q.getHeader().getSession(), observer, () -> {
                table(q.getTable()).clear();
                return FlushResponse.getDefaultInstance();
            });
        }

        @Override
        public void count(CountRequest q, StreamObserver<CountResponse> observer) {
            answer(node, q, observer, () -> CountResponse.newBuilder()
                    .setKeys(inRange(q.getTable(), q.getRange()).size())
                    .setExact(true)
                    .build());
        }

        private List<ByteString> inRange(String table, KeyRange range) {
            return table(table).keys().stream()
                    .filter(key -> key.startsWith(range.getPrefix()))
                    .filter(key -> range.getTag().isEmpty()
                            || KeyHash.tagOf(key.toByteArray())
                                    .map(ByteString::copyFrom)
                                    .filter(range.getTag()::equals)
                                    .isPresent())
                    .sorted(ORDER)
                    .toList();
        }
    }

    /** Writes down the token that each call brings. */
    private final class TokenNote implements ServerInterceptor {
        private static final Metadata.Key<String> AUTHORIZATION =
                Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            String token = headers.get(AUTHORIZATION);
            tokens.add(token == null ? "" : token);
            return next.startCall(call, headers);
        }
    }

    private final class Admin extends FakeOrders {
        private final int node;

        Admin(int node) {
            this.node = node;
        }

        /** Of an order that is sent again nothing comes but its answer. */
        @Override
        <R extends Message> void answer(Message request, StreamObserver<R> observer, LongFunction<R> work) {
            FakeCluster.this.answer(node, request, observer, () -> {
                epoch += request.equals(lastOrder) ? 0 : 1;
                lastOrder = request;
                return work.apply(epoch);
            });
        }

        @Override
        public void createTable(CreateTableRequest q, StreamObserver<CreateTableResponse> observer) {
            FakeCluster.this.answer(node, q, observer, () -> {
                epoch++;
                putTable(
                        q.getName(),
                        q.getPartitions() == 0 ? 16 : q.getPartitions(),
                        q.hasReplicas() ? q.getReplicas() : 3);
                tables.computeIfPresent(q.getName(), (name, table) -> table.toBuilder()
                        .setOptions(q.getOptions())
                        .build());
                return CreateTableResponse.newBuilder()
                        .setEpoch(epoch)
                        .setTable(tables.get(q.getName()))
                        .build();
            });
        }

        @Override
        public void alterTable(AlterTableRequest q, StreamObserver<AlterTableResponse> observer) {
            FakeCluster.this.answer(node, q, observer, () -> {
                table(q.getName());
                epoch++;
                tables.computeIfPresent(q.getName(), (name, table) -> table.toBuilder()
                        .mergeOptions(q.getOptions())
                        .build());
                tell();
                return AlterTableResponse.newBuilder()
                        .setEpoch(epoch)
                        .setTable(tables.get(q.getName()))
                        .build();
            });
        }

        @Override
        public void dropTable(DropTableRequest q, StreamObserver<DropTableResponse> observer) {
            FakeCluster.this.answer(node, q, observer, () -> {
                table(q.getName());
                tables.remove(q.getName());
                data.remove(q.getName());
                return DropTableResponse.newBuilder().setEpoch(++epoch).build();
            });
        }

        @Override
        public void listTables(ListTablesRequest q, StreamObserver<ListTablesResponse> observer) {
            FakeCluster.this.answer(node, q, observer, () -> ListTablesResponse.newBuilder()
                    .setEpoch(epoch)
                    .addAllTables(tables.values())
                    .build());
        }

        @Override
        public void describeTable(DescribeTableRequest q, StreamObserver<DescribeTableResponse> observer) {
            FakeCluster.this.answer(node, q, observer, () -> {
                table(q.getName());
                return DescribeTableResponse.newBuilder()
                        .setEpoch(epoch)
                        .setTable(tables.get(q.getName()))
                        .addAllPartitions(partitions(tables.get(q.getName())))
                        .build();
            });
        }

        @Override
        public void listNodes(ListNodesRequest q, StreamObserver<ListNodesResponse> observer) {
            FakeCluster.this.answer(node, q, observer, () -> ListNodesResponse.newBuilder()
                    .setEpoch(epoch)
                    .addAllNodes(topology().getNodesList())
                    .build());
        }

        @Override
        public void listPartitions(ListPartitionsRequest q, StreamObserver<ListPartitionsResponse> observer) {
            FakeCluster.this.answer(node, q, observer, () -> {
                var reply = ListPartitionsResponse.newBuilder().setEpoch(epoch);
                if (q.getTable().isEmpty()) {
                    return reply.addAllPartitions(topology().getPartitionsList())
                            .build();
                }
                table(q.getTable());
                return reply.addAllPartitions(partitions(tables.get(q.getTable())))
                        .build();
            });
        }

        /** The present one is not among the calls that can be made to fail: the client asks for it by itself. */
        @Override
        public void getTopology(GetTopologyRequest q, StreamObserver<Topology> observer) {
            if (q.hasEpoch()) {
                FakeCluster.this.answer(node, q, observer, FakeCluster.this::topology);
                return;
            }
            observer.onNext(topology());
            observer.onCompleted();
        }

        @Override
        public void watchTopology(WatchTopologyRequest q, StreamObserver<Topology> observer) {
            synchronized (FakeCluster.this) {
                if (q.getKnownEpoch() < epoch) {
                    observer.onNext(topology());
                }
                // With a handler, what is sent to a watcher that has gone is dropped instead of refused.
                ((ServerCallStreamObserver<Topology>) observer).setOnCancelHandler(() -> {});
                watchers.add(observer);
            }
        }
    }
}
