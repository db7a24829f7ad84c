package io.aitta.partition;

import com.google.protobuf.ByteString;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.Value;
import io.aitta.core.replication.Membership;
import io.aitta.proto.record.v1.Change;
import io.aitta.proto.record.v1.ReplicaMark;
import io.aitta.proto.record.v1.StoredChanges;
import io.aitta.store.ReplicaStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** A replica of which nothing is known but what changed. */
final class FakeReplicaStore implements ReplicaStore {
    private final TreeMap<Long, StoredChanges> entries = new TreeMap<>();
    private long applied;
    private long keptAfter;
    private int reads;

    synchronized long set(String key, String value) {
        return apply(Change.newBuilder()
                .setKind(Change.Kind.SET)
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFromUtf8(value))
                .setVersion(applied + 1)
                .build());
    }

    synchronized long apply(Change... changes) {
        entries.put(
                ++applied,
                StoredChanges.newBuilder()
                        .setRecordVersion(1)
                        .addAllChanges(List.of(changes))
                        .build());
        return applied;
    }

    /** Takes over what another one has, up to an index. */
    synchronized void follow(FakeReplicaStore other, long to) {
        synchronized (other) {
            for (long index = applied + 1; index <= to; index++) {
                if (other.entries.containsKey(index)) {
                    entries.put(index, other.entries.get(index));
                }
            }
            applied = to;
        }
    }

    synchronized void forgetUpTo(long index) {
        entries.headMap(index, true).clear();
        keptAfter = index;
    }

    synchronized int reads() {
        return reads;
    }

    @Override
    public synchronized ReplicaMark mark() {
        return ReplicaMark.newBuilder().setAppliedIndex(applied).build();
    }

    @Override
    public synchronized Optional<Changes> changes(long afterIndex, KeySpan span, int maxBytes) {
        reads++;
        if (afterIndex < keptAfter) {
            return Optional.empty();
        }
        var found = new ArrayList<Changed>();
        long bytes = 0;
        for (Map.Entry<Long, StoredChanges> entry :
                entries.tailMap(afterIndex, false).entrySet()) {
            var changed = ChangeWaiters.within(new Changed(entry.getKey(), entry.getValue()), span);
            if (changed.changes().getChangesCount() > 0) {
                found.add(changed);
                bytes += changed.changes().getSerializedSize();
                if (bytes >= maxBytes) {
                    return Optional.of(new Changes(found, entry.getKey()));
                }
            }
        }
        return Optional.of(new Changes(found, Math.max(applied, afterIndex)));
    }

    @Override
    public synchronized long changesAfter() {
        return keptAfter;
    }

    @Override
    public List<byte[]> apply(long index, long term, byte[] batch) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void skip(long index, long term, Membership membership) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Value> get(byte[] key, long nowMillis) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Optional<Value>> get(List<byte[]> keys, long nowMillis) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void leave() {
        throw new UnsupportedOperationException("leave");
    }

    @Override
    public View view() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Estimate estimate(KeySpan span, long nowMillis) {
        throw new UnsupportedOperationException();
    }

    @Override
    public OptionalLong nextExpiryMillis() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void trimChanges(long keepBytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Snapshot snapshot() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Staging stage() {
        throw new UnsupportedOperationException();
    }
}
