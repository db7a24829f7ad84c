package io.aitta.gateway;

import com.google.protobuf.ByteString;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Operations;
import io.aitta.gateway.Routing.Target;
import io.aitta.gateway.RoutingTable.TableRoutes;
import io.aitta.proto.record.v1.AppendOperation;
import io.aitta.proto.record.v1.DeleteOperation;
import io.aitta.proto.record.v1.ExpireOperation;
import io.aitta.proto.record.v1.GetOperation;
import io.aitta.proto.record.v1.IncrementOperation;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.SetOperation;
import io.aitta.proto.record.v1.TransactionOutcome;
import io.aitta.proto.record.v1.TransactionWrite;
import io.aitta.proto.record.v1.WriteResult;
import io.aitta.proto.v1.Compare;
import io.aitta.proto.v1.ResponseHeader;
import io.aitta.proto.v1.TransactionOperation;
import io.aitta.proto.v1.TransactionRequest;
import io.aitta.proto.v1.TransactionResponse;
import io.aitta.proto.v1.TransactionResult;
import java.util.ArrayList;
import java.util.List;

/** Transactions: many compares and operations, all of one partition, encoded as one operation of it. */
final class Transactions {
    /** Without compares it is known that they hold; else it is not, and the answer must not say that they did. */
    private static final Outcome SUCCEEDED = Outcome.newBuilder()
            .setTransaction(TransactionOutcome.newBuilder().setSucceeded(true))
            .build();

    private final Routing routing;
    private final RequestChecks checks;

    Transactions(Routing routing, RequestChecks checks) {
        this.routing = routing;
        this.checks = checks;
    }

    /** @throws ProblemException if the request is not as it must be */
    Prepared.Write<TransactionResponse> prepare(TransactionRequest request) {
        TableRoutes table = checks.writable(request.getTable(), request.getHeader(), routing.now());
        checks.transactionSize((long) request.getComparesCount()
                + request.getThenOperationsCount()
                + request.getElseOperationsCount());
        var transaction = io.aitta.proto.record.v1.TransactionOperation.newBuilder();
        var keys = new ArrayList<ByteString>();
        for (int i = 0; i < request.getComparesCount(); i++) {
            transaction.addCompares(compare(request.getCompares(i), "compares[" + i + "]", table, keys));
        }
        for (int i = 0; i < request.getThenOperationsCount(); i++) {
            transaction.addThenWrites(write(request.getThenOperations(i), "then_operations[" + i + "]", table, keys));
        }
        for (int i = 0; i < request.getElseOperationsCount(); i++) {
            transaction.addElseWrites(write(request.getElseOperations(i), "else_operations[" + i + "]", table, keys));
        }
        return new Prepared.Write<>(
                new Target(
                        routing,
                        sharedPartition(keys, table),
                        request.getHeader().getEpoch()),
                checks.fitting(Operations.transaction(transaction.build(), Stamps.of(request.getHeader(), 0))),
                checks.acknowledgement(request.getHeader()),
                request.getComparesCount() == 0 ? SUCCEEDED : Outcome.getDefaultInstance(),
                Transactions::response);
    }

    private io.aitta.proto.record.v1.Compare compare(
            Compare compare, String field, TableRoutes table, List<ByteString> keys) {
        var condition = checks.condition(compare.getCondition(), field + ".condition", table);
        var encoded = io.aitta.proto.record.v1.Compare.newBuilder().setKey(checked(compare.getKey(), field, keys));
        switch (condition.getKindCase()) {
            case EXISTS -> encoded.setExists(condition.getExists());
            case VERSION -> encoded.setVersion(condition.getVersion());
            case VALUE -> encoded.setValue(condition.getValue());
            case KIND_NOT_SET -> throw new IllegalStateException("a condition without a kind is refused before");
        }
        return encoded.build();
    }

