package io.aitta.inspect;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Batches;
import io.aitta.core.replication.BinlogEvent;
import io.aitta.core.replication.Command;
import io.aitta.core.replication.Entry;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Term;
import io.aitta.journal.BinlogCodec;
import io.aitta.journal.BinlogState;
import io.aitta.journal.JournalException;
import io.aitta.journal.JournalFormatException;
import io.aitta.journal.OfflineBinlog;
import io.aitta.journal.OfflineBinlog.Row;
import io.aitta.proto.record.v1.Batch;
import io.aitta.proto.record.v1.ReplicaMark;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Reads one replica's binlog as the replica itself would: from its newest checkpoint on every row is decoded, with its
 * checksum, and must follow from those before it; then the log must hold what the store has applied. What stands before
 * the checkpoint, for laggards, is decoded too.
 */
final class BinlogInspection {
    private static final int MOST_PROBLEMS = 100;

    private final OfflineBinlog binlog;
    private final OfflineBinlog.Replica replica;
    private final String partition;
    private final BiConsumer<Row, BinlogEvent> observer;
    private final List<Problem> problems = new ArrayList<>();

    private BinlogState state = new BinlogState();
    /** Whether the state is what the rows so far come to. */
    private boolean isFollowed = true;

    private long rows;
    private long bytes;
    private long firstRow;
    private long lastRow;

    private BinlogInspection(
            OfflineBinlog binlog, OfflineBinlog.Replica replica, BiConsumer<Row, BinlogEvent> observer) {
        this.binlog = binlog;
        this.replica = replica;
        this.partition = partition(replica);
        this.observer = observer;
    }

    /** Such as {@code users@3/0}. */
    static String partition(OfflineBinlog.Replica replica) {
        String id = replica.persistenceId();
        return id.substring(id.indexOf('|') + 1);
    }

