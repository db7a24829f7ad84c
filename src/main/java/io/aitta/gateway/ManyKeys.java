package io.aitta.gateway;

import com.google.protobuf.ByteString;
import io.aitta.config.LimitSettings;
import io.aitta.core.kv.Operations;
import io.aitta.gateway.RoutingTable.TableRoutes;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.v1.KeyDelete;
import io.aitta.proto.v1.KeyError;
import io.aitta.proto.v1.KeyValue;
import io.aitta.proto.v1.KeyWrite;
import io.aitta.proto.v1.MultiDeleteRequest;
import io.aitta.proto.v1.MultiDeleteResponse;
import io.aitta.proto.v1.MultiGetRequest;
import io.aitta.proto.v1.MultiGetResponse;
import io.aitta.proto.v1.MultiSetRequest;
import io.aitta.proto.v1.MultiSetResponse;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Requests with many keys, over any partitions. All of a request is checked before any of it is done: a request that is
 * refused has changed nothing. What happens to a key afterwards is told key by key.
 */
final class ManyKeys {
    private final PartitionAccess partitions;
    private final Routing routing;
    private final RequestChecks checks;
    private final LimitSettings limits;

    ManyKeys(PartitionAccess partitions, Routing routing, RequestChecks checks, LimitSettings limits) {
        this.partitions = partitions;
        this.routing = routing;
        this.checks = checks;
        this.limits = limits;
    }

    CompletionStage<MultiGetResponse> get(MultiGetRequest request, Call call) {
        TableRoutes table = routing.now().table(request.getTable());
        checkKeys(request.getKeysList());
        var freshness =
                ReadFreshness.of(request.getConsistency(), request.getMaxStalenessMillis(), request.getHeader(), table);
        return new MultiRead(request.getKeysList(), table, limits.responseBytes())
                .run(partitions, freshness, call)
                .thenApply(done -> MultiGetResponse.newBuilder()
                        .setHeader(routing.now().header(done.positions()))
                        .addAllReads(done.reads())
                        .build());
    }

    CompletionStage<MultiSetResponse> set(MultiSetRequest request, Call call) {
        TableRoutes table = checks.writable(request.getTable(), request.getHeader(), routing.now());
        checks.count(request.getEntriesCount(), "entries");
        long total = 0;
        for (int i = 0; i < request.getEntriesCount(); i++) {
            KeyValue entry = request.getEntries(i);
            checks.key(entry.getKey(), "entries[" + i + "].key");
            checks.value(entry.getValue(), "entries[" + i + "].value", table);
            total += entry.getKey().size() + entry.getValue().size();
        }
        checks.total(total);
        var write = new MultiWrite();
        for (int i = 0; i < request.getEntriesCount(); i++) {
            KeyValue entry = request.getEntries(i);
            long timeToLive =
                    entry.hasTimeToLiveMillis() ? entry.getTimeToLiveMillis() : table.defaultTimeToLiveMillis();
            write.add(
                    table.idOf(entry.getKey()),
                    Operations.set(entry.getKey(), entry.getValue(), timeToLive, Stamps.of(request.getHeader(), i)));
        }
        return write.run(partitions, checks.acknowledgement(request.getHeader()), call)
                .thenApply(done -> {
                    var response = MultiSetResponse.newBuilder()
                            .setHeader(routing.now().header(done.positions()));
                    done.answers().forEach(answer -> response.addWrites(written(answer, call)));
                    return response.build();
                });
    }

    CompletionStage<MultiDeleteResponse> delete(MultiDeleteRequest request, Call call) {
        TableRoutes table = checks.writable(request.getTable(), request.getHeader(), routing.now());
        checkKeys(request.getKeysList());
        var write = new MultiWrite();
        for (int i = 0; i < request.getKeysCount(); i++) {
            ByteString key = request.getKeys(i);
            write.add(table.idOf(key), Operations.delete(key, Stamps.of(request.getHeader(), i)));
        }
        return write.run(partitions, checks.acknowledgement(request.getHeader()), call)
                .thenApply(done -> {
                    var response = MultiDeleteResponse.newBuilder()
                            .setHeader(routing.now().header(done.positions()));
                    done.answers().forEach(answer -> response.addDeletes(deleted(answer, call)));
                    return response.build();
                });
    }

    private void checkKeys(List<ByteString> keys) {
        checks.count(keys.size(), "keys");
        long total = 0;
        for (int i = 0; i < keys.size(); i++) {
            checks.key(keys.get(i), "keys[" + i + "]");
            total += keys.get(i).size();
        }
        checks.total(total);
    }

    private static KeyWrite written(WriteAnswer answer, Call call) {
        var write = KeyWrite.newBuilder();
        tell(answer, call, outcome -> write.setVersion(outcome.getSet().getVersion()), write::setError);
        return write.build();
    }

    private static KeyDelete deleted(WriteAnswer answer, Call call) {
        var delete = KeyDelete.newBuilder();
        tell(answer, call, outcome -> delete.setExisted(outcome.getDelete().getExisted()), delete::setError);
        return delete.build();
    }

    /** Of a write that was only ordered there is nothing to tell. */
    private static void tell(WriteAnswer answer, Call call, Consumer<Outcome> done, Consumer<KeyError> failed) {
        if (answer instanceof WriteAnswer.Ordered) {
            return;
        }
        try {
            done.accept(Prepared.outcome(answer, call));
        } catch (RuntimeException failure) {
            failed.accept(ErrorTrailers.problem(failure).toKeyError());
        }
    }
}
