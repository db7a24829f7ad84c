package io.aitta.cli;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.util.List;

/** A process that is started as a node is, and says that it serves; or, as its first argument says, does not. */
public final class FakeNode {
    private FakeNode() {}

    public static void main(String[] args) throws Exception {
        List<String> arguments = List.of(args);
        String mode = arguments.get(0);
        System.out.println("pid " + ProcessHandle.current().pid());
        System.out.println("a node as " + arguments.subList(1, arguments.size()));
        if (mode.equals("fails") && arguments.contains("n2")) {
            System.out.println("cannot go on: the disk is full");
            System.exit(3);
        }
        int port = Integer.parseInt(arguments.get(arguments.indexOf("--grpc-port") + 1));
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
                .addService(health(mode.equals("serves")))
                .build()
                .start();
        if (System.in.read() != -1) {
            System.exit(1);
        }
        server.awaitTermination();
    }

    private static BindableService health(boolean serving) {
        return new HealthGrpc.HealthImplBase() {
            @Override
            public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
                observer.onNext(HealthCheckResponse.newBuilder()
                        .setStatus(serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING)
                        .build());
                observer.onCompleted();
            }
        };
    }
}
