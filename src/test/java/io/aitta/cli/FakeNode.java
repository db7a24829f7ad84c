package io.aitta.cli;

import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
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

    private static ServerServiceDefinition health(boolean serving) {
        MethodDescriptor<byte[], byte[]> check = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("grpc.health.v1.Health/Check")
                .setRequestMarshaller(new Raw())
                .setResponseMarshaller(new Raw())
                .build();
        byte[] answer = {0x08, (byte) (serving ? 1 : 2)};
        return ServerServiceDefinition.builder("grpc.health.v1.Health")
                .addMethod(check, ServerCalls.asyncUnaryCall((request, observer) -> {
                    observer.onNext(answer);
                    observer.onCompleted();
                }))
                .build();
    }

    private static final class Raw implements MethodDescriptor.Marshaller<byte[]> {
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
