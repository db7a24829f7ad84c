package io.aitta.partition;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.PeerMessage;
import io.aitta.core.replication.Term;
import io.aitta.journal.BinlogCodec;
import io.aitta.journal.JournalFormatException;
import io.aitta.proto.record.v1.Append;
import io.aitta.proto.record.v1.AppendReply;
import io.aitta.proto.record.v1.PeerBundle;
import io.aitta.proto.record.v1.PeerEnvelope;
import io.aitta.proto.record.v1.PreVote;
import io.aitta.proto.record.v1.PreVoteReply;
import io.aitta.proto.record.v1.RequestVote;
import io.aitta.proto.record.v1.Resigned;
import io.aitta.proto.record.v1.SnapshotOffer;
import io.aitta.proto.record.v1.TransferNow;
import io.aitta.proto.record.v1.VoteReply;
import java.util.ArrayList;

/** How what replicas say to each other is written as bytes ({@code aitta.record.v1.PeerBundle}). Stateless. */
final class PeerCodec {
    static final int RECORD_VERSION = 1;

    private PeerCodec() {}

    static byte[] encode(PeerMail.Bundle bundle) {
        var record = PeerBundle.newBuilder()
                .setRecordVersion(RECORD_VERSION)
                .setFromNode(bundle.from().value())
                .setToNode(bundle.to().value());
        for (var letter : bundle.letters()) {
            record.addEnvelopes(PeerEnvelope.newBuilder()
                    .setTable(letter.partition().table())
                    .setTableEpoch(letter.partition().tableEpoch())
                    .setPartition(letter.partition().partition())
                    .setMessage(encode(letter.message())));
        }
        return record.build().toByteArray();
    }

    /** @throws JournalFormatException if the bytes are no bundle of a version known here */
    static PeerMail.Bundle decode(byte[] bytes) {
        try {
            var record = PeerBundle.parseFrom(bytes);
            if (record.getRecordVersion() != RECORD_VERSION) {
                throw new JournalFormatException("peer bundle of version " + record.getRecordVersion()
                        + ", this release reads version " + RECORD_VERSION);
            }
            var letters = new ArrayList<PeerMail.Letter>(record.getEnvelopesCount());
            for (var envelope : record.getEnvelopesList()) {
                letters.add(new PeerMail.Letter(
                        new PartitionId(envelope.getTable(), envelope.getTableEpoch(), envelope.getPartition()),
                        decode(envelope.getMessage())));
            }
            return new PeerMail.Bundle(new NodeId(record.getFromNode()), new NodeId(record.getToNode()), letters);
        } catch (InvalidProtocolBufferException e) {
            throw new JournalFormatException(
                    "peer bundle of " + bytes.length + " bytes does not decode: " + e.getMessage());
        }
    }

    private static io.aitta.proto.record.v1.PeerMessage encode(PeerMessage message) {
        var record = io.aitta.proto.record.v1.PeerMessage.newBuilder()
                .setTerm(message.term().value());
        if (message instanceof PeerMessage.Append append) {
            record.setAppend(Append.newBuilder()
                    .setSentNanos(append.sentNanos())
                    .setPreviousIndex(append.previousIndex().value())
                    .setPreviousTerm(append.previousTerm().value())
                    .addAllEntries(BinlogCodec.encode(append.entries()))
                    .setCommitIndex(append.commitIndex().value()));
        } else if (message instanceof PeerMessage.AppendReply reply) {
            record.setAppendReply(AppendReply.newBuilder()
                    .setSentNanos(reply.sentNanos())
                    .setAccepted(reply.accepted())
                    .setIndex(reply.index().value()));
        } else if (message instanceof PeerMessage.PreVote preVote) {
            record.setPreVote(PreVote.newBuilder()
                    .setLastIndex(preVote.lastIndex().value())
                    .setLastTerm(preVote.lastTerm().value()));
        } else if (message instanceof PeerMessage.PreVoteReply reply) {
            record.setPreVoteReply(PreVoteReply.newBuilder().setGranted(reply.granted()));
        } else if (message instanceof PeerMessage.RequestVote request) {
            record.setRequestVote(RequestVote.newBuilder()
                    .setLastIndex(request.lastIndex().value())
                    .setLastTerm(request.lastTerm().value())
                    .setTransfer(request.transfer()));
        } else if (message instanceof PeerMessage.VoteReply reply) {
            record.setVoteReply(VoteReply.newBuilder().setGranted(reply.granted()));
        } else if (message instanceof PeerMessage.SnapshotOffer offer) {
            record.setSnapshotOffer(SnapshotOffer.newBuilder()
                    .setSentNanos(offer.sentNanos())
                    .setIndex(offer.index().value()));
        } else if (message instanceof PeerMessage.TransferNow) {
            record.setTransferNow(TransferNow.getDefaultInstance());
        } else if (message instanceof PeerMessage.Resigned) {
            record.setResigned(Resigned.getDefaultInstance());
        }
        return record.build();
    }

    private static PeerMessage decode(io.aitta.proto.record.v1.PeerMessage record) {
        var term = new Term(record.getTerm());
        return switch (record.getKindCase()) {
            case APPEND -> {
                var append = record.getAppend();
                yield new PeerMessage.Append(
                        term,
                        append.getSentNanos(),
                        new LogIndex(append.getPreviousIndex()),
                        new Term(append.getPreviousTerm()),
                        BinlogCodec.decode(append.getEntriesList()),
                        new LogIndex(append.getCommitIndex()));
            }
            case APPEND_REPLY ->
                new PeerMessage.AppendReply(
                        term,
                        record.getAppendReply().getSentNanos(),
                        record.getAppendReply().getAccepted(),
                        new LogIndex(record.getAppendReply().getIndex()));
            case PRE_VOTE ->
                new PeerMessage.PreVote(
                        term,
                        new LogIndex(record.getPreVote().getLastIndex()),
                        new Term(record.getPreVote().getLastTerm()));
            case PRE_VOTE_REPLY ->
                new PeerMessage.PreVoteReply(term, record.getPreVoteReply().getGranted());
            case REQUEST_VOTE ->
                new PeerMessage.RequestVote(
                        term,
                        new LogIndex(record.getRequestVote().getLastIndex()),
                        new Term(record.getRequestVote().getLastTerm()),
                        record.getRequestVote().getTransfer());
            case VOTE_REPLY ->
                new PeerMessage.VoteReply(term, record.getVoteReply().getGranted());
            case SNAPSHOT_OFFER ->
                new PeerMessage.SnapshotOffer(
                        term,
                        record.getSnapshotOffer().getSentNanos(),
                        new LogIndex(record.getSnapshotOffer().getIndex()));
            case TRANSFER_NOW -> new PeerMessage.TransferNow(term);
            case RESIGNED -> new PeerMessage.Resigned(term);
            case KIND_NOT_SET -> throw new JournalFormatException("peer message of no kind known here");
        };
    }
}
