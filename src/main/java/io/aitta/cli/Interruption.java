package io.aitta.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a command that streams end with a whole line when Ctrl-C (or SIGTERM) comes: this thread is interrupted, and the
 * process, if that is to end too, waits until the command has written what it had. At a prompt, which interrupts the
 * thread by itself, the prompt goes on.
 *
 * <pre>{@code
 * try (var interruption = new Interruption(this::flush)) {
 *     while (more && !interruption.happened()) { ... }
 * }
 * }</pre>
 */
final class Interruption implements AutoCloseable {
    /** The exit status of what Ctrl-C has ended, as shells have it. */
    static final int STATUS = 130;

    private static final long LIMIT_MILLIS = 2_000;

    private final Runnable atEnd;
    private final Thread running = Thread.currentThread();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = new Thread(this::interruptAndWait, "aitta-interruption");

    /** @param atEnd writes what is not yet written; called once, by this thread */
    Interruption(Runnable atEnd) {
        this.atEnd = atEnd;
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException e) {
            running.interrupt(); // the process is ending already
        }
    }

    boolean happened() {
        return running.isInterrupted();
    }

    private void interruptAndWait() {
        running.interrupt();
        try {
            if (!ended.await(LIMIT_MILLIS, TimeUnit.MILLISECONDS)) {
                return; // the process ends all the same; somebody asked for it
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        atEnd.run();
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // the process is ending, by the hook's leave
        }
    }
}
