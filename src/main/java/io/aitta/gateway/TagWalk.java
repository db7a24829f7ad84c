package io.aitta.gateway;

import com.google.protobuf.ByteString;
import io.aitta.core.PartitionId;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.partition.PartitionAccess.Refusal;
import io.aitta.partition.PartitionAccess.ScanAnswer;
import io.aitta.partition.PartitionAccess.ScanQuery;
import io.aitta.store.ReplicaStore.Row;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A walk over the keys of a range with one hash tag, as they were at one moment of the partition they live in. It holds a
 * page at a time, and reads the next when its visitor is done with the one before. It never goes on at another moment:
 * what it has visited is what there was. One use; its steps follow one another, on whatever thread.
 */
final class TagWalk {
    static final int PAGE_ROWS = 512;
    /** Of keys and values; one row more may be in a page. */
    static final int PAGE_BYTES = 256 << 10;

    /** Told of every page, the next one after it is done; if it fails, the walk ends with that failure. */
    @FunctionalInterface
    interface Visitor {
        /** @param rows may be none */
        CompletionStage<?> visit(List<Row> rows);
    }

    private final PartitionAccess partitions;
    private final PartitionId partition;
    private final RangePart part;
    private final ReadLevel level;
    private final boolean keysOnly;
    private final Call call;
    private final Visitor visitor;
    private final CompletableFuture<Long> end = new CompletableFuture<>();
    private ByteString after;
    private String moment = "";

    /** @param part of one partition, with a tag */
    TagWalk(
            PartitionAccess partitions,
            PartitionId partition,
            RangePart part,
            ReadLevel level,
            boolean keysOnly,
            Call call,
            Visitor visitor) {
        this.partitions = partitions;
        this.partition = partition;
        this.part = part;
        this.level = level;
        this.keysOnly = keysOnly;
        this.call = call;
        this.visitor = visitor;
    }

    /** @return the log index of the moment; or fails, with a {@link ProblemException} if it could not be read to its end */
    CompletionStage<Long> run() {
        look();
        return end;
    }

    private void look() {
        if (call.isExpired()) {
            fail(Problem.of(
                            ErrorReason.DEADLINE_EXCEEDED,
                            "the deadline passed before all keys with the hash tag were looked at")
                    .asException());
            return;
        }
        var query =
                new ScanQuery(part.span(), part.tag(), after, PAGE_ROWS, PAGE_BYTES, keysOnly, moment, false, false);
        partitions.scan(partition, query, level, call.deadlineNanos()).whenComplete((answer, failure) -> {
            if (failure != null) {
                fail(failure);
            } else if (answer instanceof ScanAnswer.Refused refused) {
                fail(problem(refused.refusal()).asException());
            } else {
                visit((ScanAnswer.Page) answer);
            }
        });
    }

    private void visit(ScanAnswer.Page page) {
        after = page.rows().next();
        moment = page.moment();
        CompletionStage<?> visited;
        try {
            visited = visitor.visit(page.rows().rows());
        } catch (RuntimeException fault) {
            fail(fault);
            return;
        }
        visited.whenComplete((done, failure) -> {
            if (failure != null) {
                fail(failure);
            } else if (after == null) {
                end.complete(page.index());
            } else {
                look();
            }
        });
    }

    private void fail(Throwable failure) {
        if (!moment.isEmpty()) {
            partitions.giveUp(partition, moment);
        }
        end.completeExceptionally(failure);
    }

    /** The client knows nothing of a moment, so it cannot go on with another one; it can begin anew. */
    private Problem problem(Refusal refusal) {
        return refusal.reason() == Reason.SCAN_EXPIRED
                ? Problem.of(
                        ErrorReason.NO_PRIMARY,
                        "the node that looked through " + partition
                                + " was lost, or had too many others to scan for; begin anew")
                : Prepared.problem(refusal);
    }
}
