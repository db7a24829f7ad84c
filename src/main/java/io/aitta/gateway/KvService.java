package io.aitta.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.config.LimitSettings;
import io.aitta.core.hash.KeyHash;
import io.aitta.core.kv.Operations;
import io.aitta.core.kv.Value;
import io.aitta.gateway.RoutingTable.TableRoutes;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.PartitionAccess.ReadAnswer;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Refusal;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.v1.DeleteRequest;
import io.aitta.proto.v1.DeleteResponse;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.GetResponse;
import io.aitta.proto.v1.MultiGetRequest;
import io.aitta.proto.v1.MultiGetResponse;
import io.aitta.proto.v1.MultiSetRequest;
import io.aitta.proto.v1.MultiSetResponse;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.SetRequest;
import io.aitta.proto.v1.SetResponse;
import io.aitta.proto.v1.Topology;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The Kv service: checks a request, finds its partition, hands it on, and puts the answer into the API's words. Keeps
 * nothing between requests. Methods throw, or fail their stage, with {@link ProblemException}; they run on the thread
 * that read the request, and answer on the one that completes the partition's work.
 */
final class KvService {
    private final PartitionAccess partitions;
    private final TopologySource topology;
    private final RequestChecks checks;
    private final LimitSettings limits;
    private volatile RoutingTable routing;

    KvService(PartitionAccess partitions, TopologySource topology, LimitSettings limits) {
        this.partitions = partitions;
        this.topology = topology;
        this.checks = new RequestChecks(limits);
        this.limits = limits;
        this.routing = new RoutingTable(topology.current());
    }

    CompletionStage<GetResponse> get(GetRequest request, Call call) {
        TableRoutes table = routing().table(request.getTable());
        checks.key(request.getKey(), "key");
        ReadLevel level = level(request.getConsistency());
        byte[] key = request.getKey().toByteArray();
        int partition = KeyHash.partitionOf(key, table.partitions());
        return partitions
                .read(table.id(partition), List.of(key), level, call.deadlineNanos())
                .thenApply(answer -> {
                    var response = GetResponse.newBuilder()
                            .setHeader(routing().header(epoch(request.getHeader()), table, partition));
                    value(answer).ifPresent(value -> response.setFound(true)
                            .setValue(ByteString.copyFrom(value.bytes()))
                            .setVersion(value.version()));
                    return response.build();
                });
    }

    CompletionStage<SetResponse> set(SetRequest request, Call call) {
        TableRoutes table = writable(request.getTable(), request.getHeader());
        checks.key(request.getKey(), "key");
        checks.value(request.getValue(), "value");
        byte[] operation = Operations.set(request.getKey(), request.getValue(), Stamps.of(request.getHeader(), 0));
        int partition = KeyHash.partitionOf(request.getKey().toByteArray(), table.partitions());
        return partitions
                .write(table.id(partition), operation, PartitionAccess.Acknowledgement.QUORUM, call.deadlineNanos())
                .thenApply(answer -> SetResponse.newBuilder()
                        .setHeader(routing().header(epoch(request.getHeader()), table, partition))
                        .setVersion(outcome(answer, call).getSet().getVersion())
                        .build());
    }

    CompletionStage<DeleteResponse> delete(DeleteRequest request, Call call) {
        TableRoutes table = writable(request.getTable(), request.getHeader());
        checks.key(request.getKey(), "key");
        byte[] operation = Operations.delete(request.getKey(), Stamps.of(request.getHeader(), 0));
        int partition = KeyHash.partitionOf(request.getKey().toByteArray(), table.partitions());
        return partitions
                .write(table.id(partition), operation, PartitionAccess.Acknowledgement.QUORUM, call.deadlineNanos())
                .thenApply(answer -> DeleteResponse.newBuilder()
                        .setHeader(routing().header(epoch(request.getHeader()), table, partition))
                        .setExisted(outcome(answer, call).getDelete().getExisted())
                        .build());
    }

