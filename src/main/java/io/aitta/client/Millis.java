package io.aitta.client;

import java.time.Duration;

/** Durations as the API counts them: in whole milliseconds, above 0. */
final class Millis {
    private Millis() {}

    /**
     * A part of a millisecond counts as a whole one; what is beyond a long is the greatest long.
     *
     * @param what names the duration in the complaint
     * @throws IllegalArgumentException if it is not above zero
     */
    static long of(String what, Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException(what + " must be above zero, not " + duration);
        }
        try {
            return duration.plusNanos(999_999).toMillis();
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }
}
