package io.aitta.gateway;

import io.aitta.core.kv.RefusalReason;
import io.aitta.gateway.RoutingTable.TableRoutes;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.proto.v1.Position;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One removal of a range under way, in all of its partitions at once. It is done when all are. If it was refused in all
 * of them, nothing happened; if in some only, part of it has happened, and that is told as an unknown outcome: to send
 * the same request again is right then, unless a partition refused its place in the session.
 */
final class RangeRemoval {
    private static final String AGAIN = "send the same request again to do the rest";

    private final TableRoutes table;
    private final int first;
    /** By partition: where it stood when it was done; null: it was not. */
    private final Position[] positions;
    /** By partition; null: none. */
    private final Problem[] problems;

    private final AtomicInteger missing;
    private final CompletableFuture<List<Position>> done = new CompletableFuture<>();

    RangeRemoval(TableRoutes table, int first, int last) {
        this.table = table;
        this.first = first;
        this.positions = new Position[last - first + 1];
        this.problems = new Problem[positions.length];
        this.missing = new AtomicInteger(positions.length);
    }

    /** To be called once for each partition. */
    void begin(int partition, CompletionStage<WriteAnswer> write, Call call) {
        write.whenComplete((answer, failure) -> {
            int i = partition - first;
            try {
                if (failure == null) {
                    positions[i] = position(partition, answer, call);
                } else {
                    problems[i] = ErrorTrailers.problem(failure);
                }
            } catch (RuntimeException refused) {
                problems[i] = ErrorTrailers.problem(refused);
            }
            // The last one sees what the others wrote: they have counted down after writing.
            if (missing.decrementAndGet() == 0) {
                finish(call);
            }
        });
    }

    /** @return where the partitions stood; or fails with a {@link ProblemException} */
    CompletionStage<List<Position>> done() {
        return done;
    }

    private Position position(int partition, WriteAnswer answer, Call call) {
        if (answer instanceof WriteAnswer.Ordered ordered) {
            return RoutingTable.position(table.id(partition), ordered.index());
        }
        Prepared.outcome(answer, call);
        return RoutingTable.position(table.id(partition), ((WriteAnswer.Done) answer).index());
    }

    private void finish(Call call) {
        long failed = Arrays.stream(problems).filter(Objects::nonNull).count();
        if (failed == 0) {
            done.complete(Arrays.asList(positions));
            return;
        }
        boolean isUnknown = Arrays.stream(problems).anyMatch(problem -> problem != null && problem.isOutcomeUnknown());
        int worst = worst();
        Problem problem = problems[worst];
        String where = "partition " + (first + worst) + " of table '" + table.name() + "': " + problem.message();
        boolean allRefused = failed == problems.length && !isUnknown;
        Problem told = allRefused
                ? new Problem(
                        problem.code(),
                        problem.reason(),
                        where,
                        problem.field(),
                        problem.retryMillis(),
                        problem.metadata())
                : Problem.outcomeUnknown(
                        problem.reason() + " in " + where + "; " + (problems.length - failed) + " of " + problems.length
                                + " partitions are done; " + advice(problem),
                        call.isExpired());
        done.completeExceptionally(told.asException());
    }

    /** What the same request can never do, else what nobody knows, else the first. */
    private int worst() {
        int worst = -1;
        for (int i = 0; i < problems.length; i++) {
            if (problems[i] != null && (worst < 0 || weight(problems[i]) > weight(problems[worst]))) {
                worst = i;
            }
        }
        return worst;
    }

    private static int weight(Problem problem) {
        return advice(problem).equals(AGAIN) ? problem.isOutcomeUnknown() ? 1 : 0 : 2;
    }

    /** How to get the rest done. Under another number, what is done is done again. */
    private static String advice(Problem problem) {
        if (problem.reason().equals(RefusalReason.SESSION_REUSED.name())) {
            return "under this sequence the rest will never be done; send the request again under one that was not used"
                    + " before, which removes what was written since as well";
        }
        if (problem.reason().equals(RefusalReason.SESSION_EXPIRED.name())) {
            return "in this session the rest will never be done; send the request again in a new one, which removes what"
                    + " was written since as well";
        }
        return AGAIN;
    }
}
