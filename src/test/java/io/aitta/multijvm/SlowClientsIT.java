package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.WatchRequest;
import io.aitta.proto.v1.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Clients that take and do not give: whatever they do, the memory of the nodes stays bounded, and a client that minds its
 * own business is served meanwhile. In full, with ten thousand quiet watches and about ten times as many of the others: {@code
 * mvn verify -Dit.test=SlowClientsIT -Daitta.slow-clients.full=true}.
 */
@Timeout(600)
@TestInstance(Lifecycle.PER_CLASS)
class SlowClientsIT {
    private static final boolean FULL = Boolean.getBoolean("aitta.slow-clients.full");
    private static final int VALUES = 64;
    private static final int VALUE_BYTES = 256 << 10;
    private static final int STREAMS = 40;
    private static final int CONNECTIONS = 4;
    private static final int QUIET_WATCHES = FULL ? 10_000 : 1_500;
    private static final int QUIET_WATCHES_OF_CONNECTION = 500;
    private static final int CANCELLED = FULL ? 100_000 : 8_000;
    private static final int HALF_OPEN = FULL ? 3_000 : 300;

    /** Beyond what a node has without them, and a fraction of what would wait for them if it all did. */
    private static final long MOST_BYTES = 96 << 20;

    @RegisterExtension
    final Stage stage = new Stage();

    private Cluster cluster;
    private String table;
    private final List<ManagedChannel> channels = new ArrayList<>();
    private SteadyClient other;
    private List<Long> heapBefore;

    @BeforeEach
    void serveAnother() {
        cluster = stage.shared(Cluster.Plan.of(3));
        table = stage.ownTable();
        other = SteadyClient.on(cluster, table, Duration.ofSeconds(5));
        heapBefore = heaps();
    }

    @AfterEach
    void close() throws InterruptedException {
        other.close();
        channels.forEach(ManagedChannel::shutdownNow);
        for (var channel : channels) {
            channel.awaitTermination(10, TimeUnit.SECONDS);
        }
        channels.clear();
    }

    @Test
    void watchersThatDoNotReadAreHeldBackAndLoseNothing() {
        var watchers = new ArrayList<Stalled<WatchRequest, WatchResponse>>();
        for (int i = 0; i < STREAMS; i++) {
            watchers.add(new Stalled<>(
                    connection(i),
                    KvGrpc.getWatchMethod(),
                    WatchRequest.newBuilder()
                            .setTable(table)
                            .setPrefix(Load.bytes("large-"))
                            .build(),
                    WatchResponse::getEventsCount));
        }
        Await.until("all watches stand", Duration.ofSeconds(20), () -> watchers.stream()
                .allMatch(watcher -> watcher.answers.get() == 1));
        writeLargeValues();
        serveAndStayBounded("%d watchers that do not read %d MB of changes", STREAMS, VALUES * VALUE_BYTES >> 20);
        var first = watchers.get(0);
        first.readOn();
        Await.until(
                () -> "a watcher that reads on is told of all values: " + first,
                Duration.ofSeconds(20),
                () -> first.items.get() >= VALUES);
        watchers.forEach(Stalled::cancel);
    }

    @Test
    void thousandsOfQuietWatchesCostLittleAndHearOfTheNextChange() {
        var watches = new ArrayList<Stalled<WatchRequest, WatchResponse>>();
        ManagedChannel connection = null;
        for (int i = 0; i < QUIET_WATCHES; i++) {
            if (i % QUIET_WATCHES_OF_CONNECTION == 0) {
                connection = open(cluster.node(1 + i / QUIET_WATCHES_OF_CONNECTION % 3));
            }
            watches.add(new Stalled<>(
                    connection,
                    KvGrpc.getWatchMethod(),
                    WatchRequest.newBuilder()
                            .setTable(table)
                            .setPrefix(Load.bytes("quiet-"))
                            .build(),
                    WatchResponse::getEventsCount));
            watches.get(i).readOn();
        }
        Await.until(
                () -> standing(watches) + " of " + QUIET_WATCHES + " watches stand",
                Duration.ofSeconds(FULL ? 120 : 30),
                () -> standing(watches) == QUIET_WATCHES);
        serveAndStayBounded("%d quiet watches", QUIET_WATCHES);
        cluster.client(Duration.ofSeconds(10)).table(table).blocking().set(Load.bytes("quiet-1"), Load.bytes("news"));
        Await.until("all quiet watches hear of the change", Duration.ofSeconds(FULL ? 60 : 20), () -> watches.stream()
                .allMatch(watch -> watch.items.get() == 1));
        watches.forEach(Stalled::cancel);
    }

    private static long standing(List<Stalled<WatchRequest, WatchResponse>> watches) {
        return watches.stream().filter(watch -> watch.answers.get() >= 1).count();
    }