    CompletionStage<MultiGetResponse> multiGet(MultiGetRequest request, Call call) {
        TableRoutes table = routing().table(request.getTable());
        ReadLevel level = level(request.getConsistency());
        checks.count(request.getKeysCount(), "keys");
        long total = 0;
        for (int i = 0; i < request.getKeysCount(); i++) {
            checks.key(request.getKeys(i), "keys[" + i + "]");
            total += request.getKeys(i).size();
        }
        checks.total(total);
        return new MultiRead(request.getKeysList(), table, limits.responseBytes())
                .run(partitions, level, call)
                .thenApply(reads -> MultiGetResponse.newBuilder()
                        .setHeader(routing().header())
                        .addAllReads(reads)
                        .build());
    }

    CompletionStage<MultiSetResponse> multiSet(MultiSetRequest request, Call call) {
        TableRoutes table = writable(request.getTable(), request.getHeader());
        checks.count(request.getEntriesCount(), "entries");
        long total = 0;
        for (int i = 0; i < request.getEntriesCount(); i++) {
            var entry = request.getEntries(i);
            checks.key(entry.getKey(), "entries[" + i + "].key");
            checks.value(entry.getValue(), "entries[" + i + "].value");
            total += entry.getKey().size() + entry.getValue().size();
        }
        checks.total(total);
        return new MultiWrite(request, table).run(partitions, call).thenApply(writes -> MultiSetResponse.newBuilder()
                .setHeader(routing().header())
                .addAllWrites(writes)
                .build());
    }

    /**
     * What a write came to.
     *
     * @throws ProblemException if it was refused, here or when applied, or nobody knows
     */
    static Outcome outcome(WriteAnswer answer, Call call) {
        if (answer instanceof WriteAnswer.Refused refused) {
            throw problem(refused.refusal()).asException();
        }
        if (answer instanceof WriteAnswer.Unknown unknown) {
            throw Problem.outcomeUnknown(unknown.message(), call.isExpired()).asException();
        }
        Outcome outcome;
        try {
            outcome = Outcome.parseFrom(((WriteAnswer.Done) answer).outcome());
        } catch (InvalidProtocolBufferException damaged) {
            throw new IllegalStateException("an outcome does not decode", damaged);
        }
        if (outcome.hasRefused()) {
            throw Problem.refusedByReplica(outcome.getRefused()).asException();
        }
        return outcome;
    }

    /** The same in the API's words. */
    static Problem problem(Refusal refusal) {
        return Problem.of(ErrorReason.valueOf(refusal.reason().name()), refusal.message());
    }

    private static Optional<Value> value(ReadAnswer answer) {
        if (answer instanceof ReadAnswer.Refused refused) {
            throw problem(refused.refusal()).asException();
        }
        return ((ReadAnswer.Values) answer).values().get(0);
    }

    private TableRoutes writable(String name, RequestHeader header) {
        checks.writable(name);
        TableRoutes table = routing().table(name);
        checks.session(header);
        return table;
    }

    private static long epoch(RequestHeader header) {
        return header.getEpoch();
    }

    private static ReadLevel level(ReadConsistency consistency) {
        return switch (consistency) {
            case READ_CONSISTENCY_UNSPECIFIED, STRONG -> ReadLevel.STRONG;
            case EVENTUAL, SESSION -> ReadLevel.EVENTUAL;
            case UNRECOGNIZED ->
                throw Problem.inField(
                                ErrorReason.BAD_CONSISTENCY, "consistency", "this node knows STRONG and EVENTUAL only")
                        .asException();
        };
    }

    /** Two threads may make the same table at once; that costs a little and harms nothing. */
    private RoutingTable routing() {
        Topology current = topology.current();
        RoutingTable known = routing;
        if (!known.isOf(current)) {
            known = new RoutingTable(current);
            routing = known;
        }
        return known;
    }
}
