package io.aitta.cli;

import io.aitta.client.Endpoint;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.concurrent.TimeUnit;

/** Asks one node's standard gRPC health service whether the node as a whole is serving. */
final class HealthCheck implements AutoCloseable {
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
            var answer = HealthGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(1, TimeUnit.SECONDS)
                    .check(HealthCheckRequest.getDefaultInstance());
            return answer.getStatus() == ServingStatus.SERVING;
        } catch (StatusRuntimeException e) {
            return false; // not yet; that it never is, is what the caller's time limit is for
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
