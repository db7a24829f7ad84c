package io.aitta.bench;

import io.aitta.bench.BenchReport.Phase;
import io.aitta.bench.BenchReport.Second;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs a plan, once. Its clients have no threads: they go on where answers arrive, and a timer wakes those that wait for
 * their next operation to be due. {@link #run} waits in the caller's thread; {@link #stop} may be called from any.
 */
public final class Bench {
    private final BenchStore store;
    private final BenchPlan plan;
    private final Consumer<Second> seconds;
    private final KeySpace keys;
    private final CountDownLatch stopped = new CountDownLatch(1);

    /** @param seconds told once a second how it goes, on the thread that runs */
    public Bench(BenchStore store, BenchPlan plan, Consumer<Second> seconds) {
        this.store = store;
        this.plan = plan;
        this.seconds = seconds;
        this.keys = new KeySpace(plan.distribution(), plan.keys());
    }

    /** Ends the run early: what was measured so far is the result. */
    public void stop() {
        stopped.countDown();
    }

    /**
     * Writes all keys.
     *
     * @return whether all are there: false if it was stopped
     * @throws io.aitta.client.AittaException if one cannot be written, however often it is tried
     */
    public boolean load() throws InterruptedException {
        var loader = new Loader(store, plan);
        loader.start();
        long begin = System.nanoTime();
        long last = begin;
        long before = 0;
        while (!loader.await(1) && stopped.getCount() > 0) {
            long now = System.nanoTime();
            long done = loader.done();
            seconds.accept(
                    new Second(Phase.LOAD, (now - begin) / 1e9, done, (done - before) / ((now - last) / 1e9), null, 0));
            last = now;
            before = done;
        }
        return loader.end();
    }

    /** Runs the plan; an interrupt stops it. */
    public BenchReport run() {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(work -> {
            var thread = new Thread(work, "aitta-bench-timer");
            thread.setDaemon(true);
            return thread;
        });
        try {
            return run(timer);
        } finally {
            timer.shutdownNow();
        }
    }

    private BenchReport run(ScheduledExecutorService timer) {
        var warmUp = new Tally();
        var tally = new Tally();
        long begin = System.nanoTime();
        long measured = begin + plan.warmUp().toNanos();
        long end = measured + plan.duration().toNanos();
        var span = new RunSpan(begin, measured, end, warmUp, tally);
        var operations = new Operations(store, plan, keys, span);
        List<BenchLoop> loops = new ArrayList<>(plan.clients());
        for (int client = 0; client < plan.clients(); client++) {
            loops.add(new BenchLoop(plan, client, operations, span, timer));
        }
        loops.forEach(BenchLoop::start);
        follow(Phase.WARM_UP, warmUp, begin, measured);
        follow(Phase.RUN, tally, measured, end);
        long over = Math.min(end, System.nanoTime());
        long inTime = tally.answered();
        span.stop(over);
        awaitAll(loops);
        double length = Math.max(0, over - measured) / 1e9;
        return new BenchReport(
                length,
                tally.answered(),
                length == 0 ? 0 : inTime / length,
                tally.totals(),
                tally.errors(),
                tally.missingCount(),
                tally.conflictCount(),
                loops.stream().mapToLong(loop -> loop.behind(over)).sum(),
                loops.stream().mapToLong(BenchLoop::inFlight).sum());
    }

    /** Until a phase is over, or the run is stopped. */
    private void follow(Phase phase, Tally tally, long begin, long end) {
        long last = begin;
        long before = 0;
        while (stopped.getCount() > 0 && System.nanoTime() < end) {
            long nextSecond = Math.min(end, last + TimeUnit.SECONDS.toNanos(1));
            if (!pause(nextSecond - System.nanoTime())) {
                return;
            }
            long now = System.nanoTime();
            long done = tally.answered();
            var latencies = tally.interval();
            double rate = (done - before) / (Math.max(1, now - last) / 1e9);
            seconds.accept(new Second(phase, (now - begin) / 1e9, done, rate, latencies, tally.errorCount()));
            last = now;
            before = done;
        }
    }

    /** @return false if the run is to end */
    private boolean pause(long nanos) {
        try {
            return !stopped.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            stop();
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void awaitAll(List<BenchLoop> loops) {
        long limit = System.nanoTime() + plan.drain().toNanos();
        try {
            for (BenchLoop loop : loops) {
                if (!loop.awaitEnd(Math.max(0, limit - System.nanoTime()))) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
