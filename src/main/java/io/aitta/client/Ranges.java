package io.aitta.client;

import com.google.protobuf.ByteString;
import io.aitta.proto.v1.CountRequest;
import io.aitta.proto.v1.CountResponse;
import io.aitta.proto.v1.DeleteRangeRequest;
import io.aitta.proto.v1.DeleteRangeResponse;
import io.aitta.proto.v1.FlushRequest;
import io.aitta.proto.v1.FlushResponse;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.ResponseHeader;
import io.aitta.proto.v1.ScanRequest;
import io.aitta.proto.v1.ScanResponse;
import io.grpc.MethodDescriptor;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Makes the requests about ranges of keys, and reads their answers. Immutable. */
final class Ranges {
    private final TableScope scope;

    Ranges(TableScope scope) {
        this.scope = scope;
    }

    /** @param maxEntries more than a page ever holds means: as many as fit */
    CompletionStage<ScanPage> page(KeyRange range, ScanOptions options, long maxEntries, ByteString cursor) {
        Consistency consistency = scope.effectiveConsistency();
        return read(
                KvGrpc.getScanPageMethod(),
                range,
                consistency,
                header -> ScanRequest.newBuilder()
                        .setHeader(header)
                        .setTable(scope.table())
                        .setRange(range.toProto())
                        .setKeysOnly(options.isKeysOnly())
                        .setRelaxed(options.isRelaxed())
                        .setLimit(maxEntries)
                        .setCursor(cursor)
                        .setConsistency(consistency.level())
                        .setMaxStalenessMillis(consistency.maxStalenessMillis())
                        .build(),
                ScanResponse::getHeader,
                Ranges::page);
    }

    CompletionStage<KeyCount> count(KeyRange range) {
        Consistency consistency = scope.effectiveConsistency();
        return read(
                KvGrpc.getCountMethod(),
                range,
                consistency,
                header -> CountRequest.newBuilder()
                        .setHeader(header)
                        .setTable(scope.table())
                        .setRange(range.toProto())
                        .setConsistency(consistency.level())
                        .setMaxStalenessMillis(consistency.maxStalenessMillis())
                        .build(),
                CountResponse::getHeader,
                reply -> new KeyCount(reply.getKeys(), reply.getBytes(), reply.getExact()));
    }

    CompletionStage<Void> deleteRange(KeyRange range) {
        return write(
                KvGrpc.getDeleteRangeMethod(),
                range,
                header -> DeleteRangeRequest.newBuilder()
                        .setHeader(header)
                        .setTable(scope.table())
                        .setRange(range.toProto())
                        .build(),
                DeleteRangeResponse::getHeader);
    }

    CompletionStage<Void> flush() {
        return write(
                KvGrpc.getFlushMethod(),
                KeyRange.all(),
                header -> FlushRequest.newBuilder()
                        .setHeader(header)
                        .setTable(scope.table())
                        .build(),
                FlushResponse::getHeader);
    }

    private static ScanPage page(ScanResponse reply) {
        return new ScanPage(
                reply.getEntriesList().stream()
                        .map(entry -> new ScanEntry(
                                entry.getKey(),
                                new VersionedValue(
                                        entry.getValue(),
                                        entry.getVersion(),
                                        Results.remaining(entry.hasRemainingMillis(), entry.getRemainingMillis()))))
                        .toList(),
                reply.getCursor());
    }

    private <Q, R, T> CompletionStage<T> read(
            MethodDescriptor<Q, R> method,
            KeyRange range,
            Consistency consistency,
            Function<RequestHeader, Q> request,
            Function<R, ResponseHeader> header,
            Function<R, T> result) {
        var place = scope.place(range.nearKey());
        return scope.read(new Exchange.Single<>(method, place, consistency, request, header, result) {
            @Override
            IntStream partitions(int count) {
                return IntStream.range(0, count);
            }
        });
    }

    private <Q, R> CompletionStage<Void> write(
            MethodDescriptor<Q, R> method,
            KeyRange range,
            Function<RequestHeader, Q> request,
            Function<R, ResponseHeader> header) {
        var ticket = scope.sessions().begin();
        return scope.write(new Exchange.Single<Q, R, Void>(
                method,
                scope.place(range.nearKey()),
                ticket,
                scope.acknowledgement(),
                request,
                header,
                reply -> null));
    }
}
