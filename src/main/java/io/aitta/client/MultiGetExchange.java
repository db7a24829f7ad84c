package io.aitta.client;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaException.Unavailable;
import io.aitta.proto.v1.KeyRead;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.MultiGetRequest;
import io.aitta.proto.v1.MultiGetResponse;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.ResponseHeader;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Reads many keys; keys that could not be read are asked for again, and only they. */
final class MultiGetExchange extends Exchange<MultiGetRequest, MultiGetResponse, List<ReadOutcome>> {
    private final String table;
    private final List<ByteString> keys;
    /** One for each key; null until answered. */
    private final ReadOutcome[] outcomes;
    /** Which keys the next request asks for. */
    private int[] wanted;

    MultiGetExchange(String table, List<ByteString> keys) {
        super(
                KvGrpc.getMultiGetMethod(),
                Safety.READ,
                new Router.Place(table, keys.get(0).toByteArray()));
        this.table = table;
        this.keys = List.copyOf(keys);
        this.outcomes = new ReadOutcome[keys.size()];
        this.wanted = IntStream.range(0, keys.size()).toArray();
    }

    @Override
    MultiGetRequest request(long epoch) {
        var request = MultiGetRequest.newBuilder()
                .setHeader(RequestHeader.newBuilder().setEpoch(epoch))
                .setTable(table);
        for (int i : wanted) {
            request.addKeys(keys.get(i));
        }
        return request.build();
    }

    @Override
    ResponseHeader header(MultiGetResponse reply) {
        return reply.getHeader();
    }

    @Override
    Optional<AittaException> absorb(MultiGetResponse reply, boolean doubted) {
        if (reply.getReadsCount() != wanted.length) {
            throw new Unavailable(
                    "BAD_ANSWER", reply.getReadsCount() + " answers to a request for " + wanted.length + " keys");
        }
        for (int i = 0; i < wanted.length; i++) {
            outcomes[wanted[i]] = outcome(reply.getReads(i));
        }
        wanted = IntStream.range(0, outcomes.length)
                .filter(i -> outcomes[i] instanceof ReadOutcome.Failed failed
                        && failed.error().retryAfter().isPresent())
                .toArray();
        return wanted.length == 0 ? Optional.empty() : Optional.of(((ReadOutcome.Failed) outcomes[wanted[0]]).error());
    }

    private static ReadOutcome outcome(KeyRead read) {
        if (read.hasError()) {
            return new ReadOutcome.Failed(Failures.of(read.getError()));
        }
        return read.getFound()
                ? new ReadOutcome.Found(new VersionedValue(read.getValue(), read.getVersion()))
                : new ReadOutcome.Missing();
    }

    @Override
    List<ReadOutcome> result() {
        return List.of(outcomes);
    }

    @Override
    List<ReadOutcome> giveUp(AittaException why, boolean doubted) {
        if (Arrays.asList(outcomes).contains(null)) {
            throw why;
        }
        return result();
    }
}
