package io.aitta.multijvm;

import static io.aitta.multijvm.Load.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.client.AittaException;
import io.aitta.client.AittaTable;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Counters that are counted up by ones, some by one client only and one by all. In the end each must be what was
 * acknowledged, and of what nobody knows whether it was done as much as there is. Thread-safe.
 */
final class Tally {
    private static final String SHARED = "count-all";

    /** Of one counter. */
    private static final class Count {
        long acknowledged;
        long unknown;

        boolean explains(long value) {
            return acknowledged <= value && value <= acknowledged + unknown;
        }

        @Override
        public String toString() {
            return acknowledged + " acknowledged, " + unknown + " unknown";
        }
    }

    private final Map<String, Count> counts = new TreeMap<>();
    private final Told told;
    private final Consumer<String> failures;

    Tally(Told told, Consumer<String> failures) {
        this.told = told;
        this.failures = failures;
    }

    /** Counts up one's own counter, or the one that all share. */
    boolean increment(AittaTable.BlockingView keys, int client, boolean shared) {
        String key = shared ? SHARED : "count-" + client;
        try {
            var result = keys.increment(bytes(key), 1);
            told.holds(key, result.version(), Long.toString(result.value()));
            acknowledged(key, shared ? -1 : result.value());
            return true;
        } catch (AittaException.OutcomeUnknown unknown) {
            synchronized (this) {
                count(key).unknown++;
            }
            failures.accept("increment " + key + ": " + unknown.getMessage());
        } catch (AittaException refused) {
            failures.accept("increment " + key + ": " + refused.reason() + ": " + refused.getMessage());
        }
        return false;
    }

    /** @param value that nobody else can have changed meanwhile; -1: it may have been changed */
    private synchronized void acknowledged(String key, long value) {
        var count = count(key);
        count.acknowledged++;
        if (value >= 0 && !count.explains(value)) {
            throw new AssertionError(key + " is " + value + " after " + count);
        }
    }

    private Count count(String key) {
        return counts.computeIfAbsent(key, none -> new Count());
    }

    /** To be called when nobody counts any more. */
    synchronized void verify(AittaTable.BlockingView keys) {
        counts.forEach((key, count) -> {
            long value = keys.get(bytes(key)).map(found -> Long.parseLong(found.utf8())).orElse(0L);
            assertThat(count.explains(value)).as("%s is %d after %s", key, value, count).isTrue();
        });
    }

    @Override
    public synchronized String toString() {
        long acknowledged = counts.values().stream().mapToLong(count -> count.acknowledged).sum();
        long unknown = counts.values().stream().mapToLong(count -> count.unknown).sum();
        return acknowledged + " increments acknowledged, " + unknown + " unknown";
    }
}
