package io.aitta.store;

import com.google.protobuf.ByteString;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Applier;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.KvReader;
import io.aitta.core.kv.SessionTable;
import io.aitta.core.kv.Value;
import io.aitta.core.replication.Membership;
import io.aitta.proto.record.v1.ReplicaMark;
import io.aitta.proto.record.v1.SnapshotRow;
import io.aitta.proto.record.v1.StoredSession;
import io.aitta.proto.record.v1.StoredValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.StampedLock;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * One replica's rows in RocksDB. Data and mark go in one write batch. The rows live under a generation, which the mark
 * names; a snapshot is staged under the next one, and becomes live by the one write batch that changes the mark.
 *
 * <p>One thread applies and stages; any thread reads. Only {@link #install} and {@link #drop} take rows away from under
 * readers, and have the write lock for that moment; a read that overlaps with it is made again.
 */
final class RocksReplica implements ReplicaStore {
    static final ReplicaMark NOTHING_APPLIED =
            ReplicaMark.newBuilder().setRecordVersion(Rows.RECORD_VERSION).build();

    private final PartitionId partition;
    private final int slot;
    private final Engine engine;
    private final Set<Moment> openMoments;
    private final StampedLock rows = new StampedLock();
    private volatile ReplicaMark mark;
    private volatile boolean dropped;
    /** Null until needed, and again after whatever makes it differ from the disk. Of the applying thread only. */
    private SessionTable sessions;

    private volatile RocksStaging staging;

    private final ExpiryIndex expiry = new ExpiryIndex();
    /** Held by who moves the mark; applying and trimming do. */
    private final ReentrantLock marking = new ReentrantLock();
    /** Guarded by {@link #marking}. */
    private final KeptChanges kept = new KeptChanges();

    /** What applying may read; called by it only. */
    private final KvReader reader = new KvReader() {
        @Override
        public List<Optional<StoredValue>> read(List<ByteString> keys) {
            return readForApplying(keys);
        }

        @Override
        public List<Expiring> expired(long nowMillis, int limit) {
            return expiredForApplying(nowMillis, limit);
        }
    };

    /** Called inside the gate. Removes what an unfinished staging left. */
    RocksReplica(PartitionId partition, int slot, Engine engine, Set<Moment> openMoments) throws RocksDBException {
        this.partition = partition;
        this.slot = slot;
        this.engine = engine;
        this.openMoments = openMoments;
        var row = engine.get(RowKeys.mark(slot));
        mark = row == null ? NOTHING_APPLIED : Rows.parse(ReplicaMark.parser(), row);
        if (mark.getRecordVersion() != Rows.RECORD_VERSION) {
            throw new StoreException(engine + " has a mark of record version "
                    + Integer.toUnsignedString(mark.getRecordVersion()) + " for " + partition + "; this release knows "
                    + Rows.RECORD_VERSION);
        }
        removeLeftovers();
    }

    private void removeLeftovers() throws RocksDBException {
        var from = RowKeys.generationEnd(slot, mark.getGeneration());
        var to = RowKeys.slotEnd(slot);
        try (var leftovers = engine.newIterator()) {
            leftovers.seek(from);
            leftovers.status();
            if (leftovers.isValid() && Arrays.compareUnsigned(leftovers.key(), to) < 0) {
                removeRange(from, to);
            }
        }
    }

    /** What its rows begin with. */
    int slot() {
        return slot;
    }

    @Override
    public ReplicaMark mark() {
        return mark;
    }

    @Override
    public List<byte[]> apply(long index, long term, byte[] batch) {
        return marking("apply an entry", () -> {
            var next = nextMark(index, term);
            var table = sessions();
            // Until the write has succeeded, the table is ahead of the disk.
            sessions = null;
            expiry.beginEntry();
            var effects = Applier.apply(batch, mark.getTimestampMillis(), mark.getRevision(), table, reader);
            next.setTimestampMillis(effects.timestampMillis())
                    .setRevision(effects.revision())
                    .setSessionFloorMillis(table.floorMillis());
            write(effects, table, next.build());
            sessions = table;
            return effects.outcomes();
        });
    }

    private void write(Applier.Effects effects, SessionTable table, ReplicaMark next) throws RocksDBException {
        int generation = next.getGeneration();
        try (var rows = new WriteBatch()) {
            for (KeySpan span : effects.removals()) {
                if (!span.isEmpty()) {
                    // One row however much is removed. Reads look at all of them until compaction has done what they
                    // say, so they are for few large spans, not for many small ones.
                    rows.deleteRange(
                            RowKeys.row(slot, generation, RowKeys.VALUE, span.from()),
                            RowKeys.valuesEnd(slot, generation, span));
                }
            }
            ExpiryIndex.write(rows, slot, generation, effects.unindexed(), effects.writes());
            for (var write : effects.writes().entrySet()) {
                var key = RowKeys.row(slot, generation, RowKeys.VALUE, write.getKey());
                put(rows, key, write.getValue().map(StoredValue::toByteArray));
            }
            for (var change : table.takeChanges().entrySet()) {
                var key = RowKeys.row(slot, generation, RowKeys.SESSION, change.getKey());
                put(rows, key, change.getValue().map(StoredSession::toByteArray));
            }
            int changesBytes = writeChanges(rows, effects, next);
            rows.put(RowKeys.mark(slot), next.toByteArray());
            engine.write(rows);
            kept.added(next.getAppliedIndex(), changesBytes);
        }
        expiry.written(effects.unindexed(), effects.writes());
        mark = next;
    }

    private int writeChanges(WriteBatch rows, Applier.Effects effects, ReplicaMark next) throws RocksDBException {
        if (effects.changes().isEmpty()) {
            return 0;
        }
        var row = ChangeRows.encode(effects.timestampMillis(), effects.changes());
        rows.put(changesKey(next.getGeneration(), next.getAppliedIndex()), row);
        return row.length;
    }

    private byte[] changesKey(int generation, long index) {
        return RowKeys.row(slot, generation, RowKeys.CHANGES, RowKeys.changes(index));
    }

    private static void put(WriteBatch rows, byte[] key, Optional<byte[]> row) throws RocksDBException {
        if (row.isPresent()) {
            rows.put(key, row.get());
        } else {
            rows.delete(key);
        }
    }

    @Override
    public void skip(long index, long term, Membership membership) {
        marking("move a mark", () -> {
            var nodes = io.aitta.proto.record.v1.Membership.newBuilder();
            membership.voters().forEach(voter -> nodes.addVoters(voter.value()));
            membership.learners().forEach(learner -> nodes.addLearners(learner.value()));
            move(nextMark(index, term).setMembership(nodes).build());
            return null;
        });
    }

    @Override
    public void leave() {
        marking("mark a replica as leaving", () -> {
            move(mark.toBuilder().setLeaving(true).build());
            return null;
        });
    }

    private void move(ReplicaMark next) throws RocksDBException {
        try (var changes = new WriteBatch()) {
            changes.put(RowKeys.mark(slot), next.toByteArray());
            engine.write(changes);
        }
        mark = next;
    }

    private ReplicaMark.Builder nextMark(long index, long term) {
        if (index != mark.getAppliedIndex() + 1) {
            throw new IllegalStateException(partition + " has applied its log up to " + mark.getAppliedIndex()
                    + ", so the next entry is not " + index);
        }
        return mark.toBuilder().setAppliedIndex(index).setAppliedTerm(term);
    }

    private SessionTable sessions() throws RocksDBException {
        if (sessions == null) {
            var stored = new HashMap<ByteString, StoredSession>();
            try (var moment = moment()) {
                for (moment.seek(RowKeys.SESSION, ByteString.EMPTY); moment.isAt(RowKeys.SESSION); moment.next()) {
                    stored.put(moment.row(), Rows.parse(StoredSession.parser(), moment.value()));
                }
            }
            sessions = new SessionTable(stored, mark.getSessionFloorMillis());
        }
        return sessions;
    }

    private List<KvReader.Expiring> expiredForApplying(long nowMillis, int limit) {
        return engine.gate().inside("read what has expired", () -> {
            loadExpiry();
            if (!expiry.isDue(nowMillis)) {
                return List.of();
            }
            try (var moment = moment()) {
                return expiry.due(moment, nowMillis, limit);
            }
        });
    }

    private List<Optional<StoredValue>> readForApplying(List<ByteString> keys) {
        var rowKeys = new ArrayList<byte[]>(keys.size());
        keys.forEach(key -> rowKeys.add(RowKeys.row(slot, mark.getGeneration(), RowKeys.VALUE, key)));
        return engine.gate().inside("read what a write depends on", () -> {
            var values = new ArrayList<Optional<StoredValue>>(keys.size());
            engine.get(rowKeys).forEach(row -> values.add(decode(row)));
            return values;
        });
    }

    private static Optional<StoredValue> decode(byte[] rowOrNull) {
        return Optional.ofNullable(rowOrNull).map(row -> Rows.parse(StoredValue.parser(), row));
    }

    @Override
    public Optional<Value> get(byte[] key, long nowMillis) {
        return reading("read a key", () -> {
            var row = engine.get(RowKeys.row(slot, mark.getGeneration(), RowKeys.VALUE, key));
            return toValue(decode(row), nowMillis);
        });
    }

    @Override
    public List<Optional<Value>> get(List<byte[]> keys, long nowMillis) {
        return reading("read keys", () -> {
            int generation = mark.getGeneration();
            var rowKeys = new ArrayList<byte[]>(keys.size());
            keys.forEach(key -> rowKeys.add(RowKeys.row(slot, generation, RowKeys.VALUE, key)));
            var values = new ArrayList<Optional<Value>>(keys.size());
            engine.get(rowKeys).forEach(row -> values.add(toValue(decode(row), nowMillis)));
            return values;
        });
    }

    private static Optional<Value> toValue(Optional<StoredValue> stored, long nowMillis) {
        return stored.map(Rows::toValue).filter(value -> !value.isExpiredAt(nowMillis));
    }

    @Override
    public View view() {
        return changing("begin a view", () -> new RocksView(engine.gate(), openMoment(), openMoments::remove));
    }

    @Override
    public Estimate estimate(KeySpan span, long nowMillis) {
        return changing("estimate a size", () -> {
            try (var moment = moment()) {
                return SpanEstimate.of(engine, slot, moment, span, nowMillis);
            }
        });
    }

    @Override
    public OptionalLong nextExpiryMillis() {
        if (!expiry.isLoaded()) {
            marking("read what expires next", () -> {
                loadExpiry();
                return null;
            });
        }
        return expiry.next();
    }

    private void loadExpiry() throws RocksDBException {
        if (!expiry.isLoaded()) {
            try (var moment = moment()) {
                expiry.load(moment);
            }
        }
    }

    @Override
    public Optional<Changes> changes(long afterIndex, KeySpan span, int maxBytes) {
        return changing("read changes", () -> {
            var now = mark;
            if (afterIndex >= now.getAppliedIndex()) {
                return Optional.of(new Changes(List.of(), afterIndex));
            }
            try (var moment = moment()) {
                return ChangeRows.read(moment, afterIndex, span, maxBytes);
            }
        });
    }

    @Override
    public long changesAfter() {
        return mark.getChangesAfter();
    }

    @Override
    public void trimChanges(long keepBytes) {
        marking("forget old changes", () -> {
            int generation = mark.getGeneration();
            if (!kept.isKnown()) {
                kept.find(engine, slot, generation, mark.getChangesAfter(), mark.getAppliedIndex());
            }
            long last = kept.take(keepBytes);
            if (last > mark.getChangesAfter()) {
                var next = mark.toBuilder().setChangesAfter(last).build();
                try (var rows = new WriteBatch()) {
                    rows.deleteRange(
                            changesKey(generation, mark.getChangesAfter() + 1), changesKey(generation, last + 1));
                    rows.put(RowKeys.mark(slot), next.toByteArray());
                    engine.write(rows);
                }
                mark = next;
            }
            return null;
        });
    }

    @Override
    public Snapshot snapshot() {
        return changing("begin a snapshot", () -> new RocksSnapshot(engine.gate(), openMoment(), openMoments::remove));
    }

    /** One that stays open until its owner closes it, or the store. */
    private Moment openMoment() throws RocksDBException {
        var moment = new Moment(engine, slot, true);
        openMoments.add(moment);
        return moment;
    }

    /** One to be closed soon. */
    private Moment moment() throws RocksDBException {
        return new Moment(engine, slot, false);
    }

    @Override
    public Staging stage() {
        return changing("begin to stage a snapshot", () -> {
            if (staging != null) {
                removeRange(stagedStart(), stagedEnd());
            }
            staging = new RocksStaging(this);
            return staging;
        });
    }

    void writeStaged(RocksStaging by, List<SnapshotRow> staged) {
        changing("write a part of a snapshot", () -> {
            requireCurrent(by);
            var prefix = stagedStart();
            try (var changes = new WriteBatch()) {
                for (SnapshotRow row : staged) {
                    changes.put(
                            RowKeys.join(prefix, row.getKey().toByteArray()),
                            row.getRow().toByteArray());
                }
                engine.write(changes);
            }
            return null;
        });
    }

    void discardStaged(RocksStaging by) {
        changing("discard a snapshot", () -> {
            if (staging == by) {
                removeRange(stagedStart(), stagedEnd());
                staging = null;
            }
            return null;
        });
    }

    void install(RocksStaging by, ReplicaMark of) {
        engine.gate().inside("install a snapshot", () -> {
            requireThere();
            requireCurrent(by);
            engine.flush();
            int old = mark.getGeneration();
            var oldStart = RowKeys.generationStart(slot, old);
            var oldEnd = RowKeys.generationEnd(slot, old);
            switchTo(of.toBuilder()
                    .setRecordVersion(Rows.RECORD_VERSION)
                    .setGeneration(old + 1)
                    .build());
            engine.flush();
            engine.reclaim(oldStart, oldEnd);
            return null;
        });
    }

    private void switchTo(ReplicaMark next) throws RocksDBException {
        long stamp = rows.writeLock();
        try (var changes = new WriteBatch()) {
            requireThere();
            changes.put(RowKeys.mark(slot), next.toByteArray());
            changes.deleteRange(
                    RowKeys.generationStart(slot, mark.getGeneration()),
                    RowKeys.generationEnd(slot, mark.getGeneration()));
            engine.write(changes);
            mark = next;
            sessions = null;
            staging = null;
            kept.forget();
            expiry.forget();
        } finally {
            rows.unlockWrite(stamp);
        }
    }

    /** Called inside the gate. {@code changes} removes the partition's name; the rows go in the same write batch. */
    void drop(WriteBatch changes) throws RocksDBException {
        var from = RowKeys.slotStart(slot);
        var to = RowKeys.slotEnd(slot);
        long stamp = rows.writeLock();
        try {
            changes.deleteRange(from, to);
            engine.write(changes);
            dropped = true;
        } finally {
            rows.unlockWrite(stamp);
        }
        engine.flush();
        engine.reclaim(from, to);
    }

    private byte[] stagedStart() {
        return RowKeys.generationStart(slot, mark.getGeneration() + 1);
    }

    private byte[] stagedEnd() {
        return RowKeys.generationEnd(slot, mark.getGeneration() + 1);
    }

    private void removeRange(byte[] from, byte[] to) throws RocksDBException {
        try (var changes = new WriteBatch()) {
            changes.deleteRange(from, to);
            engine.write(changes);
        }
    }

    /** Runs while nothing takes the rows away, beside readers. */
    private <T> T changing(String doing, Gate.Action<T> action) {
        return engine.gate().inside(doing, () -> {
            long stamp = rows.readLock();
            try {
                requireThere();
                return action.run();
            } finally {
                rows.unlockRead(stamp);
            }
        });
    }

    /** As {@link #changing}, and nobody else moves the mark. */
    private <T> T marking(String doing, Gate.Action<T> action) {
        return changing(doing, () -> {
            marking.lock();
            try {
                return action.run();
            } finally {
                marking.unlock();
            }
        });
    }

    private <T> T reading(String doing, Gate.Action<T> action) {
        return engine.gate().inside(doing, () -> {
            long stamp = rows.tryOptimisticRead();
            if (stamp != 0) {
                requireThere();
                T result = action.run();
                if (rows.validate(stamp)) {
                    return result;
                }
            }
            stamp = rows.readLock();
            try {
                requireThere();
                return action.run();
            } finally {
                rows.unlockRead(stamp);
            }
        });
    }

    boolean isDropped() {
        return dropped;
    }

    private void requireThere() {
        if (dropped) {
            throw new StoreException("the replica of " + partition + " was dropped from this node");
        }
    }

    private void requireCurrent(RocksStaging by) {
        if (staging != by) {
            throw new IllegalStateException(
                    "this staging for " + partition + " is over: installed, discarded, or another one was begun");
        }
    }
}
