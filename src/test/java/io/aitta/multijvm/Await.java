package io.aitta.multijvm;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for conditions, with limits. The pauses between looks are the only ones in these tests. */
final class Await {
    private static final long PAUSE_MILLIS = 50;

    private Await() {}

    /** Returns when the condition holds; fails, naming {@code what}, when it does not within the limit. */
    static void until(String what, Duration limit, BooleanSupplier condition) {
        until(() -> what, limit, condition);
    }

    /** As {@link #until(String, Duration, BooleanSupplier)}; what was waited for is told by its last look. */
    static void until(Supplier<String> what, Duration limit, BooleanSupplier condition) {
        if (!isSo(limit, condition)) {
            throw new AssertionError("not within " + limit.toMillis() + " ms: " + what.get());
        }
    }

    /** Whether the condition comes to hold within the limit; returns as soon as it does. */
    static boolean isSo(Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end >= 0) {
                return false;
            }
            pause();
        }
        return true;
    }

    /** Lets time pass while a fault lasts; what is to come of it is waited for by {@link #until}. */
    static void pass(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            pause();
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting", e);
        }
    }
}
