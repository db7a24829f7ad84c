package io.aitta.cli;

import io.aitta.client.Endpoint;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Asks one node's standard gRPC health service whether the node as a whole is serving. The two messages are too small
 * for generated classes: the request for service "" has no bytes, the answer is one enum in field 1.
 */
final class HealthCheck implements AutoCloseable {
    private static final byte[] SERVING = {0x08, 0x01};
    private static final MethodDescriptor<byte[], byte[]> CHECK = MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodType.UNARY)
            .setFullMethodName("grpc.health.v1.Health/Check")
            .setRequestMarshaller(new RawBytes())
            .setResponseMarshaller(new RawBytes())
            .build();

    private final ManagedChannel channel;

    HealthCheck(Endpoint node) {
        channel = NettyChannelBuilder.forAddress(node.host(), node.port())
                .usePlaintext()
                .build();
    }

    /** Whether the node says that it is serving; false if it says anything else, or nothing within a second. */
    boolean isServing() {
        try {
            channel.resetConnectBackoff();
            CallOptions oneSecond = CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.SECONDS);
            return Arrays.equals(ClientCalls.blockingUnaryCall(channel, CHECK, oneSecond, new byte[0]), SERVING);
        } catch (StatusRuntimeException e) {
            return false; // not yet; that it never is, is what the caller's time limit is for
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private static final class RawBytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] bytes) {
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
