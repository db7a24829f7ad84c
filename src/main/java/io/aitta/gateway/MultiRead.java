package io.aitta.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Value;
import io.aitta.gateway.RoutingTable.TableRoutes;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.PartitionAccess.ReadAnswer;
import io.aitta.proto.v1.KeyRead;
import io.aitta.proto.v1.Position;
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
 * One MultiGet under way: all partitions are read at once; the keys of a partition that cannot be read say so one by
 * one, and the others are answered. Values beyond what one answer may hold are left out and said to be. Of many keys of
 * one partition {@value #KEYS_AT_ONCE} are read at a time, so that no more of them are read once the answer is full.
 */
final class MultiRead {
    private static final int KEYS_AT_ONCE = 64;

    private final TableRoutes table;
    private final int maxBytes;
    private final KeyRead[] reads;
    private final Map<Integer, Share> shares = new TreeMap<>();
    private final CompletableFuture<Done> all = new CompletableFuture<>();
    private final AtomicInteger missing;
    private final AtomicLong bytes = new AtomicLong();

    MultiRead(List<ByteString> keys, TableRoutes table, int maxBytes) {
        this.table = table;
        this.maxBytes = maxBytes;
        this.reads = new KeyRead[keys.size()];
        for (int i = 0; i < keys.size(); i++) {
            PartitionId partition = table.idOf(keys.get(i));
            shares.computeIfAbsent(partition.partition(), unused -> new Share(partition))
                    .add(i, keys.get(i).toByteArray());
        }
        this.missing = new AtomicInteger(shares.size());
    }

    /**
     * What became of all.
     *
     * @param reads one for each key, in their order
     * @param positions where those partitions stood that were read
     */
    record Done(List<KeyRead> reads, List<Position> positions) {}

    CompletionStage<Done> run(PartitionAccess partitions, ReadFreshness freshness, Call call) {
        if (shares.isEmpty()) {
            all.complete(new Done(List.of(), List.of()));
        }
        shares.values().forEach(share -> share.goOn(partitions, freshness, call));
        return all;
    }

    private void shareDone() {
        // The last one sees what the others wrote: they have counted down after writing.
        if (missing.decrementAndGet() == 0) {
            List<Position> positions = new ArrayList<>(shares.size());
            shares.values().stream()
                    .filter(share -> share.wasRead)
                    .forEach(share -> positions.add(RoutingTable.position(share.partition, share.index)));
            all.complete(new Done(Arrays.asList(reads), positions));
        }
    }

    /** The keys of one partition, and where in the request they stood. Used by one thread at a time. */
    private final class Share {
        private final PartitionId partition;
        private final List<Integer> positions = new ArrayList<>();
        private final List<byte[]> keys = new ArrayList<>();
        private int next;
        private boolean wasRead;
        private long index;

        Share(PartitionId partition) {
            this.partition = partition;
        }

        void add(int position, byte[] key) {
            positions.add(position);
            keys.add(key);
        }

        /** Reads the next keys, and those after them. A loop, as a read may be answered at once, many times over. */
        void goOn(PartitionAccess partitions, ReadFreshness freshness, Call call) {
            while (next < keys.size() && bytes.get() <= maxBytes) {
                var some = keys.subList(next, Math.min(next + KEYS_AT_ONCE, keys.size()));
                var answer = partitions
                        .read(partition, some, freshness.of(partition.partition()), call.deadlineNanos())
                        .toCompletableFuture();
                if (!answer.isDone()) {
                    answer.whenComplete((read, fault) -> resume(answer, partitions, freshness, call));
                    return;
                }
                fill(answer.join());
            }
            while (next < keys.size()) {
                reads[positions.get(next++)] = tooLarge();
            }
            shareDone();
        }

        private void resume(
                CompletableFuture<ReadAnswer> answer, PartitionAccess partitions, ReadFreshness freshness, Call call) {
            try {
                fill(answer.join());
                goOn(partitions, freshness, call);
            } catch (RuntimeException fault) {
                all.completeExceptionally(fault);
            }
        }

        /** What one read gave; if it was refused, the rest of the partition's keys are given up. */
        private void fill(ReadAnswer answer) {
            if (answer instanceof ReadAnswer.Refused refused) {
                var problem = Prepared.problem(refused.refusal());
                KeyRead failed =
                        KeyRead.newBuilder().setError(problem.toKeyError()).build();
                while (next < keys.size()) {
                    reads[positions.get(next++)] = failed;
                }
                return;
            }
            var values = (ReadAnswer.Values) answer;
            wasRead = true;
            index = Math.max(index, values.index());
            values.values()
                    .forEach(value -> reads[positions.get(next++)] =
                            value.map(MultiRead.this::found).orElse(KeyRead.getDefaultInstance()));
        }
    }

    private KeyRead found(Value value) {
        if (bytes.addAndGet(value.bytes().length) > maxBytes) {
            return tooLarge();
        }
        var read = KeyRead.newBuilder()
                .setFound(true)
                .setValue(UnsafeByteOperations.unsafeWrap(value.bytes()))
                .setVersion(value.version());
        Times.remainingMillis(value.expiresAtMillis()).ifPresent(read::setRemainingMillis);
        return read.build();
    }

    private KeyRead tooLarge() {
        String message =
                "the values are more than aitta.limits.response-bytes = " + maxBytes + "; ask for fewer keys at a time";
        return KeyRead.newBuilder()
                .setError(Problem.of(ErrorReason.RESPONSE_TOO_LARGE, message).toKeyError())
                .build();
    }
}
