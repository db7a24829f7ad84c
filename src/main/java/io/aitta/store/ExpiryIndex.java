package io.aitta.store;

import com.google.protobuf.ByteString;
import io.aitta.core.kv.KvReader.Expiring;
import io.aitta.proto.record.v1.StoredValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * The rows that tell which key expires when, and where they begin. Entries are removed at the front, one after the other;
 * were the beginning not remembered, every look at it would pass over all that was removed and not yet compacted away.
 *
 * <p>One thread at a time, but for {@link #isLoaded} and {@link #next}.
 */
final class ExpiryIndex {
    private static final Comparator<Expiring> ORDER = Comparator.comparingLong(Expiring::expiresAtMillis)
            .thenComparing(Expiring::key, ByteString.unsignedLexicographicalComparator());

    private static final byte[] NOTHING = {};

    /** No entry comes before this one; null: there are none. Meaningless unless loaded. */
    private volatile Expiring earliest;

    private volatile boolean loaded;

    /** What the entry that is being applied was told is due; null: it did not ask. */
    private Due told;

    /** @param following the first entry that was not told; null: there is none */
    private record Due(List<Expiring> entries, Expiring following) {}

    /** Begins with what is stored. */
    void load(Moment moment) throws RocksDBException {
        moment.seek(RowKeys.EXPIRY, ByteString.EMPTY);
        earliest = here(moment);
        loaded = true;
    }

    /** After rows were replaced: it is to be loaded again. */
    void forget() {
        loaded = false;
    }

    boolean isLoaded() {
        return loaded;
    }

    OptionalLong next() {
        var now = earliest;
        return now == null ? OptionalLong.empty() : OptionalLong.of(now.expiresAtMillis());
    }

    /** Whatever an entry was told that was not written afterwards is forgotten. */
    void beginEntry() {
        told = null;
    }

    boolean isDue(long nowMillis) {
        var first = earliest;
        return first != null && first.expiresAtMillis() <= nowMillis;
    }

    List<Expiring> due(Moment moment, long nowMillis, int limit) throws RocksDBException {
        var entries = new ArrayList<Expiring>();
        moment.seek(RowKeys.EXPIRY, RowKeys.expiry(earliest));
        var entry = here(moment);
        while (entry != null && entry.expiresAtMillis() <= nowMillis && entries.size() < limit) {
            entries.add(entry);
            moment.next();
            entry = here(moment);
        }
        if (told == null || told.entries.size() < entries.size()) {
            told = new Due(entries, entry);
        }
        return entries;
    }

    private static Expiring here(Moment moment) throws RocksDBException {
        return moment.isAt(RowKeys.EXPIRY) ? RowKeys.expiryIn(moment.row()) : null;
    }

    /** Adds the index's part to the rows that an entry writes. */
    static void write(
            WriteBatch rows,
            int slot,
            int generation,
            List<Expiring> unindexed,
            Map<ByteString, Optional<StoredValue>> writes)
            throws RocksDBException {
        for (Expiring entry : unindexed) {
            rows.delete(RowKeys.row(slot, generation, RowKeys.EXPIRY, RowKeys.expiry(entry)));
        }
        for (var write : writes.entrySet()) {
            var value = write.getValue();
            if (value.isPresent() && value.get().getExpiresAtMillis() != 0) {
                var entry = new Expiring(value.get().getExpiresAtMillis(), write.getKey());
                rows.put(RowKeys.row(slot, generation, RowKeys.EXPIRY, RowKeys.expiry(entry)), NOTHING);
            }
        }
    }

    /** Told when the rows are written. */
    void written(List<Expiring> unindexed, Map<ByteString, Optional<StoredValue>> writes) {
        if (!loaded) {
            return;
        }
        var first = earliest;
        if (told != null) {
            var removed = new HashSet<>(unindexed);
            first = told.entries.stream()
                    .filter(entry -> !removed.contains(entry))
                    .findFirst()
                    .orElse(told.following);
            told = null;
        }
        for (var write : writes.entrySet()) {
            var value = write.getValue();
            if (value.isPresent() && value.get().getExpiresAtMillis() != 0) {
                var entry = new Expiring(value.get().getExpiresAtMillis(), write.getKey());
                first = first == null || ORDER.compare(entry, first) < 0 ? entry : first;
            }
        }
        earliest = first;
    }
}
