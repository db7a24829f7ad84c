package io.aitta.journal;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Removes rows that are no longer needed, past the actors, in pieces of at most 256 rows and about 1 MiB, one at a time,
 * each of which goes into a group of the writer's with whatever else is written then. A crash between two pieces leaves a
 * shorter binlog, never one with a hole. Purging what is not there does nothing. Futures complete on the journal's thread:
 * do not block on them.
 */
public final class BinlogPurge {
    private static final int ROWS_AT_ONCE = 256;
    private static final long BYTES_AT_ONCE = 1 << 20;

    private final JournalWriter writer;
    private final ReplicaNumbers numbers;
    /** Done when the last piece that was asked for is. */
    private CompletionStage<?> lastPiece = CompletableFuture.completedFuture(null);

    BinlogPurge(JournalWriter writer, ReplicaNumbers numbers) {
        this.writer = writer;
        this.numbers = numbers;
    }

    /**
     * Removes the rows up to a sequence number, included, but never the newest row, and all snapshots but the newest.
     *
     * @return how many rows were removed
     */
    public CompletionStage<Long> purge(String persistenceId, long toSequence) {
        return writer.submit(persistenceId, false, 0, (connection, replica) -> {
                    if (replica == ReplicaNumbers.NONE) {
                        return 0L;
                    }
                    Rows.removeOldSnapshots(connection, replica);
                    return Math.min(toSequence, Rows.highest(connection, replica) - 1);
                })
                .thenCompose(to -> removePieces(persistenceId, to, 0));
    }

    /** Removes the rows up to a sequence number, included; the highest number is remembered. What the plugin's delete means. */
    CompletionStage<Long> delete(String persistenceId, long toSequence) {
        return writer.submit(persistenceId, false, 0, (connection, replica) -> {
                    if (replica == ReplicaNumbers.NONE) {
                        return 0L;
                    }
                    long to = Math.min(toSequence, Rows.highest(connection, replica));
                    Rows.markDeleted(connection, replica, to);
                    return to;
                })
                .thenCompose(to -> removePieces(persistenceId, to, 0));
    }

    /**
     * Removes all events and snapshots of a replica; afterwards the persistence id is as if it had never been used. Its
     * actor must have stopped.
     *
     * @return how many rows were removed
     */
    public CompletionStage<Long> drop(String persistenceId) {
        return removePieces(persistenceId, Long.MAX_VALUE, 0)
                .thenCompose(removed -> writer.submit(persistenceId, false, 0, (connection, replica) -> {
                            if (replica != ReplicaNumbers.NONE) {
                                Rows.removeReplica(connection, replica);
                            }
                            return removed;
                        })
                        .thenApply(done -> {
                            // Still on the writer's thread, so nothing can have been written under the number since.
                            numbers.forget(persistenceId);
                            return done;
                        }));
    }

    private CompletionStage<Long> removePieces(String persistenceId, long toSequence, long removedBefore) {
        if (toSequence <= 0) {
            return CompletableFuture.completedFuture(removedBefore);
        }
        return inTurn(() -> writer.submit(
                        persistenceId,
                        false,
                        0,
                        (connection, replica) -> replica == ReplicaNumbers.NONE
                                ? 0
                                : Rows.removeOldest(connection, replica, toSequence, ROWS_AT_ONCE, BYTES_AT_ONCE)))
                .thenCompose(removed -> removed == 0
                        ? CompletableFuture.completedFuture(removedBefore)
                        : removePieces(persistenceId, toSequence, removedBefore + removed));
    }

    /**
     * One piece after the other, whichever replica's it is. All replicas purge at the same time, after a checkpoint; if
     * all of that were in one commit, H2 would need many times the commit's size in memory, in one array.
     */
    private synchronized <T> CompletionStage<T> inTurn(Supplier<CompletionStage<T>> piece) {
        CompletionStage<T> turn = lastPiece.handle((done, failure) -> null).thenCompose(ignored -> piece.get());
        lastPiece = turn;
        return turn;
    }
}
