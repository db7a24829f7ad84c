package io.aitta.client;

import io.aitta.client.AittaException.OutcomeUnknown;
import io.aitta.client.AittaException.Refused;
import io.aitta.client.AittaException.Unavailable;
import io.aitta.client.Exchange.Safety;
import io.aitta.proto.v1.AdminGrpc;
import io.aitta.proto.v1.GetTopologyRequest;
import io.aitta.proto.v1.ResponseHeader;
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

/**
 * Carries calls through: picks the node, tries again while that is safe and of use, and keeps the router up to date
 * with what the replies say. A call ends at its deadline, when the retry budget is used up, or when it is answered.
 */
final class Calls {
    private static final long FIRST_BACKOFF_MILLIS = 20;
    private static final long LAST_BACKOFF_MILLIS = 500;
    /** A try is given at least this long, and else half of the time left, so that a silent node does not use it all. */
    private static final long SHORTEST_TRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final Duration REFRESH_TIMEOUT = Duration.ofSeconds(2);

    private final Transport transport;
    private final Router router;
    private final RetryBudget budget;
    private final ScheduledExecutorService timer;
    private final AtomicBoolean refreshing = new AtomicBoolean();
    private volatile boolean closed;

    Calls(Transport transport, Router router, RetryBudget budget, ScheduledExecutorService timer) {
        this.transport = transport;
        this.router = router;
        this.budget = budget;
        this.timer = timer;
    }

    /** Begins a call. The stage fails with nothing but an {@link AittaException}. */
    <Q, R, T> CompletionStage<T> begin(Exchange<Q, R, T> exchange, Duration deadline) {
        var run = new Run<>(exchange, System.nanoTime() + deadline.toNanos());
        run.next();
        return run.result;
    }

    /** Calls under way end at their next step. */
    void close() {
        closed = true;
    }

    private void learn(ResponseHeader header, Router.Place place) {
        if (header != null && header.getEpoch() > router.epoch()) {
            if (header.hasRoute() && place != null) {
                router.learn(place.table(), header.getRoute());
            }
            refresh();
        }
    }

    /** Fetches the topology in the background, one fetch at a time. A fetch that fails is left: the next reply asks again. */
    private void refresh() {
        if (closed || !refreshing.compareAndSet(false, true)) {
            return;
        }
        Endpoint node = router.pick(null, Set.of());
        var request = GetTopologyRequest.getDefaultInstance();
        transport
                .call(node, AdminGrpc.getGetTopologyMethod(), request, REFRESH_TIMEOUT, false)
                .whenComplete((topology, failure) -> {
                    refreshing.set(false);
                    if (failure == null) {
                        router.learn(topology);
                    } else {
                        router.failed(node);
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
        private final Set<Endpoint> tried = new HashSet<>();
        private int tries;
        /** Whether a try may have been acted on without having been answered. */
        private boolean doubted;

        Run(Exchange<Q, R, T> exchange, long deadlineNanos) {
            this.exchange = exchange;
            this.deadlineNanos = deadlineNanos;
        }

        void next() {
            if (closed) {
                giveUp(new Unavailable("CLIENT_CLOSED", "the client is closed"));
                return;
            }
            long left = Math.max(1, deadlineNanos - System.nanoTime());
            boolean mayRepeat = exchange.safety != Safety.ONCE;
            long timeout = mayRepeat ? Math.min(left, Math.max(SHORTEST_TRY_NANOS, left / 2)) : left;
            if (!router.hasMoreThan(tried)) {
                tried.clear();
            }
            Endpoint node = router.pick(exchange.place, tried);
            tried.add(node);
            tries++;
            boolean changes = exchange.safety != Safety.READ;
            transport
                    .call(node, exchange.method, exchange.request(router.epoch()), Duration.ofNanos(timeout), changes)
                    .whenComplete((reply, failure) -> {
                        try {
                            if (failure == null) {
                                answered(node, reply);
                            } else {
                                failed(node, asAittaException(failure));
                            }
                        } catch (RuntimeException e) {
                            // Else a defect of ours would leave the caller waiting for ever.
                            result.completeExceptionally(
                                    e instanceof AittaException ? e : new OutcomeUnknown("the client failed: " + e, e));
                        }
                    });
        }

        private void answered(Endpoint node, R reply) {
            router.answered(node);
            learn(exchange.header(reply), exchange.place);
            Optional<AittaException> again = exchange.absorb(reply, doubted);
            if (again.isEmpty()) {
                result.complete(exchange.result());
            } else {
                retry(again.get());
            }
        }

        private void failed(Endpoint node, AittaException error) {
            boolean silent =
                    error instanceof OutcomeUnknown || error.reason().equals("DEADLINE_EXCEEDED");
            if (silent || isGone(error)) {
                router.failed(node);
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
            if (left <= 0 || !elsewhere && !budget.take(System.nanoTime())) {
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
            boolean certain = why instanceof OutcomeUnknown
                    || why instanceof Refused refused && refused.kind() == Refused.Kind.BAD_INPUT;
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