    private TransactionWrite write(
            TransactionOperation operation, String field, TableRoutes table, List<ByteString> keys) {
        var write = TransactionWrite.newBuilder();
        switch (operation.getKindCase()) {
            case GET -> {
                var key = checked(operation.getGet().getKey(), field + ".get", keys);
                write.setGet(GetOperation.newBuilder().setKey(key));
            }
            case SET -> write.setSet(set(operation.getSet(), field + ".set", table, keys));
            case DELETE -> {
                var key = checked(operation.getDelete().getKey(), field + ".delete", keys);
                write.setDelete(DeleteOperation.newBuilder().setKey(key));
            }
            case APPEND -> write.setAppend(append(operation.getAppend(), field + ".append", table, keys));
            case INCREMENT -> {
                var increment = operation.getIncrement();
                write.setIncrement(IncrementOperation.newBuilder()
                        .setKey(checked(increment.getKey(), field + ".increment", keys))
                        .setAmount(increment.getAmount())
                        .setTimeToLiveMillis(table.defaultTimeToLiveMillis()));
            }
            case EXPIRE -> {
                var expire = operation.getExpire();
                checks.timeToLive(expire.getTimeToLiveMillis(), field + ".expire.time_to_live_millis");
                write.setExpire(ExpireOperation.newBuilder()
                        .setKey(checked(expire.getKey(), field + ".expire", keys))
                        .setTimeToLiveMillis(expire.getTimeToLiveMillis()));
            }
            case PERSIST -> {
                var key = checked(operation.getPersist().getKey(), field + ".persist", keys);
                write.setExpire(ExpireOperation.newBuilder().setKey(key));
            }
            case KIND_NOT_SET ->
                throw Problem.inField(
                                ErrorReason.BAD_TRANSACTION,
                                field,
                                field + " says nothing to do; it must be one of get, set, delete, append, increment,"
                                        + " expire and persist")
                        .asException();
        }
        return write.build();
    }

    private SetOperation.Builder set(
            TransactionOperation.Set set, String field, TableRoutes table, List<ByteString> keys) {
        checks.value(set.getValue(), field + ".value", table);
        return SetOperation.newBuilder()
                .setKey(checked(set.getKey(), field, keys))
                .setValue(set.getValue())
                .setTimeToLiveMillis(
                        set.hasTimeToLiveMillis() ? set.getTimeToLiveMillis() : table.defaultTimeToLiveMillis());
    }

    private AppendOperation.Builder append(
            TransactionOperation.Append append, String field, TableRoutes table, List<ByteString> keys) {
        checks.value(append.getValue(), field + ".value", table);
        return AppendOperation.newBuilder()
                .setKey(checked(append.getKey(), field, keys))
                .setValue(append.getValue())
                .setTimeToLiveMillis(table.defaultTimeToLiveMillis())
                .setMaxValueBytes(checks.maxValueBytes(table));
    }

    private ByteString checked(ByteString key, String field, List<ByteString> keys) {
        checks.key(key, field + ".key");
        keys.add(key);
        return key;
    }

    private static PartitionId sharedPartition(List<ByteString> keys, TableRoutes table) {
        PartitionId first = table.idOf(keys.get(0));
        for (ByteString key : keys) {
            if (!table.idOf(key).equals(first)) {
                throw KeysNotTogether.of(keys, table);
            }
        }
        return first;
    }

    private static TransactionResponse response(ResponseHeader header, Outcome outcome) {
        TransactionOutcome transaction = outcome.getTransaction();
        var response = TransactionResponse.newBuilder()
                .setHeader(header)
                .setSucceeded(transaction.getSucceeded())
                .setVersion(transaction.getVersion());
        transaction.getResultsList().forEach(result -> response.addResults(result(result)));
        return response.build();
    }

    private static TransactionResult result(WriteResult write) {
        var result = TransactionResult.newBuilder()
                .setExisted(write.getExisted())
                .setVersion(write.getVersion())
                .setNumber(write.getNumber())
                .setLength(write.getLength());
        if (write.hasValue()) {
            result.setValue(write.getValue().getValue());
            Times.remainingMillis(write.getValue().getExpiresAtMillis()).ifPresent(result::setRemainingMillis);
        }
        return result.build();
    }
}
