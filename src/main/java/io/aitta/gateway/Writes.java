package io.aitta.gateway;

import com.google.protobuf.ByteString;
import io.aitta.core.kv.Operations;
import io.aitta.gateway.Routing.Target;
import io.aitta.gateway.RoutingTable.TableRoutes;
import io.aitta.proto.record.v1.Condition;
import io.aitta.proto.record.v1.DeleteOutcome;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.SessionStamp;
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
        long timeToLive =
                request.hasTimeToLiveMillis() ? request.getTimeToLiveMillis() : table.defaultTimeToLiveMillis();
        Condition condition =
                request.hasCondition() ? checks.condition(request.getCondition(), "condition", table) : null;
        return prepared(
                table,
                request.getKey(),
                request.getHeader(),
                Operations.set(
                        request.getKey(),
                        request.getValue(),
                        timeToLive,
                        condition,
                        request.getReturnPrevious(),
                        stamp(request.getHeader())),
                request.hasCondition() ? SET_PERHAPS : NOTHING_KNOWN,
                Writes::set);
    }

    Prepared.Write<DeleteResponse> delete(DeleteRequest request) {
        TableRoutes table = writable(request.getTable(), request.getKey(), request.getHeader());
        Condition condition =
                request.hasCondition() ? checks.condition(request.getCondition(), "condition", table) : null;
        return prepared(
                table,
                request.getKey(),
                request.getHeader(),
                Operations.delete(request.getKey(), condition, request.getReturnPrevious(), stamp(request.getHeader())),
                request.hasCondition() ? DELETED_PERHAPS : NOTHING_KNOWN,
                Writes::deleted);
    }

    Prepared.Write<AppendResponse> append(AppendRequest request) {
        TableRoutes table = writable(request.getTable(), request.getKey(), request.getHeader());
        checks.value(request.getValue(), "value", table);
        return prepared(
                table,
                request.getKey(),
                request.getHeader(),
                Operations.append(
                        request.getKey(),
                        request.getValue(),
                        table.defaultTimeToLiveMillis(),
                        checks.maxValueBytes(table),
                        stamp(request.getHeader())),
                NOTHING_KNOWN,
                (header, outcome) -> AppendResponse.newBuilder()
                        .setHeader(header)
                        .setVersion(outcome.getAppend().getVersion())
                        .setLength(outcome.getAppend().getLength())
                        .build());
    }

    Prepared.Write<IncrementResponse> increment(IncrementRequest request) {
        TableRoutes table = writable(request.getTable(), request.getKey(), request.getHeader());
        return prepared(
                table,
                request.getKey(),
                request.getHeader(),
                Operations.increment(
                        request.getKey(),
                        request.getAmount(),
                        table.defaultTimeToLiveMillis(),
                        stamp(request.getHeader())),
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
                Operations.expire(request.getKey(), request.getTimeToLiveMillis(), stamp(request.getHeader())),
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
                Operations.expire(request.getKey(), 0, stamp(request.getHeader())),
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
            byte[] operation,
            Outcome onlyOrdered,
            BiFunction<ResponseHeader, Outcome, R> words) {
        return new Prepared.Write<>(
                new Target(routing, table.idOf(key), header.getEpoch()),
                checks.fitting(operation),
                checks.acknowledgement(header),
                onlyOrdered,
                words);
    }

    private static SessionStamp stamp(RequestHeader header) {
        return Stamps.of(header, 0);
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
