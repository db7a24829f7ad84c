package io.aitta.multijvm;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaClient;
import io.aitta.client.AittaTable;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.PipelineCall;
import io.aitta.proto.v1.PipelineRequest;
import io.aitta.proto.v1.PipelineResponse;
import io.aitta.proto.v1.SetRequest;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * How much more a streaming session carries than calls one by one: sets and gets of 100 bytes, by the client with and
 * without sessions, and by a bare stream, each after a warm-up as long as itself. Arguments: nodes, seconds of each,
 * and which (such as unary,sdk,stream; all if left out). Not a test; run it by hand.
 */
final class PipelineBench {
    private static final int KEYS = 100_000;
    private static final int BATCH = 64;
    private static final int BATCHES = 8;
    private static final ByteString VALUE = ByteString.copyFrom(new byte[100]);

    private final Cluster cluster;
    private final long seconds;
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    /** Of the round under way: whoever began in it stops when it is false. */
    private AtomicBoolean running = new AtomicBoolean();

    private PipelineBench(Cluster cluster, long seconds) {
        this.cluster = cluster;
        this.seconds = seconds;
    }

    public static void main(String[] args) throws Exception {
        int nodes = Integer.parseInt(args[0]);
        long seconds = Long.parseLong(args[1]);
        var which = List.of((args.length > 2 ? args[2] : "unary,sdk,stream").split(","));
        Path directory = Files.createTempDirectory("aitta-pipeline-bench");
        try (var cluster = new Cluster(Cluster.Plan.of(nodes), directory, directory)) {
            startOptimized(cluster, nodes);
            var bench = new PipelineBench(cluster, seconds);
            for (boolean sets : new boolean[] {true, false}) {
                if (which.contains("unary")) {
                    bench.client("one by one, 1 at a time", false, 1, sets);
                    bench.client("one by one, 64 at a time", false, BATCH, sets);
                }
                if (which.contains("sdk")) {
                    bench.client("session of the client, 1 at a time", true, 1, sets);
                    bench.client("session of the client, 64 at a time", true, BATCH, sets);
                    bench.client("session of the client, 512 at a time", true, BATCH * BATCHES, sets);
                }
                if (which.contains("stream")) {
                    bench.stream(sets);
                }
            }
        }
    }

    /** As nodes run in earnest; those of the tests are to start fast. */
    private static void startOptimized(Cluster cluster, int nodes) {
        var jvm = List.of(
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-Dlogback.configurationFile=multijvm-logback.xml",
                "-Djava.util.concurrent.ForkJoinPool.common.parallelism=4");
        var seeds = cluster.nodes().stream().map(NodeProcess::seed).toList();
        cluster.nodes()
                .forEach(node -> node.start(
                        jvm, io.aitta.cli.Aitta.class, seeds, List.of("aitta.bootstrap.expect-nodes=" + nodes)));
        cluster.awaitWhole();
        cluster.nodes().forEach(node -> System.out.println(node + " is process " + node.pid()));
    }

    private void client(String what, boolean pipelining, int lanes, boolean sets) throws Exception {
        try (var client = AittaClient.builder()
                .endpoints(cluster.nodes().stream().map(NodeProcess::endpoint).toList())
                .deadline(Duration.ofSeconds(20))
                .pipelining(pipelining)
                .build()) {
            AittaTable table = client.table("default");
            running = new AtomicBoolean(true);
            IntStream.range(0, lanes).forEach(lane -> lane(table, sets, running));
            measure(what, sets);
        }
    }

    private void lane(AittaTable table, boolean sets, AtomicBoolean running) {
        if (!running.get()) {
            return;
        }
        CompletionStage<?> answer = sets ? table.set(key(), VALUE) : table.get(key());
        answer.whenComplete((result, failure) -> {
            if (failure == null) {
                done.incrementAndGet();
            } else if (failed.incrementAndGet() == 1) {
                System.out.println("the first that failed: " + failure);
            }
            lane(table, sets, running);
        });
    }

    private void stream(boolean sets) throws Exception {
        running = new AtomicBoolean(true);
        for (NodeProcess node : cluster.nodes()) {
            new Streamer(node, sets);
        }
        measure("a bare stream to each node, " + BATCHES + " messages of " + BATCH, sets);
    }

    /** Sends as many calls as it got answers. */
    private final class Streamer implements StreamObserver<PipelineResponse> {
        private final StreamObserver<PipelineRequest> requests;
        private final boolean sets;
        private final AtomicBoolean running = PipelineBench.this.running;
        private long lastId;
        private int owed;

        Streamer(NodeProcess node, boolean sets) {
            this.sets = sets;
            this.requests = KvGrpc.newStub(node.channel()).pipeline(this);
            synchronized (this) {
                for (int i = 0; i < BATCHES; i++) {
                    requests.onNext(batch());
                }
            }
        }

        private PipelineRequest batch() {
            var request = PipelineRequest.newBuilder();
            for (int i = 0; i < BATCH; i++) {
                var call = PipelineCall.newBuilder().setId(++lastId);
                if (sets) {
                    call.setSet(SetRequest.newBuilder()
                            .setTable("default")
                            .setKey(key())
                            .setValue(VALUE));
                } else {
                    call.setGet(GetRequest.newBuilder().setTable("default").setKey(key()));
                }
                request.addCalls(call);
            }
            return request.build();
        }

        @Override
        public synchronized void onNext(PipelineResponse response) {
            long errors = response.getAnswersList().stream()
                    .filter(answer -> answer.hasError())
                    .count();
            failed.addAndGet(errors);
            done.addAndGet(response.getAnswersCount() - errors);
            owed += response.getAnswersCount();
            for (; owed >= BATCH && running.get(); owed -= BATCH) {
                requests.onNext(batch());
            }
            if (!running.get() && lastId > 0) {
                lastId = -1;
                requests.onCompleted();
            }
        }

        @Override
        public void onError(Throwable failure) {
            System.out.println("the stream broke: " + failure);
        }

        @Override
        public void onCompleted() {}
    }

    private void measure(String what, boolean sets) throws InterruptedException {
        var rates = new ArrayList<Double>();
        long own = 0;
        long theirs = 0;
        for (int round = 0; round < 2; round++) {
            done.set(0);
            failed.set(0);
            own = ownCpuNanos();
            theirs = nodesCpuNanos();
            long start = System.nanoTime();
            Thread.sleep(seconds * 1_000);
            rates.add(done.get() / ((System.nanoTime() - start) / 1e9));
        }
        own = ownCpuNanos() - own;
        theirs = nodesCpuNanos() - theirs;
        double calls = Math.max(1, done.get());
        running.set(false);
        System.out.printf(
                Locale.ROOT,
                "%d node(s), %s, %s: %,.0f/s (warm-up %,.0f/s), %d failed; CPU for each: client %.1f us, nodes %.1f us%n",
                cluster.nodes().size(),
                sets ? "set" : "get",
                what,
                rates.get(1),
                rates.get(0),
                failed.get(),
                own / calls / 1e3,
                theirs / calls / 1e3);
    }

    private static long ownCpuNanos() {
        return cpuNanos(ProcessHandle.current());
    }

    private long nodesCpuNanos() {
        return cluster.nodes().stream()
                .map(node -> ProcessHandle.of(node.pid()).orElseThrow())
                .mapToLong(PipelineBench::cpuNanos)
                .sum();
    }

    /** Tells more than a rate while others are at work on the machine. */
    private static long cpuNanos(ProcessHandle process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
    }

    private static ByteString key() {
        return ByteString.copyFromUtf8("key-" + ThreadLocalRandom.current().nextInt(KEYS));
    }
}
