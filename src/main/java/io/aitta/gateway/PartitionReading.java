package io.aitta.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.replication.Term;
import io.aitta.partition.ChangeAccess;
import io.aitta.partition.ChangeAccess.Answer;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.ScanAnswer;
import io.aitta.partition.PartitionAccess.ScanQuery;
import io.aitta.proto.v1.BackupBegin;
import io.aitta.proto.v1.BackupEnd;
import io.aitta.proto.v1.BackupEvents;
import io.aitta.proto.v1.BackupPiece;
import io.aitta.proto.v1.BackupPosition;
import io.aitta.proto.v1.Event;
import io.aitta.store.ReplicaStore.Changes;
import io.aitta.store.ReplicaStore.Row;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * One reading of one partition. It begins with a strong scan, whose moment is the log index as of which everything is: a
 * write that was acknowledged before has been applied at that moment. From there on
 *
 * <pre>
 *   opening -> whole:   the scan goes on to its end
 *           -> changes: those after the earlier position and up to the moment's index are read, from any replica, and the
 *                       scan is given up; if they are not all kept any more, the scan goes on instead
 * </pre>
 *
 * One piece at a time is asked for; {@link #close} by any thread.
 */
final class PartitionReading {
    /** About how large a piece is. One row, or the changes of one log entry, more may be in it. */
    static final int PIECE_BYTES = 256 << 10;

    private static final int PIECE_ROWS = 8_192;

    private final PartitionAccess partitions;
    private final ChangeAccess changes;
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
    private volatile ChangeAccess.Asked asked = () -> {};

    /** @param pieceNanos how long one piece may take to be read */
    PartitionReading(
            PartitionAccess partitions,
            ChangeAccess changes,
            PartitionId partition,
            Optional<BackupPosition> earlier,
            long pieceNanos) {
        this.partitions = partitions;
        this.changes = changes;
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
            if (position == null) {
                scan(earlier.isPresent() ? 1 : PIECE_ROWS, page -> open(page, done, failed), failed);
            } else if (whole) {
                scan(PIECE_ROWS, page -> guarded(failed, () -> takeRows(page, done)), failed);
            } else {
                ask(done, failed);
            }
        });
        return piece;
    }

    /** Whatever is kept for going on need be kept no longer. */
    void close() {
        asked.withdraw();
        synchronized (this) {
            closed = true;
            giveUpScan();
        }
    }

    private synchronized void giveUpScan() {
        if (!moment.isEmpty()) {
            partitions.giveUp(partition, moment);
            moment = "";
        }
    }

    private synchronized void at(String newMoment) {
        moment = newMoment;
        if (closed) {
            giveUpScan();
        }
    }

    // ---- opening

    private void open(ScanAnswer.Page page, Runnable done, Consumer<Throwable> failed) {
        guarded(failed, () -> {
            position = BackupPosition.newBuilder()
                    .setTableEpoch(partition.tableEpoch())
                    .setIndex(page.index())
                    .setTerm(page.term())
                    .build();
            timestampMillis = page.timestampMillis();
            if (earlier.filter(this::isOfThisHistory).isEmpty()) {
                beginWhole();
                takeRows(page, done);
                return;
            }
            at(page.moment());
            index = earlier.get().getIndex();
            if (index == position.getIndex()) {
                beginChanges();
                end();
                done.run();
                return;
            }
            question(answer -> guarded(failed, () -> {
                if (answer instanceof Answer.Changed changed) {
                    giveUpScan();
                    beginChanges();
                    takeChanges(changed.changes());
                    done.run();
                } else if (answer instanceof Answer.Kept) {
                    beginWhole();
                    takeRows(page, done);
                } else {
                    throw refused((Answer.Refused) answer);
                }
            }));
        });
    }

    /** A log index of another table of this name, or of before a recovery by force, says nothing here. */
    private boolean isOfThisHistory(BackupPosition before) {
        return before.getTableEpoch() == position.getTableEpoch()
                && before.getIndex() >= 0
                && before.getIndex() <= position.getIndex()
                && before.getTerm() >= 0
                && !new Term(before.getTerm()).isOfEarlierEraThan(new Term(position.getTerm()));
    }

    private void beginWhole() {
        whole = true;
        begin(0);
    }

    private void beginChanges() {
        giveUpScan();
        begin(index);
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

    // ---- the whole

    private void scan(int maxRows, Consumer<ScanAnswer.Page> then, Consumer<Throwable> failed) {
        var query = new ScanQuery(KeySpan.ALL, null, next, maxRows, PIECE_BYTES, false, moment, false, true);
        partitions
                .scan(partition, query, ReadLevel.STRONG, System.nanoTime() + pieceNanos)
                .whenComplete((answer, failure) -> {
                    if (answer instanceof ScanAnswer.Page page) {
                        then.accept(page);
                    } else {
                        failed.accept(
                                answer instanceof ScanAnswer.Refused refused
                                        ? Prepared.problem(refused.refusal()).asException()
                                        : failure);
                    }
                });
    }

    private void takeRows(ScanAnswer.Page page, Runnable done) {
        if (page.index() != position.getIndex()) {
            throw new IllegalStateException("a scan of " + partition + " as of log index " + position.getIndex()
                    + " went on at " + page.index());
        }
        var rows = new ArrayList<Event>(page.rows().rows().size());
        page.rows().rows().forEach(row -> rows.add(event(row)));
        add(rows);
        next = page.rows().next();
        at(page.moment());
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

    // ---- changes

    private void ask(Runnable done, Consumer<Throwable> failed) {
        question(answer -> guarded(failed, () -> {
            if (answer instanceof Answer.Changed changed) {
                takeChanges(changed.changes());
                done.run();
            } else if (answer instanceof Answer.Kept kept) {
                throw Problem.of(
                                ErrorReason.TOKEN_EXPIRED,
                                "changes of " + partition + " after log index " + index + " are no longer kept, only those"
                                        + " after " + kept.oldestAfter() + "; begin again")
                        .asException();
            } else {
                throw refused((Answer.Refused) answer);
            }
        }));
    }

    private void question(Consumer<Answer> then) {
        asked = changes.changes(partition, index, KeySpan.ALL, PIECE_BYTES, then);
    }

    private static ProblemException refused(Answer.Refused refused) {
        return Prepared.problem(refused.refusal()).asException();
    }

    private void takeChanges(Changes news) {
        long last = position.getIndex();
        var wanted = news.entries().stream().filter(entry -> entry.index() <= last).toList();
        for (var response : WatchEvents.responses(partition.partition(), wanted)) {
            add(response.getEventsList());
        }
        index = news.lookedAtTo();
        if (index >= last) {
            end();
        }
    }

    // ---- pieces

    /** None are a piece too: it tells the client that things go on. */
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