    @Test
    void aClientThatCancelsEveryCallHarmsNobodyElse() {
        var connection = open(cluster.node(1));
        var ended = new AtomicInteger();
        var request = GetRequest.newBuilder()
                .setTable(table)
                .setKey(Load.bytes("cancelled"))
                .build();
        for (int i = 0; i < CANCELLED; i++) {
            var call = connection.newCall(KvGrpc.getGetMethod(), CallOptions.DEFAULT);
            call.start(
                    new ClientCall.Listener<>() {
                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            ended.incrementAndGet();
                        }
                    },
                    new Metadata());
            call.request(1);
            call.sendMessage(request);
            call.halfClose();
            call.cancel("not wanted any more", null);
        }
        Await.until("all calls have ended", Duration.ofSeconds(30), () -> ended.get() == CANCELLED);
        serveAndStayBounded("%d calls that were cancelled at once", CANCELLED);
    }

    @Test
    void connectionsThatSayNothingOrHalfOfItTakeNothingFromOthers() throws IOException {
        byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] emptySettings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
        byte[] halfOfAFrame = {0, 0x40, 0, 0, 0};
        var random = new Random(7);
        var sockets = new ArrayList<Socket>();
        try {
            for (int i = 0; i < HALF_OPEN; i++) {
                var socket = new Socket(
                        InetAddress.getByName(cluster.node(1).address),
                        cluster.node(1).endpoint().port());
                sockets.add(socket);
                var out = socket.getOutputStream();
                switch (i % 5) {
                    case 0 -> {}
                    case 1 -> out.write(preface, 0, 1 + random.nextInt(preface.length - 1));
                    case 2 -> out.write(preface);
                    case 3 -> {
                        out.write(preface);
                        out.write(emptySettings);
                        out.write(halfOfAFrame);
                    }
                    default -> {
                        byte[] garbage = new byte[200];
                        random.nextBytes(garbage);
                        out.write(garbage);
                    }
                }
            }
            serveAndStayBounded("%d connections that are half open", HALF_OPEN);
        } finally {
            for (var socket : sockets) {
                socket.close();
            }
        }
    }

    /** In the clear, whoever knows how nodes talk is one of them; these do not, or know the beginning only. */
    @Test
    void strangersAtThePortOfNodesTakeNothingFromClientsAndNodes() throws IOException {
        byte[] beginning = "AKKA".getBytes(StandardCharsets.US_ASCII);
        // In little endian: a frame of a gigabyte.
        byte[] anEnormousFrame = {2, 0, 0, 0, 0x40, 'x', 'x', 'x'};
        byte[] aFrameOfGarbage = {1, 8, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1};
        var random = new Random(7);
        var sockets = new ArrayList<Socket>();
        try {
            for (int i = 0; i < HALF_OPEN; i++) {
                var node = cluster.node(1 + i % 3);
                var socket = new Socket(InetAddress.getByName(node.address), node.clusterPort());
                sockets.add(socket);
                var out = socket.getOutputStream();
                switch (i % 5) {
                    case 0 -> {}
                    case 1 -> out.write(beginning, 0, 1 + random.nextInt(beginning.length));
                    case 2 -> {
                        out.write(beginning);
                        out.write(anEnormousFrame);
                    }
                    case 3 -> {
                        out.write(beginning);
                        out.write(aFrameOfGarbage);
                    }
                    default -> {
                        byte[] garbage = new byte[200];
                        random.nextBytes(garbage);
                        out.write(garbage);
                    }
                }
            }
            serveAndStayBounded("%d connections of strangers to nodes", HALF_OPEN);
            cluster.awaitWhole();
        } finally {
            for (var socket : sockets) {
                socket.close();
            }
        }
    }

    // ---- what holds meanwhile ------------------------------------------------------------------------------------

    private void serveAndStayBounded(String what, Object... arguments) {
        other.goesOn(50);
        var heaps = heaps();
        var growth = new ArrayList<Long>();
        for (int i = 0; i < heaps.size(); i++) {
            growth.add(heaps.get(i) - heapBefore.get(i) >> 20);
        }
        stage.say(
                "%s: heaps grew by %s MB from %s MB; another client meanwhile: %s",
                String.format(what, arguments),
                growth,
                heapBefore.stream().map(bytes -> bytes >> 20).toList(),
                other.latencies());
        for (int i = 0; i < growth.size(); i++) {
            var node = cluster.nodes().get(i);
            assertThat(growth.get(i)).as(() -> node.heapHistogram(12)).isLessThan(MOST_BYTES >> 20);
        }
        assertThat(other.failures()).isEmpty();
    }

    private List<Long> heaps() {
        return cluster.nodes().stream().map(NodeProcess::liveHeapBytes).toList();
    }

    private void writeLargeValues() {
        var writer = cluster.client(Duration.ofSeconds(10)).table(table).blocking();
        var value = ByteString.copyFrom(new byte[VALUE_BYTES]);
        for (int i = 0; i < VALUES; i++) {
            writer.set(Load.bytes("large-" + i), value);
        }
    }

    /** To the first node: the others' keys pass through it. */
    private ManagedChannel connection(int number) {
        if (number < CONNECTIONS) {
            open(cluster.node(1));
        }
        return channels.get(number % CONNECTIONS);
    }

    private ManagedChannel open(NodeProcess node) {
        var channel = node.newChannel();
        channels.add(channel);
        return channel;
    }

    /** A stream whose client takes the first answer, and no more unless it is told to. */
    private static final class Stalled<Q, R> extends ClientCall.Listener<R> {
        final ClientCall<Q, R> call;
        final AtomicInteger answers = new AtomicInteger();
        /** What the answers held. */
        final AtomicInteger items = new AtomicInteger();

        volatile Status status;
        private final ToIntFunction<R> itemsOf;

        Stalled(ManagedChannel channel, MethodDescriptor<Q, R> method, Q request, ToIntFunction<R> itemsOf) {
            this.itemsOf = itemsOf;
            call = channel.newCall(method, CallOptions.DEFAULT);
            call.start(this, new Metadata());
            call.request(1);
            call.sendMessage(request);
            call.halfClose();
        }

        void readOn() {
            call.request(1_000_000);
        }

        void cancel() {
            call.cancel("the test is over", null);
        }

        @Override
        public void onMessage(R answer) {
            items.addAndGet(itemsOf.applyAsInt(answer));
            answers.incrementAndGet();
        }

        @Override
        public void onClose(Status ended, Metadata trailers) {
            status = ended;
        }

        @Override
        public String toString() {
            return answers + " answers with " + items + " items, ended: " + status;
        }
    }
}
