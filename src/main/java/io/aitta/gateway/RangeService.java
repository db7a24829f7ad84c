package io.aitta.gateway;

import io.aitta.config.LimitSettings;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.Operations;
import io.aitta.gateway.RoutingTable.TableRoutes;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.PartitionAccess.CountAnswer;
import io.aitta.proto.v1.CountRequest;
import io.aitta.proto.v1.CountResponse;
import io.aitta.proto.v1.DeleteRangeRequest;
import io.aitta.proto.v1.DeleteRangeResponse;
import io.aitta.proto.v1.FlushRequest;
import io.aitta.proto.v1.FlushResponse;
import io.aitta.proto.v1.Position;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.ResponseHeader;
import io.aitta.store.ReplicaStore.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What concerns whole ranges of keys but does not give them out: removals and counts. Of all partitions at once; keys with
 * one hash tag are looked for in theirs.
 */
final class RangeService {
    private final PartitionAccess partitions;
    private final Routing routing;
    private final LimitSettings limits;
    private final RequestChecks checks;

    RangeService(PartitionAccess partitions, TopologySource topology, LimitSettings limits) {
        this.partitions = partitions;
        this.routing = new Routing(topology);
        this.limits = limits;
        this.checks = new RequestChecks(limits);
    }

    CompletionStage<DeleteRangeResponse> deleteRange(DeleteRangeRequest request, Call call) {
        TableRoutes table = checks.writable(request.getTable(), request.getHeader(), routing.now());
        if (RangePart.isWhole(request.getRange())) {
            throw RangePart.bad("range", "an empty range is the whole table; use Flush to remove all of its keys");
        }
        RangePart part = RangePart.of(request.getRange(), table, limits);
        if (part.tag() != null) {
            var acknowledgement = checks.acknowledgement(request.getHeader());
            return new TagRemoval(partitions, table.id(part.first()), part, acknowledgement, call)
                    .run()
                    .thenApply(position -> DeleteRangeResponse.newBuilder()
                            .setHeader(routing.now().header(List.of(position)))
                            .build());
        }
        return remove(part.span(), table, part.first(), part.last(), request.getHeader(), call)
                .thenApply(header ->
                        DeleteRangeResponse.newBuilder().setHeader(header).build());
    }

    CompletionStage<FlushResponse> flush(FlushRequest request, Call call) {
        TableRoutes table = checks.writable(request.getTable(), request.getHeader(), routing.now());
        return remove(KeySpan.ALL, table, 0, table.partitions() - 1, request.getHeader(), call)
                .thenApply(
                        header -> FlushResponse.newBuilder().setHeader(header).build());
    }

    CompletionStage<CountResponse> count(CountRequest request, Call call) {
        TableRoutes table = routing.now().table(request.getTable());
        RangePart part = RangePart.of(request.getRange(), table, limits);
        var freshness =
                ReadFreshness.of(request.getConsistency(), request.getMaxStalenessMillis(), request.getHeader(), table);
        if (part.tag() != null) {
            return countTagged(table.id(part.first()), part, freshness, call);
        }
        var counts = new ArrayList<CompletableFuture<CountAnswer>>();
        for (int partition = part.first(); partition <= part.last(); partition++) {
            counts.add(partitions
                    .count(table.id(partition), part.span(), freshness.of(partition), call.deadlineNanos())
                    .toCompletableFuture());
        }
        return CompletableFuture.allOf(counts.toArray(CompletableFuture[]::new)).thenApply(all -> {
            var response = CountResponse.newBuilder().setExact(true);
            var positions = new ArrayList<Position>();
            for (int i = 0; i < counts.size(); i++) {
                var counted = counted(counts.get(i).join());
                positions.add(RoutingTable.position(table.id(part.first() + i), counted.index()));
                response.setKeys(response.getKeys() + counted.estimate().keys())
                        .setBytes(response.getBytes() + counted.estimate().bytes())
                        .setExact(response.getExact() && counted.estimate().exact());
            }
            return response.setHeader(routing.now().header(positions)).build();
        });
    }

    /** There is nothing to estimate by, so they are looked at one by one. */
    private CompletionStage<CountResponse> countTagged(
            PartitionId partition, RangePart part, ReadFreshness freshness, Call call) {
        var response = CountResponse.newBuilder().setExact(true);
        var level = freshness.of(partition.partition());
        return new TagWalk(partitions, partition, part, level, false, call, rows -> {
                    for (Row row : rows) {
                        response.setKeys(response.getKeys() + 1)
                                .setBytes(response.getBytes()
                                        + row.key().size()
                                        + row.value().bytes().length);
                    }
                    return CompletableFuture.completedFuture(null);
                })
                .run()
                .thenApply(index -> response.setHeader(
                                routing.now().header(List.of(RoutingTable.position(partition, index))))
                        .build());
    }

    private static CountAnswer.Counted counted(CountAnswer answer) {
        if (answer instanceof CountAnswer.Refused refused) {
            throw Prepared.problem(refused.refusal()).asException();
        }
        return (CountAnswer.Counted) answer;
    }

    private CompletionStage<ResponseHeader> remove(
            KeySpan span, TableRoutes table, int first, int last, RequestHeader header, Call call) {
        var acknowledgement = checks.acknowledgement(header);
        var removal = new RangeRemoval(table, first, last);
        for (int partition = first; partition <= last; partition++) {
            byte[] operation = Operations.deleteRange(span, Stamps.of(header, partition));
            removal.begin(
                    partition,
                    partitions.write(table.id(partition), operation, acknowledgement, call.deadlineNanos()),
                    call);
        }
        return removal.done().thenApply(positions -> routing.now().header(positions));
    }
}
