package io.aitta.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.replication.Term;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.PartitionAccess.ChangesAnswer;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.ScanAnswer;
import io.aitta.partition.PartitionAccess.ScanQuery;
import io.aitta.proto.v1.BackupBegin;
import io.aitta.proto.v1.BackupEnd;
import io.aitta.proto.v1.BackupEvents;
import io.aitta.proto.v1.BackupPiece;
import io.aitta.proto.v1.BackupPosition;
import io.aitta.proto.v1.Event;
import io.aitta.store.ReplicaStore.Row;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * One reading of one partition, as of the moment at which it is first asked: a strong one, so that a write which was
 * acknowledged before has been applied at it. What changed after the earlier position is read as of that moment too, and if
 * that is not all kept any more, or says nothing of this history, everything is scanned, as of a moment of its own.
 *
 * <p>One piece at a time is asked for; {@link #close} by any thread.
 */
final class PartitionReading {
    /** About how large a piece is. One row, or the changes of one log entry, more may be in it. */
    static final int PIECE_BYTES = 256 << 10;

    private static final int PIECE_ROWS = 8_192;

    private final PartitionAccess partitions;
    private final PartitionId partition;
    private final Optional<BackupPosition> earlier;
    private final long pieceNanos;
    /** Not handed out yet. */
    private final ArrayDeque<BackupPiece> ready = new ArrayDeque<>();

    /** Null: not opened. */
    private BackupPosition position;

    private long timestampMillis;
    /** Of the scan; null: nothing comes after, or nothing is wanted. */
    private ByteString next;

    private String moment = "";
    /** Of changes: everything up to here was read. */
    private long index;

    private boolean whole;
    private boolean ended;
    private long events;
    private boolean closed;

    /** @param pieceNanos how long one piece may take to be read */
    PartitionReading(
            PartitionAccess partitions, PartitionId partition, Optional<BackupPosition> earlier, long pieceNanos) {
        this.partitions = partitions;
        this.partition = partition;
        this.earlier = earlier;
        this.pieceNanos = pieceNanos;
    }

    /** Empty after the end. */
    CompletionStage<Optional<BackupPiece>> next() {
        if (!ready.isEmpty()) {
            return CompletableFuture.completedFuture(Optional.of(ready.poll()));
        }
        if (ended) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        var piece = new CompletableFuture<Optional<BackupPiece>>();
        Runnable done = () -> piece.complete(Optional.of(ready.poll()));
        Consumer<Throwable> failed = piece::completeExceptionally;
        guarded(failed, () -> {
            if (earlier.isPresent() && !whole) {
                changes(done, failed);
            } else {
                scan(done, failed);
            }
        });
        return piece;
    }

    /** Whatever is kept for going on need be kept no longer. */
    void close() {
        synchronized (this) {
            closed = true;
            giveUp();
        }
    }

    private synchronized void giveUp() {
        if (!moment.isEmpty()) {
            partitions.giveUp(partition, moment);
            moment = "";
        }
    }

    private synchronized void at(String newMoment) {
        moment = newMoment;
        if (closed) {
            giveUp();
        }
    }

    // ---- changes

    private void changes(Runnable done, Consumer<Throwable> failed) {
        long after = position == null ? earlier.get().getIndex() : index;
        if (after < 0) {
            // No log index: of a history that is none.
            scanInstead(done, failed);
            return;
        }
        partitions
                .changes(partition, after, PIECE_BYTES, moment, System.nanoTime() + pieceNanos)
                .whenComplete((answer, failure) -> guarded(failed, () -> {
                    if (answer instanceof ChangesAnswer.Page page) {
                        takeChanges(page, done, failed);
                    } else if (answer == ChangesAnswer.Forgotten.INSTANCE) {
                        scanInstead(done, failed);
                    } else {
                        failed.accept(
                                answer instanceof ChangesAnswer.Refused refused
                                        ? Prepared.problem(refused.refusal()).asException()
                                        : failure);
                    }
                }));
    }

    private void takeChanges(ChangesAnswer.Page page, Runnable done, Consumer<Throwable> failed) {
        at(page.moment());
        if (position == null) {
            stand(page.index(), page.term(), page.timestampMillis());
            if (!isOfThisHistory(earlier.get())) {
                giveUp();
                scanInstead(done, failed);
                return;
            }
            begin(earlier.get().getIndex());
        }
        checkMoment(page.index());
        if (!page.changes().entries().isEmpty()) {
            for (var response :
                    WatchEvents.responses(partition.partition(), page.changes().entries())) {
                add(response.getEventsList());
            }
        }
        index = page.changes().lookedAtTo();
        if (index >= position.getIndex()) {
            end();
        } else if (page.changes().entries().isEmpty()) {
            // It tells the client that things go on.
            add(List.of());
        }
        done.run();
    }

    /** A log index of another table of this name, or of before a recovery by force, says nothing here. */
    private boolean isOfThisHistory(BackupPosition before) {
        return before.getTableEpoch() == position.getTableEpoch()
                && before.getIndex() <= position.getIndex()
                && before.getTerm() >= 0
                && !new Term(before.getTerm()).isOfEarlierEraThan(new Term(position.getTerm()));
    }

    // ---- the whole

    private void scanInstead(Runnable done, Consumer<Throwable> failed) {
        whole = true;
        position = null;
        scan(done, failed);
    }

    private void scan(Runnable done, Consumer<Throwable> failed) {
        var query = new ScanQuery(KeySpan.ALL, null, next, PIECE_ROWS, PIECE_BYTES, false, moment, false, true);
        partitions
                .scan(partition, query, ReadLevel.STRONG, System.nanoTime() + pieceNanos)
                .whenComplete((answer, failure) -> guarded(failed, () -> {
                    if (answer instanceof ScanAnswer.Page page) {
                        takeRows(page, done);
                    } else {
                        failed.accept(
                                answer instanceof ScanAnswer.Refused refused
                                        ? Prepared.problem(refused.refusal()).asException()
                                        : failure);
                    }
                }));
    }

    private void takeRows(ScanAnswer.Page page, Runnable done) {
        at(page.moment());
        if (position == null) {
            whole = true;
            stand(page.index(), page.term(), page.timestampMillis());
            begin(0);
        }
        checkMoment(page.index());
        var rows = new ArrayList<Event>(page.rows().rows().size());
        page.rows().rows().forEach(row -> rows.add(event(row)));
        add(rows);
        next = page.rows().next();
        if (next == null) {
            end();
        }
        done.run();
    }

    private static Event event(Row row) {
        var event = Event.newBuilder()
                .setKind(Event.Kind.SET)
                .setKey(row.key())
                .setValue(UnsafeByteOperations.unsafeWrap(row.value().bytes()))
                .setVersion(row.value().version());
        if (row.value().expiresAtMillis() != 0) {
            event.setExpiresAtMillis(row.value().expiresAtMillis());
        }
        return event.build();
    }

    // ---- pieces

    private void stand(long atIndex, long term, long atMillis) {
        position = BackupPosition.newBuilder()
                .setTableEpoch(partition.tableEpoch())
                .setIndex(atIndex)
                .setTerm(term)
                .build();
        timestampMillis = atMillis;
    }

    private void checkMoment(long atIndex) {
        if (atIndex != position.getIndex()) {
            throw new IllegalStateException(
                    "a reading of " + partition + " as of log index " + position.getIndex() + " went on at " + atIndex);
        }
    }

    private void begin(long afterIndex) {
        ready.add(BackupPiece.newBuilder()
                .setBegin(BackupBegin.newBuilder()
                        .setWhole(whole)
                        .setAfterIndex(afterIndex)
                        .setTableEpoch(partition.tableEpoch())
                        .setPartition(partition.partition()))
                .build());
    }

    private void add(List<Event> more) {
        events += more.size();
        ready.add(BackupPiece.newBuilder()
                .setEvents(BackupEvents.newBuilder().addAllEvents(more))
                .build());
    }

    private void end() {
        ended = true;
        ready.add(BackupPiece.newBuilder()
                .setEnd(BackupEnd.newBuilder()
                        .setPosition(position)
                        .setTimestampMillis(timestampMillis)
                        .setEvents(events))
                .build());
    }

    private static void guarded(Consumer<Throwable> failed, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException fault) {
            failed.accept(fault);
        }
    }
}
