package io.aitta.client;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaException.OutcomeUnknown;
import io.aitta.client.AittaException.Refused;
import io.aitta.proto.v1.KeyValue;
import io.aitta.proto.v1.KeyWrite;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.MultiSetRequest;
import io.aitta.proto.v1.MultiSetResponse;
import io.aitta.proto.v1.ResponseHeader;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes many entries. A retry sends all of them again, in the same order, under the same sequence number: the store
 * knows an entry by its place in the request, and answers one that it has applied already with its first outcome.
 */
final class MultiSetExchange extends Exchange<MultiSetRequest, MultiSetResponse, List<WriteOutcome>> {
    private final String table;
    private final List<Map.Entry<ByteString, ByteString>> entries;
    /** One for each entry; null until answered. */
    private final WriteOutcome[] outcomes;

    MultiSetExchange(String table, List<Map.Entry<ByteString, ByteString>> entries, Sessions.Ticket ticket) {
        super(
                KvGrpc.getMultiSetMethod(),
                new Router.Place(table, entries.get(0).getKey().toByteArray()),
                ticket);
        this.table = table;
        this.entries = List.copyOf(entries);
        this.outcomes = new WriteOutcome[entries.size()];
    }

    @Override
    MultiSetRequest request(long epoch) {
        var request = MultiSetRequest.newBuilder()
                .setHeader(AittaTable.header(epoch, ticket))
                .setTable(table);
        for (var entry : entries) {
            request.addEntries(KeyValue.newBuilder().setKey(entry.getKey()).setValue(entry.getValue()));
        }
        return request.build();
    }

    @Override
    ResponseHeader header(MultiSetResponse reply) {
        return reply.getHeader();
    }

    @Override
    Optional<AittaException> absorb(MultiSetResponse reply, boolean doubted) {
        if (reply.getWritesCount() != entries.size()) {
            throw new OutcomeUnknown(
                    reply.getWritesCount() + " answers to a request for " + entries.size() + " entries");
        }
        AittaException again = null;
        for (int i = 0; i < outcomes.length; i++) {
            outcomes[i] = merge(outcomes[i], outcome(reply.getWrites(i)), doubted);
            if (outcomes[i] instanceof WriteOutcome.Failed failed) {
                // Other entries may have been applied, so that this request cannot move to a new session; later ones
                // do.
                ticket.expiredBy(failed.error());
                again = failed.error().retryAfter().isPresent() ? failed.error() : again;
            }
        }
        return Optional.ofNullable(again);
    }

    /** What two tries of the same entry come to: what was done stays done, and doubt stays until it is cleared. */
    private static WriteOutcome merge(WriteOutcome before, WriteOutcome now, boolean doubted) {
        if (before instanceof WriteOutcome.Written || now instanceof WriteOutcome.Written) {
            return before instanceof WriteOutcome.Written ? before : now;
        }
        boolean unknownBefore =
                doubted || before instanceof WriteOutcome.Failed failed && failed.error() instanceof OutcomeUnknown;
        return unknownBefore ? doubt(now) : now;
    }

    private static WriteOutcome doubt(WriteOutcome outcome) {
        if (outcome instanceof WriteOutcome.Failed failed
                && !(failed.error() instanceof OutcomeUnknown)
                && !(failed.error() instanceof Refused refused && refused.kind() == Refused.Kind.BAD_INPUT)) {
            return new WriteOutcome.Failed(new OutcomeUnknown(
                    "an earlier try was not answered, and the last one failed: "
                            + failed.error().getMessage(),
                    failed.error()));
        }
        return outcome;
    }

    private static WriteOutcome outcome(KeyWrite write) {
        return write.hasError()
                ? new WriteOutcome.Failed(Failures.of(write.getError()))
                : new WriteOutcome.Written(write.getVersion());
    }

    @Override
    List<WriteOutcome> result() {
        return List.of(outcomes);
    }

    @Override
    List<WriteOutcome> giveUp(AittaException why, boolean doubted) {
        if (Arrays.asList(outcomes).contains(null)) {
            throw why;
        }
        return Arrays.stream(outcomes)
                .map(outcome -> doubted ? doubt(outcome) : outcome)
                .toList();
    }
}
