package io.aitta.backup;

import io.aitta.backup.Manifest.PartitionFile;
import io.aitta.client.AittaException;
import io.aitta.client.AittaException.Refused;
import io.aitta.proto.v1.BackupBegin;
import io.aitta.proto.v1.BackupPiece;
import io.aitta.proto.v1.BackupPosition;
import io.aitta.proto.v1.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Reads partitions into files, each again from its beginning for as long as that may help. Thread-safe. */
final class PartitionCopy {
    /**
     * @param silence until a node that sends nothing is given up
     * @param giveUp how long a partition is tried without a single piece coming
     * @param firstPause between two tries; it is doubled with each, up to 2 s
     */
    record Patience(Duration silence, Duration giveUp, Duration firstPause) {
        static final Patience NORMAL =
                new Patience(Duration.ofSeconds(10), Duration.ofMinutes(2), Duration.ofMillis(100));
    }

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    /** Of refusals that say: too slow, begin again. */
    private static final Set<String> AGAIN = Set.of("SCAN_EXPIRED", "TOKEN_EXPIRED");
    /** A partition that never comes to its end must not be tried for ever. */
    private static final int MAX_TRIES = 100;

    private final BackupSource source;
    private final Patience patience;
    private final BackupProgress progress;
    private final CountDownLatch stopped = new CountDownLatch(1);

    PartitionCopy(BackupSource source, Patience patience, BackupProgress progress) {
        this.source = source;
        this.patience = patience;
        this.progress = progress;
    }

    void stop() {
        stopped.countDown();
    }

    /** @param base the number of the backup that {@code after} is of */
    PartitionFile copy(Table table, int partition, Optional<BackupPosition> after, int base, Path file)
            throws IOException {
        long lastPieceNanos = System.nanoTime();
        Duration pause = patience.firstPause();
        for (int tries = 1; ; tries++) {
            var attempt = new Attempt();
            try {
                return attempt.run(table, partition, after, base, file);
            } catch (AittaException failure) {
                lastPieceNanos = attempt.pieces > 0 ? attempt.lastPieceNanos : lastPieceNanos;
                boolean late =
                        System.nanoTime() - lastPieceNanos >= patience.giveUp().toNanos();
                if (!mayHelp(failure) || late || tries >= MAX_TRIES) {
                    throw failure;
                }
                progress.trouble("partition " + partition + " of table '" + table.getName() + "' is begun again: "
                        + failure.getMessage() + " (" + failure.reason() + ")");
                pause = attempt.pieces > 0 ? patience.firstPause() : pause;
            }
            pause(pause);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
    }

    private static boolean mayHelp(AittaException failure) {
        return !(failure instanceof Refused refused)
                || refused.kind() == Refused.Kind.EXHAUSTED
                || AGAIN.contains(refused.reason());
    }

    private void pause(Duration time) {
        try {
            if (stopped.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
                throw stopped();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw stopped();
        }
    }

    private static BackupException stopped() {
        return new BackupException("the backup was stopped; --resume goes on with it");
    }

    /** One reading, from begin to end or until it breaks. */
    private final class Attempt {
        private long lastPieceNanos;
        private long pieces;

        PartitionFile run(Table table, int partition, Optional<BackupPosition> after, int base, Path file)
                throws IOException {
            try (var reading = source.read(table, partition, after);
                    var writer = new PieceWriter(file)) {
                BackupBegin begin = null;
                while (true) {
                    BackupPiece piece = reading.next(patience.silence());
                    lastPieceNanos = System.nanoTime();
                    pieces++;
                    if (stopped.getCount() == 0) {
                        throw stopped();
                    }
                    begin = checked(begin, piece, table, partition, after);
                    long before = writer.bytes();
                    writer.write(piece);
                    progress.read(piece.getEvents().getEventsCount(), writer.bytes() - before);
                    if (piece.hasEnd()) {
                        return writer.finish(
                                partition, begin.getWhole() ? 0 : base, begin.getAfterIndex(), piece.getEnd());
                    }
                }
            }
        }

        /** A node that speaks otherwise than the protocol says must not end up in a file. */
        private BackupBegin checked(
                BackupBegin begin, BackupPiece piece, Table table, int partition, Optional<BackupPosition> after) {
            boolean expected = begin == null
                    ? piece.hasBegin()
                            && piece.getBegin().getPartition() == partition
                            && (piece.getBegin().getWhole()
                                    || after.filter(position -> position.getIndex()
                                                    == piece.getBegin().getAfterIndex())
                                            .isPresent())
                    : piece.hasEvents()
                            || piece.hasEnd() && piece.getEnd().getPosition().getTableEpoch() == begin.getTableEpoch();
            if (!expected) {
                throw new BackupException("the node's answer to reading partition " + partition + " of table '"
                        + table.getName() + "' does not keep to the protocol");
            }
            if (begin == null && piece.getBegin().getTableEpoch() != table.getCreatedEpoch()) {
                throw new BackupException("the table '" + table.getName()
                        + "' was dropped and made anew while it was backed up; --discard begins a new backup");
            }
            return begin == null ? piece.getBegin() : begin;
        }
    }
}