    /** @return empty if it is no partition's */
    static Optional<PartitionId> partitionId(OfflineBinlog.Replica replica) {
        try {
            return Optional.of(PartitionId.parse(partition(replica)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * Never fails: what cannot be read is a problem.
     *
     * @param mark of the same replica in the store; empty: not known
     * @param observer is shown every row that can be decoded, in their order
     */
    static BinlogReport of(
            OfflineBinlog binlog,
            OfflineBinlog.Replica replica,
            Optional<ReplicaMark> mark,
            BiConsumer<Row, BinlogEvent> observer) {
        return new BinlogInspection(binlog, replica, observer).run(mark);
    }

    private BinlogReport run(Optional<ReplicaMark> mark) {
        long checkpointRow = 0;
        try {
            checkpointRow = begin();
            readRows(checkpointRow);
        } catch (JournalException damaged) {
            isFollowed = false;
            problem(lastRow, damaged.getMessage());
        }
        var log = state.durable().log();
        if (isFollowed) {
            mark.ifPresent(this::compare);
        }
        return new BinlogReport(
                replica.persistenceId(),
                partition,
                rows,
                bytes,
                firstRow,
                lastRow,
                checkpointRow,
                log.base().value(),
                log.lastIndex().value(),
                state.durable().term().value(),
                state.durable().checkpoint().value(),
                mark.map(ReplicaMark::getAppliedIndex).orElse(-1L),
                List.copyOf(problems));
    }

    /** @param row 0: of no row in particular */
    private void problem(long row, String what) {
        if (problems.size() < MOST_PROBLEMS) {
            problems.add(new Problem(partition, row == 0 ? "binlog" : "row " + row, what));
        }
    }

    // ---- rows ---------------------------------------------------------------------------------------------------

    /** @return the row that the checkpoint is of; 0: there is none */
    private long begin() {
        var checkpoint = binlog.checkpoint(replica);
        if (checkpoint.isEmpty()) {
            return 0;
        }
        long row = checkpoint.get().sequenceNumber();
        try {
            state = BinlogCodec.decodeState(payload(checkpoint.get()));
            if (state.sequenceNumber() != row) {
                problem(row, "the checkpoint is of row " + state.sequenceNumber() + " by its own word");
            }
        } catch (JournalFormatException | IllegalArgumentException | IllegalStateException damaged) {
            isFollowed = false;
            problem(row, "the checkpoint: " + damaged.getMessage());
        }
        return row;
    }

    private static byte[] payload(Row row) {
        if (row.payload() == null) {
            throw new JournalFormatException(
                    "it was written by serializer " + row.serializer() + ", which is not ours");
        }
        return row.payload();
    }

    private void readRows(long checkpointRow) {
        long next = 0;
        List<Row> some = binlog.rows(replica, next);
        while (!some.isEmpty()) {
            for (Row row : some) {
                count(row, checkpointRow);
                read(row, checkpointRow);
                next = row.sequenceNumber() + 1;
            }
            some = binlog.rows(replica, next);
        }
        long needed = Math.max(checkpointRow, replica.deletedTo());
        if (lastRow < needed) {
            problem(lastRow, "the last row is " + lastRow + ", and there was one of number " + needed);
        }
    }

    private void count(Row row, long checkpointRow) {
        long number = row.sequenceNumber();
        if (rows == 0) {
            firstRow = number;
            if (number > Math.max(checkpointRow, replica.deletedTo()) + 1) {
                isFollowed = false;
                problem(
                        number,
                        "rows " + (Math.max(checkpointRow, replica.deletedTo()) + 1) + " to " + (number - 1)
                                + " before it are missing");
            }
        } else if (number != lastRow + 1) {
            isFollowed &= number <= checkpointRow;
            problem(number, "rows " + (lastRow + 1) + " to " + (number - 1) + " before it are missing");
        }
        rows++;
        bytes += row.payload() == null ? 0 : row.payload().length;
        lastRow = number;
    }

    private void read(Row row, long checkpointRow) {
        boolean isNew = row.sequenceNumber() > checkpointRow;
        try {
            var event = BinlogCodec.decodeEvent(payload(row));
            checkEntries(event);
            if (isNew && isFollowed) {
                state.evolve(event);
            }
            observer.accept(row, event);
        } catch (JournalFormatException | IllegalArgumentException | IllegalStateException damaged) {
            isFollowed &= !isNew;
            problem(row.sequenceNumber(), damaged.getMessage());
        }
    }

    private static void checkEntries(BinlogEvent event) {
        if (!(event instanceof BinlogEvent.Appended appended)) {
            return;
        }
        LogIndex before = null;
        for (Entry entry : appended.entries()) {
            if (before != null && !entry.index().equals(before.next())) {
                throw new JournalFormatException("entry " + entry.index() + " follows entry " + before);
            }
            before = entry.index();
            if (entry.command() instanceof Command.Data data) {
                batch(entry, data);
            }
        }
    }

    /** @throws JournalFormatException if an entry of kind data holds none */
    static Batch batch(Entry entry, Command.Data data) {
        try {
            return Batches.read(data.batch());
        } catch (InvalidProtocolBufferException | IllegalStateException e) {
            throw new JournalFormatException("entry " + entry.index() + ": " + e.getMessage());
        }
    }

    // ---- the store ----------------------------------------------------------------------------------------------

    private void compare(ReplicaMark mark) {
        var log = state.durable().log();
        var applied = new LogIndex(mark.getAppliedIndex());
        if (applied.isAfter(log.lastIndex())) {
            problem(
                    0,
                    "the store has applied entry " + applied + ", and the log ends at " + log.lastIndex()
                            + ": its end is lost, or the node was killed while it took over a whole copy");
        } else if (log.base().isAfter(applied)) {
            problem(0, "the store has applied entries up to " + applied + ", and the log begins after " + log.base());
        } else if (log.covers(applied) && !log.termAt(applied).equals(new Term(mark.getAppliedTerm()))) {
            problem(
                    0,
                    "the store has applied entry " + applied + " of term " + mark.getAppliedTerm()
                            + ", and the log has one of term " + log.termAt(applied) + " there");
        }
    }
}
