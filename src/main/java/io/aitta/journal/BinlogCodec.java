package io.aitta.journal;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import io.aitta.core.NodeId;
import io.aitta.core.replication.BinlogEvent;
import io.aitta.core.replication.Command;
import io.aitta.core.replication.Durable;
import io.aitta.core.replication.Entry;
import io.aitta.core.replication.Log;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Term;
import io.aitta.proto.record.v1.Appended;
import io.aitta.proto.record.v1.BallotCast;
import io.aitta.proto.record.v1.BinlogRecord;
import io.aitta.proto.record.v1.CheckpointTaken;
import io.aitta.proto.record.v1.DurableState;
import io.aitta.proto.record.v1.Founded;
import io.aitta.proto.record.v1.LogEntry;
import io.aitta.proto.record.v1.Membership;
import io.aitta.proto.record.v1.MembershipAt;
import io.aitta.proto.record.v1.RowAt;
import io.aitta.proto.record.v1.SnapshotInstalled;
import io.aitta.proto.record.v1.TermRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * How binlog events and checkpointed state are written as bytes ({@code aitta.record.v1}), and read again. Batches pass
 * through without being looked at. Stateless.
 */
public final class BinlogCodec {
    /** Of {@code BinlogRecord} and {@code DurableState}. A reader refuses newer ones. */
    static final int RECORD_VERSION = 1;

    /** Its tag, one byte, and itself. */
    private static final int CHECKSUM_BYTES = 1 + Integer.BYTES;

