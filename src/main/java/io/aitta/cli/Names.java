package io.aitta.cli;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The names of the tables, or of the nodes, for whoever types: always answered at once, from what was heard last, and asked for in the
 * background once that is a few seconds old. Thread-safe.
 */
final class Names {
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(5);

    private record Heard(List<String> names, long atNanos) {}

    private final Supplier<CompletionStage<List<String>>> cluster;
    private final LongSupplier nanoClock;
    private final AtomicBoolean asking = new AtomicBoolean();
    /** Null: nothing yet. */
    private volatile Heard heard;

    /** @param cluster asks for them, without waiting */
    Names(Supplier<CompletionStage<List<String>>> cluster, LongSupplier nanoClock) {
        this.cluster = cluster;
        this.nanoClock = nanoClock;
    }

    /** As far as they are known; none if the cluster cannot be reached. */
    List<String> known() {
        Heard last = heard;
        boolean old = last == null || nanoClock.getAsLong() - last.atNanos > FRESH_NANOS;
        if (old && asking.compareAndSet(false, true)) {
            ask();
            last = heard;
        }
        return last == null ? List.of() : last.names;
    }

    private void ask() {
        cluster.get().whenComplete((names, failure) -> {
            // What fails is said by the commands that need it; here the names from before are still better than none.
            List<String> before = heard == null ? List.of() : heard.names;
            heard = new Heard(failure == null ? List.copyOf(names) : before, nanoClock.getAsLong());
            asking.set(false);
        });
    }
}
