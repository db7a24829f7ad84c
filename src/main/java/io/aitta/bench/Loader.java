package io.aitta.bench;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Writes all keys of a plan, a limited number at a time. */
final class Loader {
    private static final int IN_FLIGHT = 256;
    private static final int TRIES = 5;

    private final BenchStore store;
    private final BenchPlan plan;
    private final Payloads payloads;
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong done = new AtomicLong();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Throwable failure;
    private volatile boolean stopped;

    Loader(BenchStore store, BenchPlan plan) {
        this.store = store;
        this.plan = plan;
        this.payloads = new Payloads(plan.valueBytes());
    }

    void start() {
        for (int i = 0; i < IN_FLIGHT; i++) {
            next();
        }
    }

    /** Takes up one key after the other, here while they are written at once, else where the answer comes. */
    private void next() {
        var turn = new AtomicInteger();
        do {
            long number = next.getAndIncrement();
            if (stopped || number >= plan.keys()) {
                return;
            }
            turn.set(2);
            ByteString value =
                    payloads.value(number, ThreadLocalRandom.current().nextLong());
            write(Payloads.key(number), value, TRIES, () -> {
                if (done.incrementAndGet() == plan.keys()) {
                    ended.countDown();
                }
                if (turn.decrementAndGet() == 0) {
                    next();
                }
            });
        } while (turn.decrementAndGet() == 0);
    }

    /** Another try is of use even where the outcome is unknown: it writes the same. */
    private void write(ByteString key, ByteString value, int tries, Runnable written) {
        store.set(key, value).whenComplete((result, failed) -> {
            if (failed == null) {
                written.run();
            } else if (tries > 1 && !stopped && !(cause(failed) instanceof AittaException.Refused)) {
                write(key, value, tries - 1, written);
            } else {
                failure = cause(failed);
                stopped = true;
                ended.countDown();
            }
        });
    }

    private static Throwable cause(Throwable failed) {
        return failed instanceof CompletionException wrapped ? wrapped.getCause() : failed;
    }

    long done() {
        return done.get();
    }

    boolean await(long seconds) throws InterruptedException {
        return ended.await(seconds, TimeUnit.SECONDS);
    }

    /** @return whether all are written; throws what made that impossible */
    boolean end() {
        stopped = true;
        if (failure instanceof RuntimeException known) {
            throw known;
        }
        if (failure != null) {
            throw new IllegalStateException(failure);
        }
        return done.get() == plan.keys();
    }
}
