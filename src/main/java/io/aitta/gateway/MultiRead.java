package io.aitta.gateway;

import com.google.protobuf.ByteString;
import io.aitta.core.hash.KeyHash;
import io.aitta.core.kv.Value;
import io.aitta.gateway.RoutingTable.TableRoutes;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.PartitionAccess.ReadAnswer;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.proto.v1.KeyRead;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One MultiGet under way: one read for each partition, all at once; the keys of a partition that cannot be read say so
 * one by one, and the others are answered. Values beyond what one answer may hold are left out and said to be.
 */
final class MultiRead {
    private final List<ByteString> keys;
    private final TableRoutes table;
    private final int maxBytes;
    private final KeyRead[] reads;
    private final AtomicLong bytes = new AtomicLong();

    MultiRead(List<ByteString> keys, TableRoutes table, int maxBytes) {
        this.keys = keys;
        this.table = table;
        this.maxBytes = maxBytes;
        this.reads = new KeyRead[keys.size()];
    }

    /** @return one for each key, in their order */
    CompletionStage<List<KeyRead>> run(PartitionAccess partitions, ReadLevel level, Call call) {
        Map<Integer, Share> shares = new TreeMap<>();
        for (int i = 0; i < keys.size(); i++) {
            byte[] key = keys.get(i).toByteArray();
            shares.computeIfAbsent(KeyHash.partitionOf(key, table.partitions()), partition -> new Share())
                    .add(i, key);
        }
        var all = new CompletableFuture<List<KeyRead>>();
        if (shares.isEmpty()) {
            all.complete(List.of());
        }
        var missing = new AtomicInteger(shares.size());
        shares.forEach((partition, share) -> partitions
                .read(table.id(partition), share.keys, level, call.deadlineNanos())
                .whenComplete((answer, failure) -> {
                    try {
                        share.fill(answer, failure);
                    } catch (RuntimeException fault) {
                        all.completeExceptionally(fault);
                    }
                    // The last one sees what the others wrote: they have counted down after writing.
                    if (missing.decrementAndGet() == 0) {
                        all.complete(Arrays.asList(reads));
                    }
                }));
        return all;
    }

    /** The keys of one partition, and where in the request they stood. */
    private final class Share {
        private final List<Integer> positions = new ArrayList<>();
        private final List<byte[]> keys = new ArrayList<>();

        void add(int position, byte[] key) {
            positions.add(position);
            keys.add(key);
        }

        void fill(ReadAnswer answer, Throwable failure) {
            if (answer instanceof ReadAnswer.Values values) {
                for (int i = 0; i < positions.size(); i++) {
                    reads[positions.get(i)] =
                            values.values().get(i).map(this::found).orElse(KeyRead.getDefaultInstance());
                }
                return;
            }
            Problem problem = answer instanceof ReadAnswer.Refused refused
                    ? KvService.problem(refused.refusal())
                    : ErrorTrailers.problem(failure);
            KeyRead failed = KeyRead.newBuilder().setError(problem.toKeyError()).build();
            positions.forEach(position -> reads[position] = failed);
        }

        private KeyRead found(Value value) {
            if (bytes.addAndGet(value.bytes().length) > maxBytes) {
                String message = "the values are more than aitta.limits.response-bytes = " + maxBytes
                        + "; ask for fewer keys at a time";
                return KeyRead.newBuilder()
                        .setError(Problem.of(ErrorReason.RESPONSE_TOO_LARGE, message)
                                .toKeyError())
                        .build();
            }
            return KeyRead.newBuilder()
                    .setFound(true)
                    .setValue(ByteString.copyFrom(value.bytes()))
                    .setVersion(value.version())
                    .build();
        }
    }
}
