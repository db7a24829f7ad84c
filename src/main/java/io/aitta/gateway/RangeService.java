package io.aitta.gateway;

import io.aitta.config.LimitSettings;
import io.aitta.core.kv.KeySpan;
import io.aitta.gateway.RoutingTable.TableRoutes;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.PartitionAccess.Acknowledgement;
import io.aitta.partition.PartitionAccess.CountAnswer;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.proto.record.v1.DeleteRangeOperation;
import io.aitta.proto.record.v1.Operation;
import io.aitta.proto.v1.CountRequest;
import io.aitta.proto.v1.CountResponse;
import io.aitta.proto.v1.DeleteRangeRequest;
import io.aitta.proto.v1.DeleteRangeResponse;
import io.aitta.proto.v1.FlushRequest;
import io.aitta.proto.v1.FlushResponse;
import io.aitta.proto.v1.Position;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.ResponseHeader;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What concerns whole ranges of keys but does not give them out: removals and counts. All partitions at once. */
final class RangeService {
    private final PartitionAccess partitions;
    private final TopologySource topology;
    private final LimitSettings limits;
    private final RequestChecks checks;

    RangeService(PartitionAccess partitions, TopologySource topology, LimitSettings limits) {
        this.partitions = partitions;
        this.topology = topology;
        this.limits = limits;
        this.checks = new RequestChecks(limits);
    }

    CompletionStage<DeleteRangeResponse> deleteRange(DeleteRangeRequest request, Call call) {
        TableRoutes table = writable(request.getTable(), request.getHeader());
        if (RangePart.isWhole(request.getRange())) {
            throw RangePart.bad("range", "an empty range is the whole table; use Flush to remove all of its keys");
        }
        RangePart part = RangePart.of(request.getRange(), table, limits);
        if (part.tag() != null) {
            throw RangePart.bad(
                    "range.tag",
                    "keys with one hash tag do not stand together, so they cannot be removed as a range; scan them by"
                            + " the tag and delete them, or give a prefix that contains the tag");
        }
        return remove(part.span(), table, part.first(), part.last(), request.getHeader(), call)
                .thenApply(header ->
                        DeleteRangeResponse.newBuilder().setHeader(header).build());
    }

    CompletionStage<FlushResponse> flush(FlushRequest request, Call call) {
        TableRoutes table = writable(request.getTable(), request.getHeader());
        return remove(KeySpan.ALL, table, 0, table.partitions() - 1, request.getHeader(), call)
                .thenApply(header ->
                        FlushResponse.newBuilder().setHeader(header).build());
    }

    CompletionStage<CountResponse> count(CountRequest request, Call call) {
        TableRoutes table = routing().table(request.getTable());
        RangePart part = RangePart.of(request.getRange(), table, limits);
        if (part.tag() != null) {
            throw RangePart.bad(
                    "range.tag",
                    "keys with one hash tag do not stand together, so they cannot be counted as a range; scan them by"
                            + " the tag with keys_only, or give a prefix that contains the tag");
        }
        var counts = new ArrayList<CompletableFuture<CountAnswer>>();
        for (int partition = part.first(); partition <= part.last(); partition++) {
            counts.add(partitions
                    .count(table.id(partition), part.span(), ReadLevel.STRONG, call.deadlineNanos())
                    .toCompletableFuture());
        }
        return CompletableFuture.allOf(counts.toArray(CompletableFuture[]::new))
                .thenApply(all -> {
                    var response = CountResponse.newBuilder().setExact(true);
                    var header = routing().header().toBuilder();
                    for (int i = 0; i < counts.size(); i++) {
                        add(counts.get(i).join(), table, part.first() + i, response, header);
                    }
                    return response.setHeader(header).build();
                });
    }

    private static void add(
            CountAnswer answer,
            TableRoutes table,
            int partition,
            CountResponse.Builder response,
            ResponseHeader.Builder header) {
        if (answer instanceof CountAnswer.Refused refused) {
            throw KvService.problem(refused.refusal()).asException();
        }
        var counted = (CountAnswer.Counted) answer;
        response.setKeys(response.getKeys() + counted.estimate().keys())
                .setBytes(response.getBytes() + counted.estimate().bytes())
                .setExact(response.getExact() && counted.estimate().exact());
        header.addPositions(Position.newBuilder()
                .setPartition(partition)
                .setIndex(counted.index())
                .setTableEpoch(table.id(partition).tableEpoch()));
    }

    private CompletionStage<ResponseHeader> remove(
            KeySpan span, TableRoutes table, int first, int last, RequestHeader header, Call call) {
        var removal = new RangeRemoval(table, first, last);
        for (int partition = first; partition <= last; partition++) {
            var operation = Operation.newBuilder()
                    .setDeleteRange(
                            DeleteRangeOperation.newBuilder().setFrom(span.from()).setTo(span.to()));
            var stamp = Stamps.of(header, partition);
            if (stamp != null) {
                operation.setSession(stamp);
            }
            removal.begin(
                    partition,
                    partitions.write(
                            table.id(partition),
                            operation.build().toByteArray(),
                            Acknowledgement.QUORUM,
                            call.deadlineNanos()),
                    call);
        }
        return removal.done().thenApply(positions -> routing().header().toBuilder()
                .addAllPositions(positions)
                .build());
    }

    private TableRoutes writable(String name, RequestHeader header) {
        checks.writable(name);
        TableRoutes table = routing().table(name);
        checks.session(header);
        return table;
    }

    private RoutingTable routing() {
        return new RoutingTable(topology.current());
    }
}
