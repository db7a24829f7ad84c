package io.aitta.gateway;

import com.google.protobuf.ByteString;
import io.aitta.gateway.Routing.Target;
import io.aitta.gateway.RoutingTable.TableRoutes;
import io.aitta.proto.record.v1.AppendOperation;
import io.aitta.proto.record.v1.DeleteOperation;
import io.aitta.proto.record.v1.DeleteOutcome;
import io.aitta.proto.record.v1.ExpireOperation;
import io.aitta.proto.record.v1.IncrementOperation;
import io.aitta.proto.record.v1.Operation;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.SetOperation;
import io.aitta.proto.record.v1.SetOutcome;
import io.aitta.proto.v1.AppendRequest;
import io.aitta.proto.v1.AppendResponse;
import io.aitta.proto.v1.DeleteRequest;
import io.aitta.proto.v1.DeleteResponse;
import io.aitta.proto.v1.ExpireRequest;
import io.aitta.proto.v1.ExpireResponse;
import io.aitta.proto.v1.IncrementRequest;
import io.aitta.proto.v1.IncrementResponse;
import io.aitta.proto.v1.PersistRequest;
import io.aitta.proto.v1.PersistResponse;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.ResponseHeader;
import io.aitta.proto.v1.SetRequest;
import io.aitta.proto.v1.SetResponse;
import java.util.function.BiFunction;

/** Writes of one key. Each method throws {@link ProblemException} if the request is not as it must be. */
final class Writes {
    private static final Outcome NOTHING_KNOWN = Outcome.getDefaultInstance();
    /** Whether a condition held is not known, so the answer must not say that it did. */
    private static final Outcome SET_PERHAPS = Outcome.newBuilder()
            .setSet(SetOutcome.newBuilder().setNotApplied(true))
            .build();

    private static final Outcome DELETED_PERHAPS = Outcome.newBuilder()
            .setDelete(DeleteOutcome.newBuilder().setNotApplied(true))
            .build();

    private final Routing routing;
    private final RequestChecks checks;

    Writes(Routing routing, RequestChecks checks) {
        this.routing = routing;
        this.checks = checks;
    }

    Prepared.Write<SetResponse> set(SetRequest request) {
        TableRoutes table = writable(request.getTable(), request.getKey(), request.getHeader());
        checks.value(request.getValue(), "value", table);
        var set = SetOperation.newBuilder()
                .setKey(request.getKey())
                .setValue(request.getValue())
                .setReturnPrevious(request.getReturnPrevious())
                .setTimeToLiveMillis(
                        request.hasTimeToLiveMillis()
                                ? request.getTimeToLiveMillis()
                                : table.defaultTimeToLiveMillis());
        if (request.hasCondition()) {
            set.setCondition(checks.condition(request.getCondition(), "condition", table));
        }
        return prepared(
                table,
                request.getKey(),
                request.getHeader(),
                Operation.newBuilder().setSet(set),
                request.hasCondition() ? SET_PERHAPS : NOTHING_KNOWN,
                Writes::set);
    }

    Prepared.Write<DeleteResponse> delete(DeleteRequest request) {
        TableRoutes table = writable(request.getTable(), request.getKey(), request.getHeader());
        var delete =
                DeleteOperation.newBuilder().setKey(request.getKey()).setReturnPrevious(request.getReturnPrevious());
        if (request.hasCondition()) {
            delete.setCondition(checks.condition(request.getCondition(), "condition", table));
        }
        return prepared(
                table,
                request.getKey(),
                request.getHeader(),
                Operation.newBuilder().setDelete(delete),
                request.hasCondition() ? DELETED_PERHAPS : NOTHING_KNOWN,
                Writes::deleted);
    }

    Prepared.Write<AppendResponse> append(AppendRequest request) {
        TableRoutes table = writable(request.getTable(), request.getKey(), request.getHeader());
        checks.value(request.getValue(), "value", table);
        var append = AppendOperation.newBuilder()
                .setKey(request.getKey())
                .setValue(request.getValue())
                .setTimeToLiveMillis(table.defaultTimeToLiveMillis())
                .setMaxValueBytes(checks.maxValueBytes(table));
        return prepared(
                table,
                request.getKey(),
                request.getHeader(),
                Operation.newBuilder().setAppend(append),
                NOTHING_KNOWN,
                (header, outcome) -> AppendResponse.newBuilder()
                        .setHeader(header)
                        .setVersion(outcome.getAppend().getVersion())
                        .setLength(outcome.getAppend().getLength())
                        .build());
    }

