package io.aitta.client;

import io.aitta.client.AittaException.OutcomeUnknown;
import io.aitta.client.AittaException.Refused;
import io.aitta.client.AittaException.Unavailable;
import io.aitta.client.Exchange.Safety;
import io.aitta.proto.v1.AdminGrpc;
import io.aitta.proto.v1.GetTopologyRequest;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.ResponseHeader;
import io.aitta.proto.v1.Topology;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Carries calls through: picks the node, tries again while that is safe and of use, and keeps the router up to date
 * with what the replies say. A call ends at its deadline, when the retry budget is used up, or when it is answered.
 */
final class Calls {
    private static final long FIRST_BACKOFF_MILLIS = 20;
    private static final long LAST_BACKOFF_MILLIS = 500;
    /** A try is given at least this long, and else half of the time left, so that a silent node does not use it all. */
    private static final long SHORTEST_TRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** With less time left a try would most likely end as a silence, and hide what the one before it was told. */
    private static final long LEAST_TRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final Duration REFRESH_TIMEOUT = Duration.ofSeconds(2);

    private final Transport transport;
    private final Router router;
    private final RetryBudget budget;
    private final ScheduledExecutorService timer;
    private final Runnable atFirst;
    private final SeenPositions seen = new SeenPositions(SeenPositions.MAX_POSITIONS);
    private final AtomicBoolean begun = new AtomicBoolean();
    private final AtomicBoolean refreshing = new AtomicBoolean();
    private volatile boolean closed;

    /** @param atFirst done once, with the first call */
    Calls(Transport transport, Router router, RetryBudget budget, ScheduledExecutorService timer, Runnable atFirst) {
        this.transport = transport;
        this.router = router;
        this.budget = budget;
        this.timer = timer;
        this.atFirst = atFirst;
    }

    /** Begins a call. The stage fails with nothing but an {@link AittaException}. */
    <Q, R, T> CompletionStage<T> begin(Exchange<Q, R, T> exchange, Duration deadline) {
        if (!begun.get() && begun.compareAndSet(false, true)) {
            atFirst.run();
        }
        var run = new Run<>(exchange, System.nanoTime() + deadline.toNanos());
        run.next();
        return run.result;
    }

    /** A stream that goes on over one node after the other; not begun yet. */
    <Q, R> FollowedStream<Q, R> follow(
            MethodDescriptor<Q, R> method, Supplier<Q> request, Router.Place place, FollowedStream.Handler<R> handler) {
        if (!begun.get() && begun.compareAndSet(false, true)) {
            atFirst.run();
        }
        return new FollowedStream<>(transport, router, timer, method, request, place, handler);
    }

    /** Calls under way end at their next step. */
    void close() {
        closed = true;
    }

    /** Takes what is newer than what is known. */
    void learn(Topology topology) {
        router.learn(topology);
        seen.forgetOthersThan(topology);
    }

    /**
     * What a read is to ask for. Whoever wants a SESSION, by name or by a table's default, gets STRONG once not all that
     * was seen could be noted.
     */
    Consistency effective(String table, Consistency asked) {
        return seen.isFull() && followsPositions(table, asked) ? Consistency.STRONG : asked;
    }

    /** A table's default may just have been changed to SESSION, unless it is known to be another one now. */
    private boolean followsPositions(String table, Consistency consistency) {
        return switch (consistency.level()) {
            case SESSION -> true;
            case READ_CONSISTENCY_UNSPECIFIED ->
                switch (router.defaultConsistency(table)) {
                    case SESSION, READ_CONSISTENCY_UNSPECIFIED -> true;
                    default -> false;
                };
            default -> false;
        };
    }

    private Router.Reach reach(Exchange<?, ?, ?> exchange) {
        if (exchange.consistency == null) {
            return Router.Reach.PRIMARY;
        }
        ReadConsistency level = exchange.consistency.level();
        if (level == ReadConsistency.READ_CONSISTENCY_UNSPECIFIED) {
            level = router.defaultConsistency(exchange.place.table());
        }
        return level == ReadConsistency.SESSION || level == ReadConsistency.EVENTUAL
                ? Router.Reach.NEAREST
                : Router.Reach.PRIMARY;
    }

    private RequestHeader header(Exchange<?, ?, ?> exchange) {
        var header = RequestHeader.newBuilder().setEpoch(router.epoch());
        if (exchange.ticket != null) {
            header.setSession(exchange.ticket.stamp());
        }
        if (exchange.acknowledgement == Acknowledgement.FAST) {
            header.setAcknowledgement(io.aitta.proto.v1.Acknowledgement.FAST);
        }
        if (exchange.consistency != null && followsPositions(exchange.place.table(), exchange.consistency)) {
            String table = exchange.place.table();
            int partitions = router.partitions(table);
            seen.addTo(header, table, partitions == 0 ? null : exchange.partitions(partitions));
        }
        return header.build();
    }

    private void learn(ResponseHeader header, Router.Place place) {
        if (header == null) {
            return;
        }
        if (place != null) {
            seen.learn(place.table(), header.getPositionsList());
        }
        if (header.getEpoch() > router.epoch()) {
            if (header.hasRoute() && place != null) {
                router.learn(place.table(), header.getRoute());
            }
            refresh();
        }
    }

    /**
     * Fetches the topology in the background, one fetch at a time, for the watch may hang on a node that lags. A fetch
     * that fails is left: the next reply asks again.
     */
    private void refresh() {
        if (closed || !refreshing.compareAndSet(false, true)) {
            return;
        }
        Endpoint node = router.pick(null, Router.Reach.PRIMARY, Set.of());
        var request = GetTopologyRequest.getDefaultInstance();
        transport
                .call(node, AdminGrpc.getGetTopologyMethod(), request, REFRESH_TIMEOUT, false)
                .whenComplete((topology, failure) -> {
                    refreshing.set(false);
                    if (failure == null) {
                        learn(topology);
                    } else {
                        router.health().failed(node);
                    }
                });
    }

