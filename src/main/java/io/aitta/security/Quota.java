package io.aitta.security;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * So much a second, of which what was not used may be used for a second more. What is taken at once may be more than that;
 * then it takes so much longer until something can be taken again. Thread-safe, without locks.
 */
final class Quota {
    private static final long BURST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final long perSecond;
    private final LongSupplier nanoTime;
    /** Up to when all is taken. */
    private final AtomicLong takenUntil;

    /** @param perSecond above 0 */
    Quota(long perSecond, LongSupplier nanoTime) {
        this.perSecond = perSecond;
        this.nanoTime = nanoTime;
        this.takenUntil = new AtomicLong(nanoTime.getAsLong() - BURST_NANOS);
    }

    /** @return 0: there is something to be taken; else in how many milliseconds there will be */
    long waitMillis() {
        long ahead = takenUntil.get() - nanoTime.getAsLong();
        return ahead <= 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(ahead) + 1;
    }

    void take(long amount) {
        long nanos = (long) ((double) amount / perSecond * TimeUnit.SECONDS.toNanos(1));
        long now = nanoTime.getAsLong();
        takenUntil.updateAndGet(until -> now + Math.max(until - now, -BURST_NANOS) + nanos);
    }
}
