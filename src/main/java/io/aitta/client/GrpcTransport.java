package io.aitta.client;

import io.aitta.proto.v1.AdminGrpc;
import io.aitta.proto.v1.Topology;
import io.aitta.proto.v1.WatchTopologyRequest;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Unary gRPC calls, over one channel for each node. Channels are opened when first used and kept. */
final class GrpcTransport implements Transport {
    static final int MAX_INBOUND_BYTES = 16 * 1024 * 1024;
    /** Short, for another node can be asked, and a node is connected to again when it is next asked. */
    private static final int CONNECT_TIMEOUT_MILLIS = 500;

    private final ConcurrentHashMap<Endpoint, ManagedChannel> channels = new ConcurrentHashMap<>();
    private final Executor executor;
    private final Credentials credentials;
    private volatile boolean closed;

    /** @param executor where answers are handled */
    GrpcTransport(Executor executor, Credentials credentials) {
        this.executor = executor;
        this.credentials = credentials;
    }

    @Override
    public <Q, R> CompletionStage<R> call(
            Endpoint node, MethodDescriptor<Q, R> method, Q request, Duration timeout, boolean changes) {
        var sent = new SentMark();
        CallOptions options = CallOptions.DEFAULT
                .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
                .withStreamTracerFactory(sent);
        ManagedChannel channel = channel(node);
        var answer = new CompletableFuture<R>();
        start(channel.newCall(method, options), request, 2, new ClientCall.Listener<R>() {
            private R reply;

            @Override
            public void onMessage(R message) {
                reply = message;
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
                if (status.isOk() && reply != null) {
                    answer.complete(reply);
                    return;
                }
                if (!sent.get()) {
                    // Else the channel would wait out a back-off of its own, of up to two minutes.
                    channel.resetConnectBackoff();
                }
                Status failure =
                        status.isOk() ? Status.INTERNAL.withDescription("an answer without a message") : status;
                answer.completeExceptionally(Failures.of(failure, trailers, sent.get(), changes, node));
            }
        });
        return answer;
    }

    @Override
    public Cancellable watchTopology(Endpoint node, long knownEpoch, TopologyObserver observer) {
        ManagedChannel channel = channel(node);
        ClientCall<WatchTopologyRequest, Topology> call =
                channel.newCall(AdminGrpc.getWatchTopologyMethod(), CallOptions.DEFAULT);
        var request =
                WatchTopologyRequest.newBuilder().setKnownEpoch(knownEpoch).build();
        start(call, request, 1, new ClientCall.Listener<Topology>() {
            @Override
            public void onMessage(Topology topology) {
                observer.changed(topology);
                call.request(1);
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
                channel.resetConnectBackoff();
                observer.ended();
            }
        });
        return () -> call.cancel("the watch was closed", null);
    }

    private static <Q, R> void start(ClientCall<Q, R> call, Q request, int answers, ClientCall.Listener<R> listener) {
        call.start(listener, new Metadata());
        call.request(answers);
        call.sendMessage(request);
        call.halfClose();
    }

    ManagedChannel channel(Endpoint node) {
        ManagedChannel channel = channels.computeIfAbsent(node, this::open);
        if (closed) {
            channel.shutdownNow();
        }
        return channel;
    }

    private ManagedChannel open(Endpoint node) {
        var channel = NettyChannelBuilder.forAddress(node.host(), node.port())
                .executor(executor)
                .maxInboundMessageSize(MAX_INBOUND_BYTES)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS);
        credentials.applyTo(channel);
        return channel.build();
    }

    @Override
    public void close() {
        closed = true;
        channels.values().forEach(ManagedChannel::shutdownNow);
    }

    /** Notes whether a call was ever put on a connection: if not, the node cannot have acted on it. */
    static final class SentMark extends ClientStreamTracer.Factory {
        private final AtomicBoolean sent = new AtomicBoolean();

        @Override
        public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
            return new ClientStreamTracer() {
                @Override
                public void streamCreated(Attributes transport, Metadata headers) {
                    sent.set(true);
                }
            };
        }

        boolean get() {
            return sent.get();
        }
    }
}