    private static long backoffMillis(int tries) {
        long full = Math.min(LAST_BACKOFF_MILLIS, FIRST_BACKOFF_MILLIS << Math.min(tries, 10));
        return full / 2 + ThreadLocalRandom.current().nextLong(full / 2 + 1);
    }

    /** One call on its way. Its steps follow one another, so it needs no lock. */
    private final class Run<Q, R, T> {
        final CompletableFuture<T> result = new CompletableFuture<>();
        private final Exchange<Q, R, T> exchange;
        private final long deadlineNanos;
        private final Router.Reach reach;
        /** Nodes to which this call has been in this round. */
        private Set<Endpoint> tried = Set.of();

        private int tries;
        /** Whether a try may have been acted on without having been answered. */
        private boolean doubted;

        Run(Exchange<Q, R, T> exchange, long deadlineNanos) {
            this.exchange = exchange;
            this.deadlineNanos = deadlineNanos;
            this.reach = reach(exchange);
        }

        void next() {
            if (closed) {
                giveUp(new Unavailable("CLIENT_CLOSED", "the client is closed"));
                return;
            }
            long now = System.nanoTime();
            Endpoint node = pick();
            boolean changes = exchange.safety != Safety.READ;
            transport
                    .call(node, exchange.method, exchange.request(header(exchange)), patience(node, now), changes)
                    .whenComplete((reply, failure) -> {
                        try {
                            if (failure == null) {
                                answered(node, reply, now);
                            } else {
                                note(node);
                                failed(node, asAittaException(failure));
                            }
                        } catch (RuntimeException e) {
                            // Else a defect of ours would leave the caller waiting for ever.
                            result.completeExceptionally(
                                    e instanceof AittaException ? e : new OutcomeUnknown("the client failed: " + e, e));
                        }
                    });
        }

        private Endpoint pick() {
            if (!router.hasMoreThan(tried)) {
                tried.clear();
            }
            tries++;
            return router.pick(exchange.place, reach, tried);
        }

        /**
         * How long to wait for a node. One of which nothing has been heard, or nothing good lately, gets little time at
         * first, so that a few which are silent do not make a call late.
         */
        private Duration patience(Endpoint node, long now) {
            long left = Math.max(1, deadlineNanos - now);
            if (exchange.safety == Safety.ONCE) {
                return Duration.ofNanos(left);
            }
            long some = router.health().isAnswering(node) ? left / 2 : SHORTEST_TRY_NANOS * tries;
            return Duration.ofNanos(Math.min(left, Math.max(SHORTEST_TRY_NANOS, Math.min(some, left / 2))));
        }

        /** The set is made when it is needed: most calls are answered at once. */
        private void note(Endpoint node) {
            tried = tried.isEmpty() ? new HashSet<>() : tried;
            tried.add(node);
        }

        private void answered(Endpoint node, R reply, long startedNanos) {
            router.health().answered(node);
            if (reach == Router.Reach.NEAREST) {
                router.health().took(node, System.nanoTime() - startedNanos);
            }
            learn(exchange.header(reply), exchange.place);
            Optional<AittaException> again = exchange.absorb(reply, doubted);
            if (again.isEmpty()) {
                result.complete(exchange.result());
            } else {
                note(node);
                retry(again.get());
            }
        }

        private void failed(Endpoint node, AittaException error) {
            boolean silent = error instanceof OutcomeUnknown || error.reason().equals("DEADLINE_EXCEEDED");
            if (silent || isGone(error)) {
                router.health().failed(node);
            }
            doubted |= error instanceof OutcomeUnknown;
            if (!(error instanceof Refused)) {
                refresh();
            }
            retry(error);
        }

        private void retry(AittaException error) {
            boolean forgotten = exchange.ticket != null && exchange.ticket.expiredBy(error);
            if (forgotten && !doubted && exchange.ticket.renew()) {
                next();
                return;
            }
            boolean safe = exchange.safety != Safety.ONCE || !doubted;
            if (error.retryAfter().isEmpty() || !safe) {
                giveUp(error);
                return;
            }
            boolean elsewhere = isGone(error) && router.hasMoreThan(tried);
            long delay = elsewhere ? 0 : Math.max(error.retryAfter().get().toMillis(), backoffMillis(tries - 1));
            long left = deadlineNanos - System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(delay);
            if (left < LEAST_TRY_NANOS || !elsewhere && !budget.take(System.nanoTime())) {
                giveUp(error);
                return;
            }
            try {
                timer.schedule(this::next, delay, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                giveUp(error); // closed meanwhile
            }
        }

        /** Another node will do at once; only this one wants time. */
        private static boolean isGone(AittaException error) {
            return error.reason().equals("UNREACHABLE") || error.reason().equals("STOPPING");
        }

        private void giveUp(AittaException why) {
            AittaException told = why;
            boolean certain = why instanceof OutcomeUnknown || why instanceof Refused refused && refused.isForGood();
            if (doubted && !certain) {
                told = new OutcomeUnknown(
                        "an earlier try was not answered, and the last one failed: " + why.getMessage(), why);
            }
            try {
                result.complete(exchange.giveUp(told, doubted));
            } catch (AittaException e) {
                result.completeExceptionally(e);
            }
        }
    }

    private static AittaException asAittaException(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof AittaException known ? known : new OutcomeUnknown("the client failed: " + cause, cause);
    }
}
