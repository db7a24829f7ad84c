package io.aitta.inspect;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TextFormat;
import io.aitta.core.replication.BinlogEvent;
import io.aitta.core.replication.Command;
import io.aitta.core.replication.Entry;
import io.aitta.proto.record.v1.Batch;
import io.aitta.proto.record.v1.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What one row of a binlog says, or one entry of it, for people. Values are told by their sizes.
 *
 * @param index of the log entry; 0: it is about no entry
 * @param kind noop, data, membership, founded, ballot, checkpoint or copy
 * @param what one line for each operation, or one that tells the rest
 */
public record EntryDump(String partition, long row, long index, long term, String kind, List<String> what) {
    static List<EntryDump> of(String partition, long row, BinlogEvent event) {
        if (event instanceof BinlogEvent.Appended appended) {
            return appended.entries().stream()
                    .map(entry -> of(partition, row, entry))
                    .toList();
        }
        if (event instanceof BinlogEvent.BallotCast ballot) {
            String vote = ballot.votedFor().map(node -> "voted for " + node).orElse("no vote");
            return List.of(new EntryDump(partition, row, 0, ballot.term().value(), "ballot", List.of(vote)));
        }
        if (event instanceof BinlogEvent.Founded founded) {
            return List.of(new EntryDump(
                    partition,
                    row,
                    0,
                    0,
                    "founded",
                    List.of(founded.membership().toString())));
        }
        if (event instanceof BinlogEvent.CheckpointTaken taken) {
            return List.of(new EntryDump(
                    partition,
                    row,
                    taken.index().value(),
                    taken.term().value(),
                    "checkpoint",
                    List.of("kept from entry " + taken.keepFrom())));
        }
        var copied = (BinlogEvent.SnapshotInstalled) event;
        return List.of(new EntryDump(
                partition,
                row,
                copied.index().value(),
                copied.term().value(),
                "copy",
                List.of(copied.membership().toString())));
    }

    private static EntryDump of(String partition, long row, Entry entry) {
        String kind = "noop";
        List<String> what = List.of();
        if (entry.command() instanceof Command.Data data) {
            kind = "data";
            what = operations(BinlogInspection.batch(entry, data));
        } else if (entry.command() instanceof Command.ChangeMembership change) {
            kind = "membership";
            what = List.of(change.membership().toString());
        }
        return new EntryDump(partition, row, entry.index().value(), entry.term().value(), kind, what);
    }

    private static List<String> operations(Batch batch) {
        var lines = new ArrayList<String>();
        for (ByteString bytes : batch.getOperationsList()) {
            try {
                lines.add(operation(Operation.parseFrom(bytes)));
            } catch (InvalidProtocolBufferException e) {
                lines.add("an operation of " + bytes.size() + " bytes that does not decode; it was refused");
            }
        }
        return lines;
    }

    private static String operation(Operation operation) {
        return switch (operation.getKindCase()) {
            case SET ->
                "set " + quoted(operation.getSet().getKey())
                        + size(operation.getSet().getValue());
            case DELETE -> "delete " + quoted(operation.getDelete().getKey());
            case APPEND ->
                "append " + quoted(operation.getAppend().getKey())
                        + size(operation.getAppend().getValue());
            case INCREMENT ->
                "increment " + quoted(operation.getIncrement().getKey()) + " by "
                        + operation.getIncrement().getAmount();
            case EXPIRE ->
                "expire " + quoted(operation.getExpire().getKey()) + " in "
                        + operation.getExpire().getTimeToLiveMillis() + " ms";
            case DELETE_RANGE ->
                "delete_range " + quoted(operation.getDeleteRange().getFrom()) + " to "
                        + quoted(operation.getDeleteRange().getTo());
            case REMOVE_EXPIRED -> "remove_expired";
            case TRANSACTION ->
                "transaction: "
                        + operation.getTransaction().getThenWritesList().stream()
                                .map(write -> write.getKindCase().name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", "));
            case KIND_NOT_SET -> "an operation of no known kind; it was refused";
        };
    }

    private static String size(ByteString value) {
        return " to " + value.size() + " bytes";
    }

    private static String quoted(ByteString key) {
        return "'" + TextFormat.escapeBytes(key) + "'";
    }
}
