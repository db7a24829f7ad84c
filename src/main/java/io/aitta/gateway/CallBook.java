package io.aitta.gateway;

import com.google.rpc.Code;
import io.aitta.metrics.Outcome;
import io.aitta.metrics.RequestMetrics;
import io.aitta.metrics.RequestMetrics.Kind;
import java.util.Locale;
import java.util.Set;

/** Where every request through the gRPC door is entered when it has been answered. Thread-safe. */
final class CallBook {
    private static final Set<String> READS =
            Set.of("get", "exists", "time_to_live", "multi_get", "scan", "scan_page", "count");
    private static final Set<String> WRITES = Set.of(
            "set",
            "delete",
            "append",
            "increment",
            "expire",
            "persist",
            "multi_set",
            "multi_delete",
            "transaction",
            "delete_range",
            "flush");

    private final RequestMetrics metrics;

    CallBook(RequestMetrics metrics) {
        this.metrics = metrics;
    }

    /** @param name of a method, such as {@code MultiGet}, or of a kind of call, such as {@code MULTI_GET} */
    RequestMetrics.Operation operation(String name) {
        String snake = name.chars().anyMatch(Character::isLowerCase)
                ? name.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT)
                : name.toLowerCase(Locale.ROOT);
        return metrics.operation(
                snake, READS.contains(snake) ? Kind.READ : WRITES.contains(snake) ? Kind.WRITE : Kind.OTHER);
    }

    void done(CallFacts facts) {
        ended(facts, Outcome.OK);
    }

    void failed(CallFacts facts, Problem problem) {
        metrics.answered(problem.reason());
        ended(facts, outcome(problem.code()));
    }

    private void ended(CallFacts facts, Outcome outcome) {
        facts.operation.ended(facts.table(), outcome, System.nanoTime() - facts.begunNanos);
    }

    private static Outcome outcome(Code code) {
        return switch (code) {
            case RESOURCE_EXHAUSTED -> Outcome.OVERLOADED;
            case UNAVAILABLE -> Outcome.UNAVAILABLE;
            case DEADLINE_EXCEEDED -> Outcome.LATE;
            case UNKNOWN -> Outcome.UNKNOWN;
            case INTERNAL -> Outcome.FAULT;
            case UNAUTHENTICATED, PERMISSION_DENIED -> Outcome.DENIED;
            default -> Outcome.REFUSED;
        };
    }
}
