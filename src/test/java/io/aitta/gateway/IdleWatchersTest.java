package io.aitta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.config.LimitSettings;
import io.aitta.core.PartitionId;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.WatchRequest;
import io.aitta.proto.v1.WatchResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Thousands of watches to which nothing happens, over a few connections. */
@Timeout(300)
class IdleWatchersTest {
    private static final int CONNECTIONS = 4;
    private static final int STREAMS = 3_000;
    /** Of one quiet stream, its client in the same process included. */
    private static final long MOST_BYTES = 80 << 10;

    private final AtomicInteger standing = new AtomicInteger();
    private final AtomicInteger events = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    @Test
    void quiet_watches_take_little_memory_and_no_threads_and_hear_of_the_next_change() throws Exception {
        var limits = new LimitSettings(1024, 524_288, 100, 1 << 20, 1 << 20, 4096, 4 << 20, STREAMS, 2, 6, 1 << 20);
        try (var open = new OpenDoor(OpenDoor.GRPC, limits)) {
            List<ManagedChannel> channels = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                channels.add(onConnectionThreads(open));
            }
            watch(channels, 200);
            int threadsBefore = ManagementFactory.getThreadMXBean().getThreadCount();
            long bytesBefore = usedBytes();
            watch(channels, STREAMS - 200);
            long bytes = (usedBytes() - bytesBefore) / (STREAMS - 200);
            System.out.println("a quiet watch of 16 partitions takes " + bytes + " bytes, its client included");
            assertThat(bytes).isLessThan(MOST_BYTES);
            assertThat(ManagementFactory.getThreadMXBean().getThreadCount()).isLessThan(threadsBefore + 10);
            open.changes.set(new PartitionId("default", 1, 5), "k", ByteString.copyFromUtf8("v"));
            Eventually.holds(() -> assertThat(events.get()).isEqualTo(STREAMS));
            channels.forEach(ManagedChannel::shutdownNow);
            Eventually.holds(() -> assertThat(open.changes.waiting()).isZero());
        }
    }

    /** The client's own pool would grow with the answers that come at once, and hide what the door does. */
    private static ManagedChannel onConnectionThreads(OpenDoor open) {
        return NettyChannelBuilder.forAddress(open.door.address())
                .usePlaintext()
                .directExecutor()
                .build();
    }

    private void watch(List<ManagedChannel> channels, int more) {
        int expected = standing.get() + more;
        for (int i = 0; i < more; i++) {
            KvGrpc.newStub(channels.get(i % channels.size()))
                    .watch(WatchRequest.newBuilder().setTable("default").build(), new Watcher());
        }
        Eventually.holds(() -> {
            assertThat(failure).hasValue(null);
            assertThat(standing.get()).isEqualTo(expected);
        });
    }

    private static long usedBytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        var runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private final class Watcher implements StreamObserver<WatchResponse> {
        @Override
        public void onNext(WatchResponse answer) {
            (answer.getEventsCount() == 0 ? standing : events).incrementAndGet();
        }

        @Override
        public void onError(Throwable thrown) {
            failure.compareAndSet(null, thrown);
        }

        @Override
        public void onCompleted() {}
    }
}