    Prepared.Write<IncrementResponse> increment(IncrementRequest request) {
        TableRoutes table = writable(request.getTable(), request.getKey(), request.getHeader());
        var increment = IncrementOperation.newBuilder()
                .setKey(request.getKey())
                .setAmount(request.getAmount())
                .setTimeToLiveMillis(table.defaultTimeToLiveMillis());
        return prepared(
                table,
                request.getKey(),
                request.getHeader(),
                Operation.newBuilder().setIncrement(increment),
                NOTHING_KNOWN,
                (header, outcome) -> IncrementResponse.newBuilder()
                        .setHeader(header)
                        .setVersion(outcome.getIncrement().getVersion())
                        .setValue(outcome.getIncrement().getValue())
                        .build());
    }

    Prepared.Write<ExpireResponse> expire(ExpireRequest request) {
        TableRoutes table = writable(request.getTable(), request.getKey(), request.getHeader());
        checks.timeToLive(request.getTimeToLiveMillis(), "time_to_live_millis");
        return prepared(
                table,
                request.getKey(),
                request.getHeader(),
                expire(request.getKey(), request.getTimeToLiveMillis()),
                NOTHING_KNOWN,
                (header, outcome) -> ExpireResponse.newBuilder()
                        .setHeader(header)
                        .setExisted(outcome.getExpire().getExisted())
                        .setVersion(outcome.getExpire().getVersion())
                        .build());
    }

    Prepared.Write<PersistResponse> persist(PersistRequest request) {
        TableRoutes table = writable(request.getTable(), request.getKey(), request.getHeader());
        return prepared(
                table,
                request.getKey(),
                request.getHeader(),
                expire(request.getKey(), 0),
                NOTHING_KNOWN,
                (header, outcome) -> PersistResponse.newBuilder()
                        .setHeader(header)
                        .setExisted(outcome.getExpire().getExisted())
                        .setVersion(outcome.getExpire().getVersion())
                        .build());
    }

    private TableRoutes writable(String tableName, ByteString key, RequestHeader header) {
        TableRoutes table = checks.writable(tableName, header, routing.now());
        checks.key(key, "key");
        return table;
    }

    private <R> Prepared.Write<R> prepared(
            TableRoutes table,
            ByteString key,
            RequestHeader header,
            Operation.Builder operation,
            Outcome onlyOrdered,
            BiFunction<ResponseHeader, Outcome, R> words) {
        return new Prepared.Write<>(
                new Target(routing, table.idOf(key), header.getEpoch()),
                checks.encoded(operation, header, 0),
                checks.acknowledgement(header),
                onlyOrdered,
                words);
    }

    /** @param timeToLiveMillis 0: never */
    private static Operation.Builder expire(ByteString key, long timeToLiveMillis) {
        return Operation.newBuilder()
                .setExpire(ExpireOperation.newBuilder().setKey(key).setTimeToLiveMillis(timeToLiveMillis));
    }

    private static SetResponse set(ResponseHeader header, Outcome outcome) {
        SetOutcome set = outcome.getSet();
        var response = SetResponse.newBuilder()
                .setHeader(header)
                .setVersion(set.getVersion())
                .setApplied(!set.getNotApplied());
        if (set.hasPrevious()) {
            response.setPrevious(Times.previous(set.getPrevious()));
        }
        return response.build();
    }

    private static DeleteResponse deleted(ResponseHeader header, Outcome outcome) {
        DeleteOutcome delete = outcome.getDelete();
        var response = DeleteResponse.newBuilder()
                .setHeader(header)
                .setExisted(delete.getExisted())
                .setApplied(!delete.getNotApplied())
                .setVersion(delete.getVersion());
        if (delete.hasPrevious()) {
            response.setPrevious(Times.previous(delete.getPrevious()));
        }
        return response.build();
    }
}
