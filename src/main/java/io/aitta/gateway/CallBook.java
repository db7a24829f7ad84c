package io.aitta.gateway;

import io.aitta.metrics.Metrics;
import io.aitta.metrics.Outcome;
import io.aitta.metrics.RequestMetrics;
import io.aitta.metrics.RequestMetrics.Kind;
import io.aitta.metrics.SlowLog;
import io.aitta.metrics.SlowRequest;
import io.aitta.metrics.Tracing;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where every request through the gRPC door is entered when it has been answered: counted, and if there is a reason to,
 * logged, kept as slow, and traced. Thread-safe.
 */
final class CallBook {
    private static final Set<String> READS = snakes(RpcPermission.READING);
    private static final Set<String> WRITES = snakes(RpcPermission.WRITING);

    private final RequestMetrics metrics;
    private final SlowLog slowLog;
    private final Tracing tracing;
    private final ProblemLog problems;

    CallBook(Metrics metrics) {
        this.metrics = metrics.requests();
        this.slowLog = metrics.slowLog();
        this.tracing = metrics.tracing();
        this.problems = new ProblemLog(metrics.problemsPerSecond());
    }

    /** @param name of a method, such as {@code MultiGet}, or of a kind of call, such as {@code MULTI_GET} */
    RequestMetrics.Operation operation(String name) {
        String snake = snake(name);
        return metrics.operation(
                snake, READS.contains(snake) ? Kind.READ : WRITES.contains(snake) ? Kind.WRITE : Kind.OTHER);
    }

    private static Set<String> snakes(Set<String> names) {
        return names.stream().map(CallBook::snake).collect(Collectors.toUnmodifiableSet());
    }

    private static String snake(String name) {
        return name.chars().anyMatch(Character::isLowerCase)
                ? name.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT)
                : name.toLowerCase(Locale.ROOT);
    }

    void done(CallFacts facts) {
        ended(facts, Outcome.OK, "ok", System.nanoTime() - facts.begunNanos);
    }

    void failed(CallFacts facts, Problem problem) {
        long nanos = System.nanoTime() - facts.begunNanos;
        Outcome outcome = outcome(problem);
        metrics.answered(problem.reason());
        problems.tell(facts, problem, outcome, nanos);
        ended(facts, outcome, problem.reason(), nanos);
    }

    /** How long a stream lasts is its client's affair. */
    void streamDone(CallFacts facts) {
        facts.operation.streamEnded(Outcome.OK);
    }

    void streamFailed(CallFacts facts, Problem problem) {
        Outcome outcome = outcome(problem);
        metrics.answered(problem.reason());
        problems.tell(facts, problem, outcome, System.nanoTime() - facts.begunNanos);
        facts.operation.streamEnded(outcome);
    }

    private void ended(CallFacts facts, Outcome outcome, String word, long nanos) {
        facts.operation.ended(facts.table(), outcome, nanos);
        boolean slow = facts.operation.kind() != Kind.OTHER && slowLog.isSlow(nanos);
        if (slow || tracing.isOn()) {
            var request = described(facts, word, nanos);
            if (slow) {
                slowLog.add(request);
            }
            if (tracing.isOn()) {
                tracing.ended(request, facts.origin.traceparent(), outcome.isFailure());
            }
        }
    }

    private static SlowRequest described(CallFacts facts, String outcome, long nanos) {
        return new SlowRequest(
                System.currentTimeMillis(),
                facts.operation.name(),
                Text.shortened(facts.table()),
                facts.partition() == null ? -1 : facts.partition().partition(),
                facts.key().map(Text::escaped).orElse(""),
                nanos,
                outcome,
                facts.stages(),
                facts.requestId(),
                facts.origin.traceId());
    }

    private static Outcome outcome(Problem problem) {
        return switch (problem.code()) {
            // What is too large stays so, however often it is tried.
            case RESOURCE_EXHAUSTED -> problem.retryMillis() > 0 ? Outcome.OVERLOADED : Outcome.REFUSED;
            case UNAVAILABLE -> Outcome.UNAVAILABLE;
            case DEADLINE_EXCEEDED -> Outcome.LATE;
            case UNKNOWN -> Outcome.UNKNOWN;
            case INTERNAL -> Outcome.FAULT;
            case UNAUTHENTICATED, PERMISSION_DENIED -> Outcome.DENIED;
            default -> Outcome.REFUSED;
        };
    }
}
