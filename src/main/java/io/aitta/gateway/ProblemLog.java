package io.aitta.gateway;

import io.aitta.metrics.Outcome;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * One line for each request that was answered by an error, but no more than so many a second: of the rest their number is
 * told. Neither values nor tokens are in it; it is made of what the error told the client. Thread-safe.
 */
final class ProblemLog {
    private static final Logger LOG = LoggerFactory.getLogger("io.aitta.requests");
    private static final long SECOND_NANOS = 1_000_000_000;

    private final int mostPerSecond;
    // Guarded by this.
    private long secondBegunNanos;
    private int told;
    private long untold;

    ProblemLog(int mostPerSecond) {
        this.mostPerSecond = mostPerSecond;
        this.secondBegunNanos = System.nanoTime();
    }

    void tell(CallFacts facts, Problem problem, Outcome outcome, long nanos) {
        Level level = outcome == Outcome.FAULT ? Level.ERROR : outcome.isFailure() ? Level.WARN : Level.INFO;
        if (!LOG.isEnabledForLevel(level) || !mayTell()) {
            return;
        }
        String trace = facts.origin.traceId();
        var line = LOG.atLevel(level)
                .addKeyValue("request_id", facts.requestId())
                .addKeyValue("operation", facts.operation.name())
                .addKeyValue("table", facts.table())
                .addKeyValue("code", problem.code().name())
                .addKeyValue("reason", problem.reason())
                .addKeyValue("millis", nanos / 1e6);
        if (!trace.isEmpty()) {
            line = line.addKeyValue("trace_id", trace);
        }
        line.log(String.format(
                Locale.ROOT,
                "request %s%s: %s%s answered %s %s after %.1f ms: %s",
                facts.requestId(),
                trace.isEmpty() ? "" : " of trace " + trace,
                facts.operation.name(),
                facts.table().isEmpty() ? "" : " of table " + Text.shortened(facts.table()),
                problem.code().name(),
                problem.reason(),
                nanos / 1e6,
                problem.message()));
    }

    private boolean mayTell() {
        long untoldBefore = 0;
        boolean may;
        synchronized (this) {
            long now = System.nanoTime();
            if (now - secondBegunNanos >= SECOND_NANOS) {
                secondBegunNanos = now;
                told = 0;
                untoldBefore = untold;
                untold = 0;
            }
            may = told < mostPerSecond;
            if (may) {
                told++;
            } else {
                untold++;
            }
        }
        if (untoldBefore > 0) {
            LOG.warn("{} more requests were answered by an error, and are not logged one by one", untoldBefore);
        }
        return may;
    }
}
