package io.aitta.gateway;

import com.google.protobuf.ByteString;
import io.aitta.core.hash.KeyHash;
import io.aitta.core.kv.Operations;
import io.aitta.gateway.RoutingTable.TableRoutes;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.proto.v1.KeyValue;
import io.aitta.proto.v1.KeyWrite;
import io.aitta.proto.v1.MultiSetRequest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One MultiSet under way: a write for each entry, all at once, each with its own outcome. A key that stands in it twice
 * is written twice, one after the other, so that the last one holds; if the first one's outcome is unknown, the second
 * is held back, as the first might still come after it.
 */
final class MultiWrite {
    private final MultiSetRequest request;
    private final TableRoutes table;
    private final KeyWrite[] writes;

    MultiWrite(MultiSetRequest request, TableRoutes table) {
        this.request = request;
        this.table = table;
        this.writes = new KeyWrite[request.getEntriesCount()];
    }

    /** @return one for each entry, in their order */
    CompletionStage<List<KeyWrite>> run(PartitionAccess partitions, Call call) {
        var all = new CompletableFuture<List<KeyWrite>>();
        if (writes.length == 0) {
            all.complete(List.of());
        }
        var missing = new AtomicInteger(writes.length);
        Map<ByteString, CompletionStage<WriteAnswer>> earlier = new HashMap<>();
        for (int i = 0; i < writes.length; i++) {
            int position = i;
            ByteString key = request.getEntries(i).getKey();
            CompletionStage<WriteAnswer> before = earlier.get(key);
            CompletionStage<WriteAnswer> write =
                    before == null ? write(i, partitions, call) : after(before, i, partitions, call);
            earlier.put(key, write);
            write.whenComplete((answer, failure) -> {
                writes[position] = outcome(answer, failure, call);
                // The last one sees what the others wrote: they have counted down after writing.
                if (missing.decrementAndGet() == 0) {
                    all.complete(Arrays.asList(writes));
                }
            });
        }
        return all;
    }

    private CompletionStage<WriteAnswer> after(
            CompletionStage<WriteAnswer> before, int position, PartitionAccess partitions, Call call) {
        return before.thenCompose(answer -> {
            if (answer instanceof WriteAnswer.Unknown) {
                throw Problem.of(
                                ErrorReason.EARLIER_WRITE_UNKNOWN,
                                "an earlier entry with this key has an unknown outcome, so this one was not begun")
                        .asException();
            }
            return write(position, partitions, call);
        });
    }

    private CompletionStage<WriteAnswer> write(int position, PartitionAccess partitions, Call call) {
        KeyValue entry = request.getEntries(position);
        byte[] operation = Operations.set(entry.getKey(), entry.getValue(), Stamps.of(request.getHeader(), position));
        int partition = KeyHash.partitionOf(entry.getKey().toByteArray(), table.partitions());
        return partitions.write(
                table.id(partition), operation, PartitionAccess.Acknowledgement.QUORUM, call.deadlineNanos());
    }

    private static KeyWrite outcome(WriteAnswer answer, Throwable failure, Call call) {
        Throwable problem = failure;
        if (problem == null) {
            try {
                return KeyWrite.newBuilder()
                        .setVersion(KvService.outcome(answer, call).getSet().getVersion())
                        .build();
            } catch (RuntimeException refused) {
                problem = refused;
            }
        }
        return KeyWrite.newBuilder()
                .setError(ErrorTrailers.problem(problem).toKeyError())
                .build();
    }
}
