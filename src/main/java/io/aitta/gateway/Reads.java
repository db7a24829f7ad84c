package io.aitta.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Value;
import io.aitta.gateway.Routing.Target;
import io.aitta.gateway.RoutingTable.TableRoutes;
import io.aitta.proto.v1.ExistsRequest;
import io.aitta.proto.v1.ExistsResponse;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.GetResponse;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.ResponseHeader;
import io.aitta.proto.v1.TimeToLiveRequest;
import io.aitta.proto.v1.TimeToLiveResponse;
import java.util.Optional;
import java.util.function.BiFunction;

/** Reads of one key. Each method throws {@link ProblemException} if the request is not as it must be. */
final class Reads {
    private final Routing routing;
    private final RequestChecks checks;

    Reads(Routing routing, RequestChecks checks) {
        this.routing = routing;
        this.checks = checks;
    }

    Prepared.Read<GetResponse> get(GetRequest request) {
        return read(
                request.getTable(),
                request.getKey(),
                request.getConsistency(),
                request.getMaxStalenessMillis(),
                request.getHeader(),
                Reads::got);
    }

    Prepared.Read<ExistsResponse> exists(ExistsRequest request) {
        return read(
                request.getTable(),
                request.getKey(),
                request.getConsistency(),
                request.getMaxStalenessMillis(),
                request.getHeader(),
                (header, value) -> ExistsResponse.newBuilder()
                        .setHeader(header)
                        .setFound(value.isPresent())
                        .setVersion(value.map(Value::version).orElse(0L))
                        .build());
    }

    Prepared.Read<TimeToLiveResponse> timeToLive(TimeToLiveRequest request) {
        return read(
                request.getTable(),
                request.getKey(),
                request.getConsistency(),
                request.getMaxStalenessMillis(),
                request.getHeader(),
                Reads::toLive);
    }

    private <R> Prepared.Read<R> read(
            String tableName,
            ByteString key,
            ReadConsistency consistency,
            long maxStalenessMillis,
            RequestHeader header,
            BiFunction<ResponseHeader, Optional<Value>, R> words) {
        TableRoutes table = routing.now().table(tableName);
        checks.key(key, "key");
        byte[] bytes = key.toByteArray();
        PartitionId partition = table.idOf(bytes);
        var freshness = ReadFreshness.of(consistency, maxStalenessMillis, header, table);
        return new Prepared.Read<>(
                new Target(routing, partition, header.getEpoch()), bytes, freshness.of(partition.partition()), words);
    }

    private static GetResponse got(ResponseHeader header, Optional<Value> found) {
        var response = GetResponse.newBuilder().setHeader(header);
        found.ifPresent(value -> {
            response.setFound(true)
                    .setValue(UnsafeByteOperations.unsafeWrap(value.bytes()))
                    .setVersion(value.version());
            Times.remainingMillis(value.expiresAtMillis()).ifPresent(response::setRemainingMillis);
        });
        return response.build();
    }

    private static TimeToLiveResponse toLive(ResponseHeader header, Optional<Value> found) {
        var response = TimeToLiveResponse.newBuilder().setHeader(header);
        found.ifPresent(value -> {
            response.setFound(true).setVersion(value.version());
            Times.remainingMillis(value.expiresAtMillis()).ifPresent(response::setRemainingMillis);
        });
        return response.build();
    }
}
