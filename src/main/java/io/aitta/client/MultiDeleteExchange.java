package io.aitta.client;

import com.google.protobuf.ByteString;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.MultiDeleteRequest;
import io.aitta.proto.v1.MultiDeleteResponse;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.ResponseHeader;
import java.util.List;

/** Removes many keys. */
final class MultiDeleteExchange extends MultiWriteExchange<MultiDeleteRequest, MultiDeleteResponse, DeleteOutcome> {
    private final String table;
    private final List<ByteString> keys;

    /** @param keys at least one */
    MultiDeleteExchange(TableScope scope, List<ByteString> keys) {
        super(scope, KvGrpc.getMultiDeleteMethod(), keys.get(0), keys.size());
        this.table = scope.table();
        this.keys = List.copyOf(keys);
    }

    @Override
    MultiDeleteRequest request(RequestHeader header) {
        return MultiDeleteRequest.newBuilder()
                .setHeader(header)
                .setTable(table)
                .addAllKeys(keys)
                .build();
    }

    @Override
    ResponseHeader header(MultiDeleteResponse reply) {
        return reply.getHeader();
    }

    @Override
    int count(MultiDeleteResponse reply) {
        return reply.getDeletesCount();
    }

    @Override
    DeleteOutcome outcome(MultiDeleteResponse reply, int entry) {
        var delete = reply.getDeletes(entry);
        return delete.hasError()
                ? new DeleteOutcome.Failed(Failures.of(delete.getError()))
                : new DeleteOutcome.Deleted(delete.getExisted());
    }

    @Override
    AittaException failure(DeleteOutcome outcome) {
        return outcome instanceof DeleteOutcome.Failed failed ? failed.error() : null;
    }

    @Override
    DeleteOutcome failed(AittaException why) {
        return new DeleteOutcome.Failed(why);
    }
}
