package io.aitta.gateway;

import io.aitta.core.PartitionId;
import io.aitta.core.kv.Operations;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.PartitionAccess.Acknowledgement;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.proto.record.v1.Condition;
import io.aitta.proto.record.v1.DeleteOutcome;
import io.aitta.proto.v1.Position;
import io.aitta.store.ReplicaStore.Row;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One removal under way of the keys with a hash tag. They do not stand together, so the partition is looked through as of
 * one moment, and what was found is removed page by page, each key on the condition that it still has the version that
 * was seen. So a key that was written since stays, and only what is as old as the removal goes; nothing is atomic but
 * each key by itself.
 *
 * <p>Its writes carry no session. A removal that is sent again finds what the first left over, and whatever arrives late
 * of the first finds another version, or nothing: applied twice it does no harm.
 */
final class TagRemoval {
    private final PartitionAccess partitions;
    private final PartitionId partition;
    private final RangePart part;
    private final Acknowledgement acknowledgement;
    private final Call call;
    /** Keys of which it is known; with FAST those that were ordered. Steps follow one another, so one hand at a time. */
    private long removed;
    /** Of the last step that did anything; 0: none did. */
    private long index;

    /** @param part of one partition, with a tag */
    TagRemoval(
            PartitionAccess partitions,
            PartitionId partition,
            RangePart part,
            Acknowledgement acknowledgement,
            Call call) {
        this.partitions = partitions;
        this.partition = partition;
        this.part = part;
        this.acknowledgement = acknowledgement;
        this.call = call;
    }

    /** @return where the partition stood; or fails with a {@link ProblemException}. To be called once. */
    CompletionStage<Position> run() {
        return new TagWalk(partitions, partition, part, ReadLevel.STRONG, true, call, this::step)
                .run()
                .handle((momentIndex, failure) -> {
                    if (failure != null) {
                        throw ended(ErrorTrailers.problem(failure)).asException();
                    }
                    return RoutingTable.position(partition, Math.max(index, momentIndex));
                });
    }

    private CompletionStage<?> step(List<Row> rows) {
        if (rows.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        var writes = new MultiWrite();
        for (Row row : rows) {
            var unchanged =
                    Condition.newBuilder().setVersion(row.value().version()).build();
            writes.add(partition, Operations.delete(row.key(), unchanged, false, null));
        }
        return writes.run(partitions, acknowledgement, call).thenAccept(this::take);
    }

    private void take(MultiWrite.Done done) {
        Problem worst = null;
        for (WriteAnswer answer : done.answers()) {
            try {
                if (isRemoved(answer)) {
                    removed++;
                }
            } catch (ProblemException failed) {
                if (worst == null || failed.problem().isOutcomeUnknown()) {
                    worst = failed.problem();
                }
            }
        }
        done.positions().forEach(position -> index = Math.max(index, position.getIndex()));
        if (worst != null) {
            throw worst.asException();
        }
    }

    private boolean isRemoved(WriteAnswer answer) {
        if (answer instanceof WriteAnswer.Ordered) {
            return true;
        }
        DeleteOutcome outcome = Prepared.outcome(answer, call).getDelete();
        return outcome.getExisted() && !outcome.getNotApplied();
    }

    /** What has happened is not taken back: then the whole is neither done nor refused. */
    private Problem ended(Problem problem) {
        if (removed == 0 && !problem.isOutcomeUnknown()) {
            return problem;
        }
        return Problem.outcomeUnknown(
                String.format(
                        Locale.ROOT,
                        "the removal of the keys with the hash tag '%s' ended after %,d of them were removed: %s: %s;"
                                + " send the same request again to remove the rest",
                        Text.escaped(part.tag()),
                        removed,
                        problem.reason(),
                        problem.message()),
                call.isExpired());
    }
}
