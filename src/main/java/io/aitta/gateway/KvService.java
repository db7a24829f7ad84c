package io.aitta.gateway;

import io.aitta.config.LimitSettings;
import io.aitta.partition.PartitionAccess;
import io.aitta.proto.v1.AppendRequest;
import io.aitta.proto.v1.AppendResponse;
import io.aitta.proto.v1.DeleteRequest;
import io.aitta.proto.v1.DeleteResponse;
import io.aitta.proto.v1.ExistsRequest;
import io.aitta.proto.v1.ExistsResponse;
import io.aitta.proto.v1.ExpireRequest;
import io.aitta.proto.v1.ExpireResponse;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.GetResponse;
import io.aitta.proto.v1.IncrementRequest;
import io.aitta.proto.v1.IncrementResponse;
import io.aitta.proto.v1.MultiDeleteRequest;
import io.aitta.proto.v1.MultiDeleteResponse;
import io.aitta.proto.v1.MultiGetRequest;
import io.aitta.proto.v1.MultiGetResponse;
import io.aitta.proto.v1.MultiSetRequest;
import io.aitta.proto.v1.MultiSetResponse;
import io.aitta.proto.v1.PersistRequest;
import io.aitta.proto.v1.PersistResponse;
import io.aitta.proto.v1.SetRequest;
import io.aitta.proto.v1.SetResponse;
import io.aitta.proto.v1.TimeToLiveRequest;
import io.aitta.proto.v1.TimeToLiveResponse;
import io.aitta.proto.v1.TransactionRequest;
import io.aitta.proto.v1.TransactionResponse;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * The Kv service: checks a request, finds its partition, hands it on, and puts the answer into the API's words. Keeps
 * nothing between requests. Methods throw, or fail their stage, with {@link ProblemException}; they run on the thread
 * that read the request, and answer on the one that completes the partition's work.
 *
 * <p>A request for one partition is first {@link Prepared}, by {@link Reads}, {@link Writes} or {@link Transactions}, and
 * then handed on: here by itself, elsewhere perhaps with others.
 */
final class KvService {
    private final PartitionAccess partitions;
    private final Reads reads;
    private final Writes writes;
    private final Transactions transactions;
    private final ManyKeys manyKeys;

    KvService(PartitionAccess partitions, TopologySource topology, LimitSettings limits) {
        var routing = new Routing(topology);
        var checks = new RequestChecks(limits);
        this.partitions = partitions;
        this.reads = new Reads(routing, checks);
        this.writes = new Writes(routing, checks);
        this.transactions = new Transactions(routing, checks);
        this.manyKeys = new ManyKeys(partitions, routing, checks, limits);
    }

    Reads reads() {
        return reads;
    }

    Writes writes() {
        return writes;
    }

    Transactions transactions() {
        return transactions;
    }

    CompletionStage<GetResponse> get(GetRequest request, Call call) {
        return read(reads.get(request), call);
    }

    CompletionStage<ExistsResponse> exists(ExistsRequest request, Call call) {
        return read(reads.exists(request), call);
    }

    CompletionStage<TimeToLiveResponse> timeToLive(TimeToLiveRequest request, Call call) {
        return read(reads.timeToLive(request), call);
    }

    CompletionStage<SetResponse> set(SetRequest request, Call call) {
        return write(writes.set(request), call);
    }

    CompletionStage<DeleteResponse> delete(DeleteRequest request, Call call) {
        return write(writes.delete(request), call);
    }

    CompletionStage<AppendResponse> append(AppendRequest request, Call call) {
        return write(writes.append(request), call);
    }

    CompletionStage<IncrementResponse> increment(IncrementRequest request, Call call) {
        return write(writes.increment(request), call);
    }

    CompletionStage<ExpireResponse> expire(ExpireRequest request, Call call) {
        return write(writes.expire(request), call);
    }

    CompletionStage<PersistResponse> persist(PersistRequest request, Call call) {
        return write(writes.persist(request), call);
    }

    CompletionStage<MultiGetResponse> multiGet(MultiGetRequest request, Call call) {
        return manyKeys.get(request, call);
    }

    CompletionStage<MultiSetResponse> multiSet(MultiSetRequest request, Call call) {
        return manyKeys.set(request, call);
    }

    CompletionStage<MultiDeleteResponse> multiDelete(MultiDeleteRequest request, Call call) {
        return manyKeys.delete(request, call);
    }

    CompletionStage<TransactionResponse> transaction(TransactionRequest request, Call call) {
        return write(transactions.prepare(request), call);
    }

    private <R> CompletionStage<R> read(Prepared.Read<R> read, Call call) {
        call.facts().isRead(read.target().partition(), read.key());
        return partitions
                .read(read.target().partition(), List.of(read.key()), read.level(), call.deadlineNanos())
                .thenApply(answer -> read.response(answer, 0));
    }

    private <R> CompletionStage<R> write(Prepared.Write<R> write, Call call) {
        call.facts().isWrite(write.target().partition(), write.operation());
        return partitions
                .write(write.target().partition(), write.operation(), write.acknowledgement(), call.deadlineNanos())
                .thenApply(answer -> {
                    call.facts().tookAs(answer);
                    return write.response(answer, call);
                });
    }
}
