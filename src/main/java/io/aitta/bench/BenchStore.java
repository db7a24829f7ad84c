package io.aitta.bench;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaException;
import io.aitta.client.AittaTable;
import io.aitta.client.Condition;
import io.aitta.client.KeyRange;
import io.aitta.client.ReadOutcome;
import io.aitta.client.Scan;
import io.aitta.client.ScanOptions;
import io.aitta.client.SetOptions;
import io.aitta.client.SetResult;
import io.aitta.client.VersionedValue;
import io.aitta.client.WriteOutcome;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** What is measured, as narrow as the workloads need it. Stages fail with an {@link AittaException}, as those of a table. */
public interface BenchStore {
    CompletionStage<Optional<VersionedValue>> get(ByteString key);

    /** The stage's value does not matter. */
    CompletionStage<?> set(ByteString key, ByteString value);

    /** @return whether the key had this version, so that it was written */
    CompletionStage<Boolean> setIfVersion(ByteString key, ByteString value, long version);

    /**
     * Reads entries from a key on, in the order of a partition.
     *
     * @return how many there were
     */
    CompletionStage<Integer> scan(ByteString from, int limit);

    CompletionStage<List<ReadOutcome>> multiGet(List<ByteString> keys);

    CompletionStage<List<WriteOutcome>> multiSet(List<Map.Entry<ByteString, ByteString>> entries);

    /** A table, by calls that are as its view makes them. */
    static BenchStore of(AittaTable table) {
        return new BenchStore() {
            @Override
            public CompletionStage<Optional<VersionedValue>> get(ByteString key) {
                return table.get(key);
            }

            @Override
            public CompletionStage<?> set(ByteString key, ByteString value) {
                return table.set(key, value);
            }

            @Override
            public CompletionStage<Boolean> setIfVersion(ByteString key, ByteString value, long version) {
                return table.set(key, value, SetOptions.DEFAULT.onlyIf(Condition.hasVersion(version)))
                        .thenApply(SetResult::applied);
            }

            @Override
            public CompletionStage<Integer> scan(ByteString from, int limit) {
                return more(table.scan(KeyRange.between(from, ByteString.EMPTY), ScanOptions.DEFAULT.limit(limit)), 0);
            }

            /** Pages may be smaller than what was asked for, or empty. */
            private CompletionStage<Integer> more(Scan scan, int before) {
                return scan.next().thenCompose(page -> {
                    int entries = before + page.entries().size();
                    return scan.hasNext()
                            ? more(scan, entries)
                            : java.util.concurrent.CompletableFuture.completedStage(entries);
                });
            }

            @Override
            public CompletionStage<List<ReadOutcome>> multiGet(List<ByteString> keys) {
                return table.multiGet(keys);
            }

            @Override
            public CompletionStage<List<WriteOutcome>> multiSet(List<Map.Entry<ByteString, ByteString>> entries) {
                return table.multiSet(entries);
            }
        };
    }
}
