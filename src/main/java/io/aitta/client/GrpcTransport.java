package io.aitta.client;

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
import java.util.concurrent.atomic.AtomicInteger;

/** Unary gRPC calls, over one channel for each node. Channels are opened when first used and kept. */
final class GrpcTransport implements Transport {
    static final int MAX_INBOUND_BYTES = 16 * 1024 * 1024;
    /** Short, for another node can be asked, and a node is connected to again when it is next asked. */
    private static final int CONNECT_TIMEOUT_MILLIS = 500;
    /** About; a node takes 1,024. Calls must not wait for a stream to end, which may be never. */
    private static final int STREAMS_PER_CONNECTION = 500;

    /** One of the connections for streams. */
    private record Lane(Endpoint node, int number) {}

    private final ConcurrentHashMap<Endpoint, ManagedChannel> channels = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Lane, ManagedChannel> streamChannels = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Endpoint, AtomicInteger> openStreams = new ConcurrentHashMap<>();
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
    public <Q, R> Stream open(Endpoint node, MethodDescriptor<Q, R> method, Q request, StreamObserver<R> observer) {
        var open = openStreams.computeIfAbsent(node, any -> new AtomicInteger());
        var lane = new Lane(node, open.getAndIncrement() / STREAMS_PER_CONNECTION);
        ManagedChannel channel = streamChannels.computeIfAbsent(lane, any -> open(node));
        if (closed) {
            channel.shutdownNow();
        }
        var sent = new SentMark();
        ClientCall<Q, R> call = channel.newCall(method, CallOptions.DEFAULT.withStreamTracerFactory(sent));
        start(call, request, 0, new ClientCall.Listener<R>() {
            @Override
            public void onMessage(R answer) {
                observer.next(answer);
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
                open.decrementAndGet();
                channel.resetConnectBackoff();
                Status why = status.isOk() ? Status.UNAVAILABLE.withDescription("the stream was ended") : status;
                observer.ended(Failures.of(why, trailers, sent.get(), false, node));
            }
        });
        return new Stream() {
            @Override
            public void request(int more) {
                call.request(more);
            }

            @Override
            public void cancel() {
                call.cancel("the watch was closed", null);
            }
        };
    }

    private static <Q, R> void start(ClientCall<Q, R> call, Q request, int answers, ClientCall.Listener<R> listener) {
        call.start(listener, new Metadata());
        if (answers > 0) {
            call.request(answers);
        }
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
        streamChannels.values().forEach(ManagedChannel::shutdownNow);
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
