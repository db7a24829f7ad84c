package io.aitta.client;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaException.Refused;
import io.aitta.proto.v1.AppendRequest;
import io.aitta.proto.v1.AppendResponse;
import io.aitta.proto.v1.DeleteRequest;
import io.aitta.proto.v1.DeleteResponse;
import io.aitta.proto.v1.ExpireRequest;
import io.aitta.proto.v1.ExpireResponse;
import io.aitta.proto.v1.IncrementRequest;
import io.aitta.proto.v1.IncrementResponse;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.PersistRequest;
import io.aitta.proto.v1.PersistResponse;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.ResponseHeader;
import io.aitta.proto.v1.SetRequest;
import io.aitta.proto.v1.SetResponse;
import io.aitta.proto.v1.TransactionRequest;
import io.aitta.proto.v1.TransactionResponse;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Makes the requests that write keys, each with its place in the client's session, and reads their answers. Immutable. */
final class Writes {
    private final TableScope scope;

    Writes(TableScope scope) {
        this.scope = scope;
    }

    <T> CompletionStage<T> set(ByteString key, ByteString value, SetOptions options, Function<SetResponse, T> result) {
        return single(
                KvGrpc.getSetMethod(),
                key,
                header -> {
                    var request = SetRequest.newBuilder()
                            .setHeader(header)
                            .setTable(scope.table())
                            .setKey(key)
                            .setValue(value);
                    options.applyTo(request);
                    return request.build();
                },
                SetResponse::getHeader,
                result);
    }

    <T> CompletionStage<T> delete(ByteString key, DeleteOptions options, Function<DeleteResponse, T> result) {
        return single(
                KvGrpc.getDeleteMethod(),
                key,
                header -> {
                    var request = DeleteRequest.newBuilder()
                            .setHeader(header)
                            .setTable(scope.table())
                            .setKey(key);
                    options.applyTo(request);
                    return request.build();
                },
                DeleteResponse::getHeader,
                result);
    }

    CompletionStage<AppendResult> append(ByteString key, ByteString value) {
        return single(
                KvGrpc.getAppendMethod(),
                key,
                header -> AppendRequest.newBuilder()
                        .setHeader(header)
                        .setTable(scope.table())
                        .setKey(key)
                        .setValue(value)
                        .build(),
                AppendResponse::getHeader,
                reply -> new AppendResult(reply.getVersion(), reply.getLength()));
    }

    CompletionStage<IncrementResult> increment(ByteString key, long amount) {
        return single(
                KvGrpc.getIncrementMethod(),
                key,
                header -> IncrementRequest.newBuilder()
                        .setHeader(header)
                        .setTable(scope.table())
                        .setKey(key)
                        .setAmount(amount)
                        .build(),
                IncrementResponse::getHeader,
                reply -> new IncrementResult(reply.getVersion(), reply.getValue()));
    }

    CompletionStage<Boolean> expire(ByteString key, Duration timeToLive) {
        if (timeToLive.isZero() || timeToLive.isNegative()) {
            return refused("BAD_TIME_TO_LIVE", "a time to live must be above zero, not " + timeToLive);
        }
        long millis = Millis.of("a time to live", timeToLive);
        return single(
                KvGrpc.getExpireMethod(),
                key,
                header -> ExpireRequest.newBuilder()
                        .setHeader(header)
                        .setTable(scope.table())
                        .setKey(key)
                        .setTimeToLiveMillis(millis)
                        .build(),
                ExpireResponse::getHeader,
                ExpireResponse::getExisted);
    }

    CompletionStage<Boolean> persist(ByteString key) {
        return single(
                KvGrpc.getPersistMethod(),
                key,
                header -> PersistRequest.newBuilder()
                        .setHeader(header)
                        .setTable(scope.table())
                        .setKey(key)
                        .build(),
                PersistResponse::getHeader,
                PersistResponse::getExisted);
    }

    CompletionStage<TransactionResult> transaction(Transaction transaction) {
        return single(
                KvGrpc.getTransactionMethod(),
                transaction.anyKey(),
                header -> {
                    var request =
                            TransactionRequest.newBuilder().setHeader(header).setTable(scope.table());
                    request.addAllCompares(transaction.compares());
                    transaction.thenOperations().forEach(step -> request.addThenOperations(step.message()));
                    transaction.elseOperations().forEach(step -> request.addElseOperations(step.message()));
                    return request.build();
                },
                TransactionResponse::getHeader,
                reply -> Results.transaction(transaction, reply));
    }

    /** @param timeToLiveMillis of all entries; empty: the table's default */
    CompletionStage<List<WriteOutcome>> multiSet(
            List<Map.Entry<ByteString, ByteString>> entries, OptionalLong timeToLiveMillis) {
        if (entries.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        return scope.write(new MultiSetExchange(scope, entries, timeToLiveMillis));
    }

    CompletionStage<List<DeleteOutcome>> multiDelete(List<ByteString> keys) {
        if (keys.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        return scope.write(new MultiDeleteExchange(scope, keys));
    }

    private <Q, R, T> CompletionStage<T> single(
            MethodDescriptor<Q, R> method,
            ByteString key,
            Function<RequestHeader, Q> request,
            Function<R, ResponseHeader> header,
            Function<R, T> result) {
        var ticket = scope.sessions().begin();
        return scope.write(new Exchange.Single<>(
                method, scope.place(key), ticket, scope.acknowledgement(), request, header, result));
    }

    private static <T> CompletionStage<T> refused(String reason, String message) {
        return CompletableFuture.failedFuture(new Refused(Refused.Kind.BAD_INPUT, reason, message));
    }
}
