package io.aitta.partition;

import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.Value;
import io.aitta.core.replication.Membership;
import io.aitta.proto.record.v1.ReplicaMark;
import io.aitta.store.ReplicaStore;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Has applied as much as it is told; the value of every key is the key itself, its version the applied index. */
final class FakeStore implements ReplicaStore {
    private volatile long applied;

    void reach(long index) {
        applied = index;
    }

    static byte[] key(String key) {
        return key.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public ReplicaMark mark() {
        return ReplicaMark.newBuilder().setAppliedIndex(applied).build();
    }

    @Override
    public Optional<Value> get(byte[] key, long nowMillis) {
        return Optional.of(new Value(key, applied, 0));
    }

    @Override
    public List<Optional<Value>> get(List<byte[]> keys, long nowMillis) {
        return keys.stream().map(key -> get(key, nowMillis)).toList();
    }

    @Override
    public List<byte[]> apply(long index, long term, byte[] batch) {
        throw new UnsupportedOperationException("apply");
    }

    @Override
    public void skip(long index, long term, Membership membership) {
        throw new UnsupportedOperationException("skip");
    }

    @Override
    public void leave() {
        throw new UnsupportedOperationException("leave");
    }

    @Override
    public View view() {
        throw new UnsupportedOperationException("view");
    }

    @Override
    public Estimate estimate(KeySpan span, long nowMillis) {
        throw new UnsupportedOperationException("estimate");
    }

    @Override
    public OptionalLong nextExpiryMillis() {
        return OptionalLong.empty();
    }

    @Override
    public Optional<Changes> changes(long afterIndex, KeySpan span, int maxBytes) {
        throw new UnsupportedOperationException("changes");
    }

    @Override
    public long changesAfter() {
        return applied;
    }

    @Override
    public void trimChanges(long keepBytes) {}

    @Override
    public Snapshot snapshot() {
        throw new UnsupportedOperationException("snapshot");
    }

    @Override
    public Staging stage() {
        throw new UnsupportedOperationException("stage");
    }
}
