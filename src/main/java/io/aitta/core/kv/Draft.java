package io.aitta.core.kv;

import com.google.protobuf.ByteString;
import io.aitta.core.kv.KvReader.Expiring;
import io.aitta.proto.record.v1.Change;
import io.aitta.proto.record.v1.Operation;
import io.aitta.proto.record.v1.StoredValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A partition as the operations of a batch have changed it so far, beside the state that is stored. It knows only those
 * old values that {@link #read} fetched.
 *
 * <p>What is done between {@link #begin()} and {@link #rollBack()} never happened.
 */
final class Draft {
    /** Values of expired keys that are in memory at once; each may be as large as a value can be. */
    private static final int EXPIRED_AT_ONCE = 64;

    private final long timestampMillis;
    private final Map<ByteString, Optional<StoredValue>> before = new HashMap<>();
    private final Map<ByteString, Optional<StoredValue>> writes = new LinkedHashMap<>();
    private final List<KeySpan> removals = new ArrayList<>(0);
    private final List<Expiring> unindexed = new ArrayList<>(0);
    private final List<Change> changes;
    /** What the expiry index has to offer, in its order, and how much of it was looked at. */
    private List<Expiring> due = List.of();

    private int looked;
    private long revision;
    /** Null unless there is something that may have to be rolled back. */
    private List<Undo> undo;

    private int changesAtBegin;

    /** @param was null: the batch had not written the key */
    private record Undo(ByteString key, Optional<StoredValue> was) {}

    Draft(long timestampMillis, long revision, int operations) {
        this.timestampMillis = timestampMillis;
        this.revision = revision;
        changes = new ArrayList<>(operations);
    }

    /** Reads all that matters of the stored state, before the first operation changes the draft. */
    void read(List<Optional<Operation>> operations, KvReader reader) {
        var wanted = new LinkedHashSet<ByteString>();
        long toLookAt = 0;
        for (Optional<Operation> maybe : operations) {
            if (maybe.isPresent()) {
                OperationKeys.addRead(maybe.get(), wanted);
                toLookAt += maybe.get().getRemoveExpired().getLimit();
            }
        }
        if (!wanted.isEmpty()) {
            var keys = List.copyOf(wanted);
            var values = reader.read(keys);
            for (int i = 0; i < keys.size(); i++) {
                before.put(keys.get(i), values.get(i));
            }
        }
        if (toLookAt > 0) {
            readDue((int) Math.min(toLookAt, Integer.MAX_VALUE), reader);
        }
    }

    /** Of an expired value only its time is kept: nobody may see more of it. */
    private void readDue(int limit, KvReader reader) {
        due = reader.expired(timestampMillis, limit);
        for (int from = 0; from < due.size(); from += EXPIRED_AT_ONCE) {
            var keys = due.subList(from, Math.min(due.size(), from + EXPIRED_AT_ONCE)).stream()
                    .map(Expiring::key)
                    .toList();
            var values = reader.read(keys);
            for (int i = 0; i < keys.size(); i++) {
                if (values.get(i).isPresent() && isExpired(values.get(i).get())) {
                    var expired = values.get(i).get().toBuilder().clearValue().build();
                    before.putIfAbsent(keys.get(i), Optional.of(expired));
                }
            }
        }
    }

    long timestampMillis() {
        return timestampMillis;
    }

    long revision() {
        return revision;
    }

    /** The version that the next write to be counted gives. */
    long nextVersion() {
        return revision + 1;
    }

    /** A write, or several that count as one, has been done at {@link #nextVersion()}. */
    void count() {
        revision++;
    }

    /** The value of a key that was read; empty if its time is over. */
    Optional<StoredValue> current(ByteString key) {
        var value = writes.get(key);
        return (value == null ? before.get(key) : value).filter(stored -> !isExpired(stored));
    }

    private boolean isExpired(StoredValue value) {
        return value.getExpiresAtMillis() != 0 && value.getExpiresAtMillis() <= timestampMillis;
    }

    /** When what is written now with this time to live will expire; 0: never. */
    long expiresAt(long timeToLiveMillis) {
        if (timeToLiveMillis == 0) {
            return 0;
        }
        // Unsigned: what looks negative is very long.
        long expires = timestampMillis + timeToLiveMillis;
        return timeToLiveMillis < 0 || expires < timestampMillis ? Long.MAX_VALUE : expires;
    }

    void put(ByteString key, ByteString value, long version, long expiresAtMillis) {
        var stored = StoredValue.newBuilder().setValue(value).setVersion(version);
        var change = Change.newBuilder()
                .setKind(Change.Kind.SET)
                .setKey(key)
                .setValue(value)
                .setVersion(version);
        if (expiresAtMillis != 0) {
            stored.setExpiresAtMillis(expiresAtMillis);
            change.setExpiresAtMillis(expiresAtMillis);
        }
        write(key, Optional.of(stored.build()));
        changes.add(change.build());
    }

    /** Gives a value another time; the value and its key stay. */
    void expire(ByteString key, StoredValue value, long version, long expiresAtMillis) {
        write(
                key,
                Optional.of(value.toBuilder()
                        .setVersion(version)
                        .setExpiresAtMillis(expiresAtMillis)
                        .build()));
        changes.add(Change.newBuilder()
                .setKind(Change.Kind.EXPIRY_CHANGED)
                .setKey(key)
                .setVersion(version)
                .setExpiresAtMillis(expiresAtMillis)
                .build());
    }

    /** Of a key that has a value. */
    void remove(ByteString key, long version) {
        remove(key, version, Change.Kind.DELETE);
    }

    private void remove(ByteString key, long version, Change.Kind kind) {
        write(key, Optional.empty());
        changes.add(Change.newBuilder()
                .setKind(kind)
                .setKey(key)
                .setVersion(version)
                .build());
    }

    private void write(ByteString key, Optional<StoredValue> value) {
        var was = writes.put(key, value);
        if (undo != null) {
            undo.add(new Undo(key, was));
        }
    }

    /** Not between {@link #begin()} and {@link #commit()}. */
    void removeRange(KeySpan span, long version) {
        removals.add(span);
        writes.keySet().removeIf(span::contains);
        before.replaceAll((key, value) -> span.contains(key) ? Optional.empty() : value);
        changes.add(Change.newBuilder()
                .setKind(Change.Kind.RANGE_DELETED)
                .setKey(span.from())
                .setTo(span.to())
                .setVersion(version)
                .build());
    }

    /** How many entries of the expiry index may be looked at still, of those that were due when the batch began. */
    int due() {
        return due.size() - looked;
    }

    /**
     * Looks at the next entry of the expiry index and takes it out. A time that this batch gave is after the batch's, so
     * no entry that is due is one of its own.
     *
     * @return whether the key still had that time, and is removed now
     */
    boolean removeNextDue(long version) {
        var entry = due.get(looked++);
        unindexed.add(entry);
        var value = writes.containsKey(entry.key()) ? writes.get(entry.key()) : before.get(entry.key());
        // A value that was not expired when the batch began was not kept.
        if (value == null || value.isEmpty() || value.get().getExpiresAtMillis() != entry.expiresAtMillis()) {
            return false;
        }
        remove(entry.key(), version, Change.Kind.EXPIRED);
        return true;
    }

    /** From here on all can be rolled back, until it is committed. */
    void begin() {
        undo = new ArrayList<>();
        changesAtBegin = changes.size();
    }

    void commit() {
        undo = null;
    }

    void rollBack() {
        for (int i = undo.size() - 1; i >= 0; i--) {
            var step = undo.get(i);
            if (step.was() == null) {
                writes.remove(step.key());
            } else {
                writes.put(step.key(), step.was());
            }
        }
        changes.subList(changesAtBegin, changes.size()).clear();
        undo = null;
    }

    /** What the draft comes to. It is not to be changed any more. */
    Applier.Effects effects(List<byte[]> outcomes) {
        return new Applier.Effects(outcomes, removals, writes, unindexed, changes, timestampMillis, revision);
    }
}
