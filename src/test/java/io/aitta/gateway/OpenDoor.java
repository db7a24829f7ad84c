package io.aitta.gateway;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.typesafe.config.ConfigFactory;
import io.aitta.config.GrpcSettings;
import io.aitta.config.LimitSettings;
import io.aitta.metrics.Metrics;
import io.aitta.metrics.Tracing;
import io.aitta.security.Protection;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** A real door on a free port with fakes behind it, and a channel to it. */
final class OpenDoor implements AutoCloseable {
    static final GrpcSettings GRPC =
            new GrpcSettings(0, Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofMinutes(2), 2 << 20);
    static final LimitSettings LIMITS =
            new LimitSettings(1024, 524_288, 100, 1 << 20, 1 << 20, 8, 4 << 20, 2, 2, 6, 1 << 20);

    final FakePartitions partitions = new FakePartitions();
    final FakeChanges changes = new FakeChanges();
    final FakeTopology topology = new FakeTopology();
    final FakeAdmin admin = new FakeAdmin();
    final Metrics metrics = new Metrics(TestCalls.SETTINGS, Tracing.off(), "test");
    final AtomicBoolean ready = new AtomicBoolean(true);
    final ActorSystem<?> system;
    final GrpcDoor door;
    final ManagedChannel channel;

    OpenDoor() {
        this(GRPC, LIMITS);
    }

    OpenDoor(GrpcSettings grpc, LimitSettings limits) {
        this(grpc, limits, Protection.NONE);
    }

    OpenDoor(GrpcSettings grpc, LimitSettings limits, Protection protection) {
        system = newSystem();
        topology.publish(FakeTopology.of(3, "default", 16));
        var behind = new GrpcDoor.Behind(
                partitions, changes, topology, CompletableFuture.completedFuture(admin.cluster), ready::get, metrics);
        door = GrpcDoor.open(system, "127.0.0.1", grpc, limits, protection, behind)
                .toCompletableFuture()
                .join();
        channel = newChannel();
    }

    static ActorSystem<?> newSystem() {
        var config = ConfigFactory.load(
                ConfigFactory.parseString("pekko.loggers = [\"org.apache.pekko.event.slf4j.Slf4jLogger\"]"));
        return ActorSystem.create(Behaviors.empty(), "door", config);
    }

    ManagedChannel newChannel() {
        return NettyChannelBuilder.forAddress(door.address()).usePlaintext().build();
    }

    @Override
    public void close() throws Exception {
        channel.shutdownNow();
        door.close(Duration.ofMillis(200)).toCompletableFuture().get(10, TimeUnit.SECONDS);
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    /** A detail of an error, as the client sees it. */
    static <T extends Message> T detail(StatusRuntimeException failure, Class<T> type) {
        try {
            for (Any any : StatusProto.fromThrowable(failure).getDetailsList()) {
                if (any.is(type)) {
                    return any.unpack(type);
                }
            }
        } catch (com.google.protobuf.InvalidProtocolBufferException damaged) {
            throw new AssertionError(damaged);
        }
        throw new AssertionError("no " + type.getSimpleName() + " in " + StatusProto.fromThrowable(failure));
    }
}
