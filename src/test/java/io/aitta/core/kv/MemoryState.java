package io.aitta.core.kv;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.proto.record.v1.Change;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.StoredSession;
import io.aitta.proto.record.v1.StoredValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** A partition in memory: what a store does with the effects of batches. */
final class MemoryState implements KvReader {
    static final Comparator<KvReader.Expiring> EARLIEST_FIRST = Comparator.comparingLong(
                    KvReader.Expiring::expiresAtMillis)
            .thenComparing(KvReader.Expiring::key, ByteString.unsignedLexicographicalComparator());

    final Map<ByteString, StoredValue> values = new HashMap<>();
    final Map<ByteString, StoredSession> sessionRows = new HashMap<>();
    /** Entries are taken out only when they were looked at, as in a store. */
    final TreeSet<KvReader.Expiring> expiryIndex = new TreeSet<>(EARLIEST_FIRST);

    /** Of the last batch. */
    List<Change> changes = List.of();

    final SessionTable.Limits limits;
    SessionTable sessions;
    long timestampMillis;
    long revision;

    MemoryState() {
        this(SessionTable.Limits.DEFAULT);
    }

    MemoryState(SessionTable.Limits limits) {
        this.limits = limits;
        sessions = new SessionTable(Map.of(), 0, limits);
    }

    List<Outcome> apply(long timestampMillis, byte[]... operations) {
        return applyBatch(Batches.encode(timestampMillis, List.of(operations)));
    }

    List<Outcome> applyBatch(byte[] batch) {
        var effects = Applier.apply(batch, timestampMillis, revision, sessions, this);
        effects.removals().forEach(span -> values.keySet().removeIf(span::contains));
        effects.unindexed().forEach(expiryIndex::remove);
        effects.writes().forEach((key, value) -> {
            store(values, key, value);
            value.filter(stored -> stored.getExpiresAtMillis() != 0)
                    .ifPresent(stored -> expiryIndex.add(new KvReader.Expiring(stored.getExpiresAtMillis(), key)));
        });
        changes = effects.changes();
        sessions.takeChanges().forEach((client, row) -> store(sessionRows, client, row));
        timestampMillis = effects.timestampMillis();
        revision = effects.revision();
        var outcomes = new ArrayList<Outcome>();
        effects.outcomes().forEach(bytes -> outcomes.add(parse(bytes)));
        return outcomes;
    }

    /** As after a restart: the session table is made anew from its rows. */
    void reload() {
        sessions = new SessionTable(sessionRows, sessions.floorMillis(), limits);
    }

    @Override
    public List<Optional<StoredValue>> read(List<ByteString> keys) {
        return keys.stream().map(key -> Optional.ofNullable(values.get(key))).toList();
    }

    @Override
    public List<Expiring> expired(long nowMillis, int limit) {
        return expiryIndex.stream()
                .filter(entry -> entry.expiresAtMillis() <= nowMillis)
                .limit(limit)
                .toList();
    }

    Optional<String> read(String key) {
        return Optional.ofNullable(values.get(ByteString.copyFromUtf8(key)))
                .filter(value -> value.getExpiresAtMillis() == 0 || value.getExpiresAtMillis() > timestampMillis)
                .map(value -> value.getValue().toStringUtf8());
    }

    private static <T> void store(Map<ByteString, T> rows, ByteString key, Optional<T> row) {
        row.ifPresentOrElse(it -> rows.put(key, it), () -> rows.remove(key));
    }

    private static Outcome parse(byte[] bytes) {
        try {
            return Outcome.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("an outcome does not decode", e);
        }
    }
}
