package io.aitta.client;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaException.Unavailable;
import io.aitta.core.hash.KeyHash;
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

    /** @param keys at least one; the place is that of the first */
    MultiGetExchange(String table, List<ByteString> keys, Router.Place place, Consistency consistency) {
        super(KvGrpc.getMultiGetMethod(), place, consistency);
        this.table = table;
        this.keys = List.copyOf(keys);
        this.outcomes = new ReadOutcome[keys.size()];
        this.wanted = IntStream.range(0, keys.size()).toArray();
    }

    @Override
    MultiGetRequest request(RequestHeader header) {
        var request = MultiGetRequest.newBuilder()
                .setHeader(header)
                .setTable(table)
                .setConsistency(consistency.level())
                .setMaxStalenessMillis(consistency.maxStalenessMillis());
        for (int i : wanted) {
            request.addKeys(keys.get(i));
        }
        return request.build();
    }

    @Override
    IntStream partitions(int count) {
        return Arrays.stream(wanted)
                .map(i -> KeyHash.partitionOf(keys.get(i).toByteArray(), count))
                .distinct();
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
            outcomes[wanted[i]] = Results.outcome(reply.getReads(i));
        }
        wanted = IntStream.range(0, outcomes.length)
                .filter(i -> outcomes[i] instanceof ReadOutcome.Failed failed
                        && failed.error().retryAfter().isPresent())
                .toArray();
        return wanted.length == 0 ? Optional.empty() : Optional.of(((ReadOutcome.Failed) outcomes[wanted[0]]).error());
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
