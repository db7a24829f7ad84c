package io.aitta.client;

import com.google.protobuf.ByteString;
import io.aitta.proto.v1.ExistsRequest;
import io.aitta.proto.v1.ExistsResponse;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.GetResponse;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.ResponseHeader;
import io.aitta.proto.v1.TimeToLiveRequest;
import io.aitta.proto.v1.TimeToLiveResponse;
import io.grpc.MethodDescriptor;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Makes the requests that read keys, and reads their answers. Immutable. */
final class Reads {
    private final TableScope scope;

    Reads(TableScope scope) {
        this.scope = scope;
    }

    CompletionStage<Optional<VersionedValue>> get(ByteString key) {
        Consistency consistency = scope.effectiveConsistency();
        return single(
                KvGrpc.getGetMethod(),
                key,
                consistency,
                header -> GetRequest.newBuilder()
                        .setHeader(header)
                        .setTable(scope.table())
                        .setKey(key)
                        .setConsistency(consistency.level())
                        .setMaxStalenessMillis(consistency.maxStalenessMillis())
                        .build(),
                GetResponse::getHeader,
                Results::found);
    }

    CompletionStage<Boolean> exists(ByteString key) {
        Consistency consistency = scope.effectiveConsistency();
        return single(
                KvGrpc.getExistsMethod(),
                key,
                consistency,
                header -> ExistsRequest.newBuilder()
                        .setHeader(header)
                        .setTable(scope.table())
                        .setKey(key)
                        .setConsistency(consistency.level())
                        .setMaxStalenessMillis(consistency.maxStalenessMillis())
                        .build(),
                ExistsResponse::getHeader,
                ExistsResponse::getFound);
    }

    CompletionStage<Optional<TimeToLive>> timeToLive(ByteString key) {
        Consistency consistency = scope.effectiveConsistency();
        return single(
                KvGrpc.getTimeToLiveMethod(),
                key,
                consistency,
                header -> TimeToLiveRequest.newBuilder()
                        .setHeader(header)
                        .setTable(scope.table())
                        .setKey(key)
                        .setConsistency(consistency.level())
                        .setMaxStalenessMillis(consistency.maxStalenessMillis())
                        .build(),
                TimeToLiveResponse::getHeader,
                Results::timeToLive);
    }

    CompletionStage<List<ReadOutcome>> multiGet(List<ByteString> keys) {
        if (keys.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        return scope.read(
                new MultiGetExchange(scope.table(), keys, scope.place(keys.get(0)), scope.effectiveConsistency()));
    }

    private <Q, R, T> CompletionStage<T> single(
            MethodDescriptor<Q, R> method,
            ByteString key,
            Consistency consistency,
            Function<RequestHeader, Q> request,
            Function<R, ResponseHeader> header,
            Function<R, T> result) {
        return scope.read(new Exchange.Single<>(method, scope.place(key), consistency, request, header, result));
    }
}
