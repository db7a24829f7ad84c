package io.aitta.cli;

import io.aitta.client.AittaException.OutcomeUnknown;
import io.aitta.client.AittaException.Unavailable;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Looks at the cluster again and again until something is done. A cluster that is away for a while is looked for further;
 * after a minute without any answer that is what it ends with.
 */
final class Waiting {
    private static final long EVERY_MILLIS = 300;
    private static final long LONGEST_SILENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    enum End {
        DONE,
        TOO_LATE,
        /** By Ctrl-C. */
        INTERRUPTED
    }

    /** @param missing what was not done yet when last looked at */
    record Result(End end, String missing) {}

    /** One look at the cluster. */
    interface Look {
        /** What is missing still, in a few words; empty: it is done. */
        Optional<String> missing();
    }

    private Waiting() {}

    /** @param within empty: as long as it takes */
    static Result until(Optional<Duration> within, Look look) {
        var stop = new CountDownLatch(1);
        try (var interrupts = Interrupts.tell(stop::countDown)) {
            return until(within, look, stop);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the prompt looks at it
            return new Result(End.INTERRUPTED, "interrupted");
        }
    }

    private static Result until(Optional<Duration> within, Look look, CountDownLatch stop) throws InterruptedException {
        long begin = System.nanoTime();
        long heard = begin;
        while (true) {
            String missing;
            try {
                Optional<String> found = look.missing();
                if (found.isEmpty()) {
                    return new Result(End.DONE, "");
                }
                missing = found.get();
                heard = System.nanoTime();
            } catch (Unavailable e) {
                if (System.nanoTime() - heard > LONGEST_SILENCE_NANOS) {
                    throw e;
                }
                missing = Cli.describe(e);
            } catch (OutcomeUnknown e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                throw e;
            }
            long passed = System.nanoTime() - begin;
            if (within.isPresent() && passed >= within.get().toNanos()) {
                return new Result(End.TOO_LATE, missing);
            }
            if (stop.await(EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
                return new Result(End.INTERRUPTED, missing);
            }
        }
    }
}
