package io.aitta.core.kv;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.StoredSession;
import io.aitta.proto.record.v1.StoredValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A partition in memory: what a store does with the effects of batches. */
final class MemoryState {
    final Map<ByteString, StoredValue> values = new HashMap<>();
    final Map<ByteString, StoredSession> sessionRows = new HashMap<>();
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
        var effects = Applier.apply(batch, timestampMillis, revision, sessions, keys -> keys.stream()
                .map(key -> Optional.ofNullable(values.get(key)))
                .toList());
        effects.writes().forEach((key, value) -> store(values, key, value));
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
