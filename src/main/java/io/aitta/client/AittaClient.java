package io.aitta.client;

import io.aitta.proto.v1.BackupPosition;
import io.aitta.proto.v1.Topology;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A connection to a cluster, to be shared by all threads of a program and closed at its end.
 *
 * <pre>{@code
 * try (AittaClient client = AittaClient.builder().endpoints("127.0.0.1:7400,127.0.0.1:7410").build()) {
 *     var table = client.table("default").blocking();
 *     table.set(ByteString.copyFromUtf8("greeting"), ByteString.copyFromUtf8("hello"));
 *     table.get(ByteString.copyFromUtf8("greeting")).ifPresent(value -> System.out.println(value.utf8()));
 * }
 * }</pre>
 *
 * <p>It learns the topology from the replies, sends each call to the node of its key's primary, and goes elsewhere when
 * that does not answer. Writes carry a session, so that one whose answer was lost is sent again without being applied
 * again. What still fails at the deadline is one of three things: see {@link AittaException}. Nothing is sent before
 * the first call. Thread-safe.
 */
public final class AittaClient implements AutoCloseable {
    /** For each call unless another is asked for. */
    public static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(5);
    /** Retries a second of the whole client, with five seconds' worth in reserve. */
    public static final int DEFAULT_RETRIES_PER_SECOND = 200;

    private final ScheduledExecutorService timer;
    private final Transport transport;
    private final Router router;
    private final Calls calls;
    private final Sessions sessions = new Sessions();
    private final Duration deadline;

    private AittaClient(Builder builder) {
        // Never shut down, for calls that end by the closing need it; its threads leave when idle.
        var executor = new ThreadPoolExecutor(
                2, 2, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), daemons("aitta-client-"));
        executor.allowCoreThreadTimeOut(true);
        timer = Executors.newSingleThreadScheduledExecutor(daemons("aitta-client-timer-"));
        var unary = new GrpcTransport(executor, builder.credentials);
        transport = builder.pipelining ? new PipelineTransport(unary, executor, timer) : unary;
        router = new Router(builder.endpoints, builder.zone);
        calls = new Calls(
                transport,
                router,
                new RetryBudget(builder.retriesPerSecond, System.nanoTime()),
                timer,
                () -> watchTopology(topology -> {}));
        deadline = builder.deadline;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The keys of a table. Nothing is asked of the cluster: that the table exists is seen by the first call. */
    public AittaTable table(String name) {
        return new AittaTable(
                new TableScope(name, calls, sessions, deadline, Consistency.TABLE_DEFAULT, Acknowledgement.QUORUM));
    }

    /** Tables, nodes and the topology. */
    public AittaAdmin admin() {
        return new AittaAdmin(calls, this::watchTopology, deadline);
    }

    /**
     * Reads one partition as of one log index, for a backup. To be closed.
     *
     * @param after where an earlier reading ended: what changed since then will do; empty: everything is to come
     */
    public PartitionStream readPartition(String table, int partition, Optional<BackupPosition> after) {
        return new PartitionStream(transport, router, table, partition, after);
    }

    /** Ends calls and watches that are under way. Idempotent. */
    @Override
    public void close() {
        calls.close();
        transport.close();
        timer.shutdown();
    }

    /** The router learns from it too. */
    private Watch watchTopology(Consumer<Topology> listener) {
        var watch = new TopologyWatch(transport, router, timer, topology -> {
            calls.learn(topology);
            listener.accept(topology);
        });
        watch.start();
        return watch;
    }

    static Duration checkDeadline(Duration deadline) {
        if (deadline.isNegative() || deadline.isZero()) {
            throw new IllegalArgumentException("a deadline must be above zero, not " + deadline);
        }
        return deadline;
    }

    private static ThreadFactory daemons(String prefix) {
        var count = new AtomicInteger();
        return work -> {
            var thread = new Thread(work, prefix + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Something followed until it is closed. Closing is idempotent and does not wait. */
    public interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    /** Collects what a client needs. Not thread-safe. */
    public static final class Builder {
        private List<Endpoint> endpoints = List.of();
        private String zone = "";
        private Credentials credentials = Credentials.NONE;
        private Duration deadline = DEFAULT_DEADLINE;
        private int retriesPerSecond = DEFAULT_RETRIES_PER_SECOND;
        private boolean pipelining = true;

        private Builder() {}

        /** Where to begin: {@code host:port}, several with commas between; the client finds the other nodes itself. */
        public Builder endpoints(String commaSeparated) {
            return endpoints(Endpoint.parseList(commaSeparated));
        }

        public Builder endpoints(List<Endpoint> endpoints) {
            this.endpoints = List.copyOf(endpoints);
            return this;
        }

        /**
         * Where this client is, by the names the nodes have for their zones: reads that any replica may answer stay in
         * the zone while they can.
         */
        public Builder zone(String zone) {
            this.zone = zone;
            return this;
        }

        /** Connections are encrypted, to nodes whose certificates this Java's trust store vouches for. */
        public Builder tls() {
            credentials = credentials.withTls(null);
            return this;
        }

        /**
         * Connections are encrypted, to nodes whose certificates these vouch for.
         *
         * @param trusted a file of certificates, in PEM format
         * @throws IllegalArgumentException if it cannot be read
         */
        public Builder tls(Path trusted) {
            credentials = credentials.withTls(trusted);
            return this;
        }

        /**
         * Sent with every call, as {@code authorization: Bearer}; never printed. Whoever is on the way can read it, unless
         * connections are encrypted.
         *
         * @param token printable ASCII characters without blanks
         */
        public Builder token(String token) {
            credentials = credentials.withToken(token);
            return this;
        }

        /** How long a call may take in all, retries included; above zero. */
        public Builder deadline(Duration deadline) {
            this.deadline = checkDeadline(deadline);
            return this;
        }

        /** See {@link #DEFAULT_RETRIES_PER_SECOND}; 0: nothing is tried again, but for going on to the next endpoint. */
        public Builder retriesPerSecond(int retriesPerSecond) {
            if (retriesPerSecond < 0) {
                throw new IllegalArgumentException("retries a second cannot be " + retriesPerSecond);
            }
            this.retriesPerSecond = retriesPerSecond;
            return this;
        }

        /**
         * Whether calls about keys share one streaming session with each node, as they do by default; else each is a gRPC
         * call by itself, which costs much more. What they come to is the same.
         */
        public Builder pipelining(boolean pipelining) {
            this.pipelining = pipelining;
            return this;
        }

        public AittaClient build() {
            if (endpoints.isEmpty()) {
                throw new IllegalStateException("a client needs at least one endpoint");
            }
            return new AittaClient(this);
        }
    }
}
