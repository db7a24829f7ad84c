package io.aitta.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/** The last requests through a node's door that took longer than a threshold. Bounded: the oldest go. Thread-safe. */
public final class SlowLog {
    private final long thresholdNanos;
    private final int most;
    private final Counter entered;
    private final Deque<SlowRequest> newestFirst = new ArrayDeque<>();

    SlowLog(MetricsSettings settings, MeterRegistry registry) {
        this.entered = Counter.builder("aitta.slow.requests")
                .description("Requests that took longer than aitta.slow-log.threshold")
                .register(registry);
        this.thresholdNanos = settings.slowThreshold().toNanos();
        this.most = settings.slowEntries();
    }

    /** Whether a request that took so long belongs here. */
    public boolean isSlow(long nanos) {
        return nanos >= thresholdNanos;
    }

    public long thresholdNanos() {
        return thresholdNanos;
    }

    public synchronized void add(SlowRequest request) {
        entered.increment();
        if (newestFirst.size() == most) {
            newestFirst.removeLast();
        }
        newestFirst.addFirst(request);
    }

    /** @return at most so many, the newest first */
    public synchronized List<SlowRequest> newest(Predicate<SlowRequest> wanted, int limit) {
        var found = new ArrayList<SlowRequest>();
        Iterator<SlowRequest> all = newestFirst.iterator();
        while (all.hasNext() && found.size() < limit) {
            SlowRequest request = all.next();
            if (wanted.test(request)) {
                found.add(request);
            }
        }
        return found;
    }
}
