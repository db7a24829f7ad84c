package io.aitta.client;

import com.google.protobuf.ByteString;
import io.aitta.proto.v1.KeyValue;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.MultiSetRequest;
import io.aitta.proto.v1.MultiSetResponse;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.ResponseHeader;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Stores many values. */
final class MultiSetExchange extends MultiWriteExchange<MultiSetRequest, MultiSetResponse, WriteOutcome> {
    private final String table;
    private final List<KeyValue> entries;

    /**
     * @param entries at least one
     * @param timeToLiveMillis of all entries; empty: the table's default
     */
    MultiSetExchange(TableScope scope, List<Map.Entry<ByteString, ByteString>> entries, OptionalLong timeToLiveMillis) {
        super(scope, KvGrpc.getMultiSetMethod(), entries.get(0).getKey(), entries.size());
        this.table = scope.table();
        this.entries = entries.stream()
                .map(entry -> {
                    var message = KeyValue.newBuilder().setKey(entry.getKey()).setValue(entry.getValue());
                    timeToLiveMillis.ifPresent(message::setTimeToLiveMillis);
                    return message.build();
                })
                .toList();
    }

    @Override
    MultiSetRequest request(RequestHeader header) {
        return MultiSetRequest.newBuilder()
                .setHeader(header)
                .setTable(table)
                .addAllEntries(entries)
                .build();
    }

    @Override
    ResponseHeader header(MultiSetResponse reply) {
        return reply.getHeader();
    }

    @Override
    int count(MultiSetResponse reply) {
        return reply.getWritesCount();
    }

    @Override
    WriteOutcome outcome(MultiSetResponse reply, int entry) {
        var write = reply.getWrites(entry);
        return write.hasError()
                ? new WriteOutcome.Failed(Failures.of(write.getError()))
                : new WriteOutcome.Written(write.getVersion());
    }

    @Override
    AittaException failure(WriteOutcome outcome) {
        return outcome instanceof WriteOutcome.Failed failed ? failed.error() : null;
    }

    @Override
    WriteOutcome failed(AittaException why) {
        return new WriteOutcome.Failed(why);
    }
}
