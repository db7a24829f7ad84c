package io.aitta.store;

import com.google.protobuf.ByteString;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Batches;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.Operations;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * How long clients' batches take to be applied while expired keys are removed, beside the same without. Run it by hand:
 * {@code java ... io.aitta.store.ExpiryBench DIRECTORY [KEYS]}, where the directory is empty and KEYS is 1,000,000 if not
 * given.
 */
final class ExpiryBench {
    private static final int KEYS_AT_ONCE = 200;
    private static final int BATCHES_BETWEEN = 4;
    private static final long EXPIRED = 1_000_000;

    private final ReplicaStore replica;
    private final Random random = new Random(1);

    private ExpiryBench(ReplicaStore replica) {
        this.replica = replica;
    }

    public static void main(String[] arguments) {
        int keys = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000_000;
        try (var store = RocksStore.open(Path.of(arguments[0]), 64 << 20, 64 << 20)) {
            new ExpiryBench(store.replica(new PartitionId("bench", 1, 0))).run(keys);
        }
    }

    private void run(int keys) {
        for (int i = 0; i < keys; i += 1000) {
            var sets = new ArrayList<byte[]>();
            for (int j = i; j < Math.min(keys, i + 1000); j++) {
                sets.add(Operations.set(key("expiring-" + j), value(), 1 + j % 1000, null));
            }
            apply(1, sets);
        }
        int batches = keys / KEYS_AT_ONCE * BATCHES_BETWEEN;
        print("without expiry", clientBatches(batches));
        var removals = new ArrayList<Long>();
        var beside = new ArrayList<Long>();
        int left = keys;
        while (left > 0) {
            removals.add(apply(EXPIRED, List.of(Operations.removeExpired(KEYS_AT_ONCE))));
            left -= KEYS_AT_ONCE;
            beside.addAll(clientBatches(BATCHES_BETWEEN));
        }
        print("beside expiry ", beside);
        print("removals      ", removals);
        System.out.println("next to expire: " + replica.nextExpiryMillis() + ", left: "
                + replica.estimate(KeySpan.ofPrefix(key("expiring-")), EXPIRED));
    }

    private List<Long> clientBatches(int count) {
        var nanos = new ArrayList<Long>();
        for (int i = 0; i < count; i++) {
            var sets = new ArrayList<byte[]>();
            for (int j = 0; j < 64; j++) {
                sets.add(Operations.set(key("client-" + random.nextInt(100_000)), value(), 0, null));
            }
            nanos.add(apply(EXPIRED, sets));
        }
        return nanos;
    }

    private long apply(long atMillis, List<byte[]> operations) {
        var batch = Batches.encode(atMillis, operations);
        long begin = System.nanoTime();
        replica.apply(replica.mark().getAppliedIndex() + 1, 1, batch);
        return System.nanoTime() - begin;
    }

    private ByteString value() {
        var value = new byte[100];
        random.nextBytes(value);
        return ByteString.copyFrom(value);
    }

    private static ByteString key(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static void print(String what, List<Long> nanos) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        System.out.printf(
                "%s: %,d applied, us: p50 %,d  p90 %,d  p99 %,d  p99.9 %,d  max %,d%n",
                what,
                sorted.length,
                at(sorted, 0.5),
                at(sorted, 0.9),
                at(sorted, 0.99),
                at(sorted, 0.999),
                at(sorted, 1));
    }

    private static long at(long[] sorted, double share) {
        return sorted[(int) Math.min(sorted.length - 1, Math.floor(share * sorted.length))] / 1000;
    }
}
