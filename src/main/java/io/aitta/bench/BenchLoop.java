package io.aitta.bench;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One client: a batch, and when all of it is answered the next one; with a rate not before it is due. It goes on in
 * whichever thread brings the last answer.
 */
final class BenchLoop {
    private final BenchPlan plan;
    private final int client;
    private final Operations operations;
    private final RunSpan span;
    private final ScheduledExecutorService timer;
    private final CountDownLatch ended = new CountDownLatch(1);
    /** Of the batch under way; and one more while it is being handed over, so that its end is seen once. */
    private final AtomicInteger open = new AtomicInteger();

    private volatile long batches;

    BenchLoop(BenchPlan plan, int client, Operations operations, RunSpan span, ScheduledExecutorService timer) {
        this.plan = plan;
        this.client = client;
        this.operations = operations;
        this.span = span;
        this.timer = timer;
    }

    void start() {
        next();
    }

    /** In a loop while answers are there at once: else the stack would grow with them. */
    private void next() {
        do {
            long now = System.nanoTime();
            if (span.isOver(now)) {
                ended.countDown();
                return;
            }
            long due = plan.rate() == 0 ? now : due(batches);
            if (span.isOver(due)) {
                ended.countDown();
                return;
            }
            if (due - now > 0) {
                timer.schedule(this::next, due - now, TimeUnit.NANOSECONDS);
                return;
            }
            batches++;
            open.set(1 + plan.batch());
            operations.begin(due, this::answered);
        } while (open.decrementAndGet() == 0);
    }

    private void answered(int count) {
        if (open.addAndGet(-count) == 0) {
            next();
        }
    }

    /** Clients take turns, so that operations are spread evenly. */
    private long due(long batch) {
        double turns = (double) batch * plan.clients() + client;
        return span.begin() + (long) (turns * plan.batch() / plan.rate() * 1e9);
    }

    /** How many operations were due but not begun at some time. */
    long behind(long now) {
        if (plan.rate() == 0) {
            return 0;
        }
        long late = 0;
        for (long batch = batches; due(batch) - now < 0; batch++) {
            late += plan.batch();
        }
        return late;
    }

    int inFlight() {
        return open.get();
    }

    /** Until all that it handed over is answered, once nothing is begun any more. */
    boolean awaitEnd(long nanos) throws InterruptedException {
        return open.get() == 0 || ended.await(nanos, TimeUnit.NANOSECONDS);
    }
}