    private static final byte CHECKSUM_TAG = (BinlogRecord.CHECKSUM_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_FIXED32;
    private static final byte VERSION_TAG =
            (BinlogRecord.RECORD_VERSION_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_VARINT;

    private BinlogCodec() {}

    public static byte[] encode(BinlogEvent event) {
        var record = BinlogRecord.newBuilder().setRecordVersion(RECORD_VERSION);
        if (event instanceof BinlogEvent.Founded founded) {
            record.setFounded(Founded.newBuilder().setMembership(encode(founded.membership())));
        } else if (event instanceof BinlogEvent.BallotCast ballot) {
            record.setBallotCast(BallotCast.newBuilder()
                    .setTerm(ballot.term().value())
                    .setVotedFor(ballot.votedFor().map(NodeId::value).orElse("")));
        } else if (event instanceof BinlogEvent.Appended appended) {
            record.setAppended(Appended.newBuilder().addAllEntries(encode(appended.entries())));
        } else if (event instanceof BinlogEvent.CheckpointTaken taken) {
            record.setCheckpointTaken(CheckpointTaken.newBuilder()
                    .setIndex(taken.index().value())
                    .setTerm(taken.term().value())
                    .setKeepFrom(taken.keepFrom().value()));
        } else if (event instanceof BinlogEvent.SnapshotInstalled installed) {
            record.setSnapshotInstalled(SnapshotInstalled.newBuilder()
                    .setIndex(installed.index().value())
                    .setTerm(installed.term().value())
                    .setMembership(encode(installed.membership())));
        }
        return withChecksum(record.build());
    }

    /** The checksum is the first field, so that whatever else is damaged, it is known that there is one. */
    private static byte[] withChecksum(BinlogRecord record) {
        int size = record.getSerializedSize();
        var bytes = new byte[CHECKSUM_BYTES + size];
        try {
            record.writeTo(CodedOutputStream.newInstance(bytes, CHECKSUM_BYTES, size));
            CodedOutputStream.newInstance(bytes, 0, CHECKSUM_BYTES)
                    .writeFixed32(BinlogRecord.CHECKSUM_FIELD_NUMBER, checksum(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException("the computed size of a record is too small", e);
        }
        return bytes;
    }

    private static int checksum(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes, CHECKSUM_BYTES, bytes.length - CHECKSUM_BYTES);
        return (int) crc.getValue();
    }

    private static void checkChecksum(byte[] bytes) {
        if (bytes.length < CHECKSUM_BYTES || bytes[0] == VERSION_TAG) {
            // Of a release that kept none.
            return;
        }
        int kept = bytes[0] == CHECKSUM_TAG
                ? ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(1)
                : 0;
        if (bytes[0] != CHECKSUM_TAG || kept != checksum(bytes)) {
            throw new JournalFormatException(
                    "binlog record of " + bytes.length + " bytes does not have the checksum with which it was written");
        }
    }

    /** @throws JournalFormatException if the bytes are no event of a version known here, or not as they were written */
    public static BinlogEvent decodeEvent(byte[] bytes) {
        try {
            checkChecksum(bytes);
            var record = BinlogRecord.parseFrom(bytes);
            checkVersion(record.getRecordVersion(), "binlog record");
            return switch (record.getEventCase()) {
                case FOUNDED ->
                    new BinlogEvent.Founded(decode(record.getFounded().getMembership()));
                case BALLOT_CAST ->
                    new BinlogEvent.BallotCast(
                            new Term(record.getBallotCast().getTerm()),
                            node(record.getBallotCast().getVotedFor()));
                case APPENDED ->
                    new BinlogEvent.Appended(decode(record.getAppended().getEntriesList()));
                case CHECKPOINT_TAKEN ->
                    new BinlogEvent.CheckpointTaken(
                            new LogIndex(record.getCheckpointTaken().getIndex()),
                            new Term(record.getCheckpointTaken().getTerm()),
                            new LogIndex(record.getCheckpointTaken().getKeepFrom()));
                case SNAPSHOT_INSTALLED ->
                    new BinlogEvent.SnapshotInstalled(
                            new LogIndex(record.getSnapshotInstalled().getIndex()),
                            new Term(record.getSnapshotInstalled().getTerm()),
                            decode(record.getSnapshotInstalled().getMembership()));
                case EVENT_NOT_SET -> throw new JournalFormatException("binlog record without an event");
            };
        } catch (InvalidProtocolBufferException e) {
            throw new JournalFormatException(
                    "binlog record of " + bytes.length + " bytes does not decode: " + e.getMessage());
        }
    }

    public static byte[] encode(BinlogState state) {
        var durable = state.durable();
        var log = durable.log();
        var record = DurableState.newBuilder()
                .setRecordVersion(RECORD_VERSION)
                .setTerm(durable.term().value())
                .setVotedFor(durable.votedFor().map(NodeId::value).orElse(""))
                .setBaseIndex(log.base().value())
                .setBaseTerm(log.baseTerm().value())
                .setBaseMembership(encode(log.baseMembership()))
                .setCheckpointIndex(durable.checkpoint().value())
                .setSequenceNumber(state.sequenceNumber());
        for (var run : log.runs()) {
            record.addRuns(TermRun.newBuilder()
                    .setFirstIndex(run.first().value())
                    .setLastIndex(run.last().value())
                    .setTerm(run.term().value())
                    .setBytes(run.bytes()));
        }
        log.memberships()
                .forEach((index, membership) -> record.addMemberships(
                        MembershipAt.newBuilder().setIndex(index.value()).setMembership(encode(membership))));
        state.rows()
                .rows()
                .forEach((first, row) -> record.addRows(
                        RowAt.newBuilder().setFirstIndex(first.value()).setSequenceNumber(row)));
        return record.build().toByteArray();
    }

    /** @throws JournalFormatException if the bytes are no state of a version known here */
    public static BinlogState decodeState(byte[] bytes) {
        try {
            var record = DurableState.parseFrom(bytes);
            checkVersion(record.getRecordVersion(), "checkpointed state");
            var runs = new ArrayList<Log.Run>();
            for (var run : record.getRunsList()) {
                runs.add(new Log.Run(
                        new LogIndex(run.getFirstIndex()),
                        new LogIndex(run.getLastIndex()),
                        new Term(run.getTerm()),
                        run.getBytes()));
            }
            var memberships = new TreeMap<LogIndex, io.aitta.core.replication.Membership>();
            for (var change : record.getMembershipsList()) {
                memberships.put(new LogIndex(change.getIndex()), decode(change.getMembership()));
            }
            var rows = new RowIndex();
            for (var row : record.getRowsList()) {
                rows.add(new LogIndex(row.getFirstIndex()), row.getSequenceNumber());
            }
            var durable = Durable.restored(
                    new Term(record.getTerm()),
                    node(record.getVotedFor()),
                    new LogIndex(record.getCheckpointIndex()),
                    new LogIndex(record.getBaseIndex()),
                    new Term(record.getBaseTerm()),
                    decode(record.getBaseMembership()),
                    runs,
                    memberships);
            return new BinlogState(durable, rows, record.getSequenceNumber());
        } catch (InvalidProtocolBufferException e) {
            throw new JournalFormatException(
                    "checkpointed state of " + bytes.length + " bytes does not decode: " + e.getMessage());
        }
    }

    public static Membership encode(io.aitta.core.replication.Membership membership) {
        var record = Membership.newBuilder();
        membership.voters().forEach(node -> record.addVoters(node.value()));
        membership.learners().forEach(node -> record.addLearners(node.value()));
        return record.build();
    }

    public static io.aitta.core.replication.Membership decode(Membership record) {
        return new io.aitta.core.replication.Membership(
                record.getVotersList().stream().map(NodeId::new).toList(),
                record.getLearnersList().stream().map(NodeId::new).toList());
    }

    public static List<LogEntry> encode(List<Entry> entries) {
        var records = new ArrayList<LogEntry>(entries.size());
        for (var entry : entries) {
            var record = LogEntry.newBuilder()
                    .setIndex(entry.index().value())
                    .setTerm(entry.term().value());
            if (entry.command() instanceof Command.Data data) {
                record.setData(UnsafeByteOperations.unsafeWrap(data.batch()));
            } else if (entry.command() instanceof Command.ChangeMembership change) {
                record.setMembership(encode(change.membership()));
            } else {
                record.setNoop(true);
            }
            records.add(record.build());
        }
        return records;
    }

    /** @throws JournalFormatException if an entry holds a command that is not known here */
    public static List<Entry> decode(List<LogEntry> records) {
        var entries = new ArrayList<Entry>(records.size());
        for (var record : records) {
            Command command =
                    switch (record.getCommandCase()) {
                        case DATA -> new Command.Data(record.getData().toByteArray());
                        case MEMBERSHIP -> new Command.ChangeMembership(decode(record.getMembership()));
                        case NOOP -> Command.NOOP;
                        case COMMAND_NOT_SET ->
                            throw new JournalFormatException(
                                    "log entry " + record.getIndex() + " holds no command known here");
                    };
            entries.add(new Entry(new LogIndex(record.getIndex()), new Term(record.getTerm()), command));
        }
        return entries;
    }

    private static void checkVersion(int version, String what) {
        if (version != RECORD_VERSION) {
            throw new JournalFormatException(
                    what + " of version " + version + ", this release reads version " + RECORD_VERSION);
        }
    }

    private static Optional<NodeId> node(String value) {
        return value.isEmpty() ? Optional.empty() : Optional.of(new NodeId(value));
    }
}
