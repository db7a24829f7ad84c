package io.aitta.backup;

import com.google.protobuf.ByteString;
import io.aitta.backup.Manifest.TableBackup;
import io.aitta.core.hash.KeyHash;
import io.aitta.proto.v1.BackupBegin;
import io.aitta.proto.v1.BackupEnd;
import io.aitta.proto.v1.BackupEvents;
import io.aitta.proto.v1.BackupPiece;
import io.aitta.proto.v1.BackupPosition;
import io.aitta.proto.v1.Event;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.Topology;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A cluster of tables in memory that keeps what it changed, as a test makes it: backed up and restored to. Its time passes
 * by one millisecond with each write. All on one lock.
 */
final class FakeCluster implements BackupSource, RestoreTarget {
    /** @param expiresAtMillis 0: never */
    record Held(ByteString value, long expiresAtMillis) {}

    /** Asked before each piece that is handed out; may throw. */
    interface Trouble {
        void beforePiece(Table table, int partition, int number);
    }

    private static final class Partition {
        final TreeMap<ByteString, Held> rows = new TreeMap<>(ByteString.unsignedLexicographicalComparator());
        final TreeMap<Long, Event> log = new TreeMap<>();
        long index;
        long keptAfter;
        long timestampMillis;
    }

    private final Map<String, Table> tables = new TreeMap<>();
    private final Map<String, List<Partition>> partitions = new HashMap<>();
    private long epoch = 1;
    long nowMillis = 1_000_000;
    volatile int rowsOfAPiece = 3;
    volatile Trouble trouble = (table, partition, number) -> {};
    final List<String> readings = java.util.Collections.synchronizedList(new ArrayList<>());

    synchronized FakeCluster make(String name, int count) {
        tables.put(
                name,
                Table.newBuilder()
                        .setName(name)
                        .setCreatedEpoch(++epoch)
                        .setPartitions(count)
                        .setReplicas(3)
                        .build());
        var all = new ArrayList<Partition>();
        for (int i = 0; i < count; i++) {
            all.add(new Partition());
        }
        partitions.put(name, all);
        return this;
    }

    synchronized void drop(String name) {
        tables.remove(name);
        partitions.remove(name);
    }

    // ---- writing

    private Partition of(String table, ByteString key) {
        return partitions
                .get(table)
                .get(KeyHash.partitionOf(key.toByteArray(), tables.get(table).getPartitions()));
    }

    private void log(Partition partition, Event.Builder event) {
        partition.timestampMillis = ++nowMillis;
        partition.log.put(
                ++partition.index,
                event.setTimestampMillis(nowMillis)
                        .setIndex(partition.index)
                        .setVersion(partition.index)
                        .build());
    }

    /** @param expiresAtMillis 0: never */
    synchronized void put(String table, ByteString key, ByteString value, long expiresAtMillis) {
        var partition = of(table, key);
        partition.rows.put(key, new Held(value, expiresAtMillis));
        log(
                partition,
                expiring(Event.newBuilder().setKind(Event.Kind.SET).setKey(key).setValue(value), expiresAtMillis));
    }

    void put(String table, String key, String value) {
        put(table, ByteString.copyFromUtf8(key), ByteString.copyFromUtf8(value), 0);
    }

    synchronized void remove(String table, ByteString key) {
        var partition = of(table, key);
        partition.rows.remove(key);
        log(partition, Event.newBuilder().setKind(Event.Kind.DELETE).setKey(key));
    }

    synchronized void expire(String table, ByteString key, long expiresAtMillis) {
        var partition = of(table, key);
        var before = partition.rows.get(key);
        if (before != null) {
            partition.rows.put(key, new Held(before.value(), expiresAtMillis));
            log(
                    partition,
                    expiring(
                            Event.newBuilder()
                                    .setKind(Event.Kind.EXPIRY_CHANGED)
                                    .setKey(key),
                            expiresAtMillis));
        }
    }

    /** @param to empty: no end */
    synchronized void removeRange(String table, ByteString from, ByteString to) {
        for (var partition : partitions.get(table)) {
            var tail = partition.rows.tailMap(from, true);
            (to.isEmpty() ? tail : tail.headMap(to, false)).clear();
            log(
                    partition,
                    Event.newBuilder()
                            .setKind(Event.Kind.RANGE_DELETED)
                            .setKey(from)
                            .setTo(to));
        }
    }

    /** What was changed so far is kept no more. */
    synchronized void forgetChanges(String table) {
        for (var partition : partitions.get(table)) {
            partition.keptAfter = partition.index;
            partition.log.clear();
        }
    }

    private static Event.Builder expiring(Event.Builder event, long expiresAtMillis) {
        return expiresAtMillis == 0 ? event : event.setExpiresAtMillis(expiresAtMillis);
    }

    /** What a table holds, those keys left out whose time is over. */
    synchronized Map<ByteString, Held> content(String table, long atMillis) {
        var all = new HashMap<ByteString, Held>();
        for (var partition : partitions.get(table)) {
            partition.rows.forEach((key, held) -> {
                if (held.expiresAtMillis() == 0 || held.expiresAtMillis() > atMillis) {
                    all.put(key, held);
                }
            });
        }
        return all;
    }

    // ---- being backed up

    @Override
    public synchronized Topology topology() {
        return Topology.newBuilder()
                .setClusterId("fake")
                .addTables(Table.newBuilder().setName("_meta").setPartitions(1))
                .addAllTables(tables.values())
                .build();
    }

    @Override
    public synchronized Reading read(Table table, int number, Optional<BackupPosition> after) {
        readings.add(table.getName() + "/" + number);
        var partition = partitions.get(table.getName()).get(number);
        boolean whole = after.filter(position -> position.getTableEpoch() == table.getCreatedEpoch()
                        && position.getIndex() >= partition.keptAfter)
                .isEmpty();
        var events = new ArrayList<Event>();
        if (whole) {
            partition.rows.forEach((key, held) -> events.add(expiring(
                            Event.newBuilder()
                                    .setKind(Event.Kind.SET)
                                    .setKey(key)
                                    .setValue(held.value()),
                            held.expiresAtMillis())
                    .build()));
        } else {
            events.addAll(partition.log.tailMap(after.get().getIndex(), false).values());
        }
        return new Pieces(table, number, pieces(table, number, partition, whole ? Optional.empty() : after, events));
    }

    private ArrayDeque<BackupPiece> pieces(
            Table table, int number, Partition partition, Optional<BackupPosition> after, List<Event> events) {
        var pieces = new ArrayDeque<BackupPiece>();
        pieces.add(BackupPiece.newBuilder()
                .setBegin(BackupBegin.newBuilder()
                        .setWhole(after.isEmpty())
                        .setAfterIndex(after.map(BackupPosition::getIndex).orElse(0L))
                        .setTableEpoch(table.getCreatedEpoch())
                        .setPartition(number))
                .build());
        for (int from = 0; from < events.size(); from += rowsOfAPiece) {
            pieces.add(BackupPiece.newBuilder()
                    .setEvents(BackupEvents.newBuilder()
                            .addAllEvents(events.subList(from, Math.min(events.size(), from + rowsOfAPiece))))
                    .build());
        }
        pieces.add(BackupPiece.newBuilder()
                .setEnd(BackupEnd.newBuilder()
                        .setPosition(BackupPosition.newBuilder()
                                .setTableEpoch(table.getCreatedEpoch())
                                .setIndex(partition.index)
                                .setTerm(1))
                        .setTimestampMillis(partition.timestampMillis)
                        .setEvents(events.size()))
                .build());
        return pieces;
    }

    private final class Pieces implements Reading {
        private final Table table;
        private final int partition;
        private final ArrayDeque<BackupPiece> pieces;
        private int number;

        Pieces(Table table, int partition, ArrayDeque<BackupPiece> pieces) {
            this.table = table;
            this.partition = partition;
            this.pieces = pieces;
        }

        @Override
        public BackupPiece next(Duration patience) {
            trouble.beforePiece(table, partition, number++);
            return pieces.remove();
        }

        @Override
        public void close() {}
    }

    // ---- being restored to

    @Override
    public synchronized Optional<Table> table(String name) {
        return Optional.ofNullable(tables.get(name));
    }

    @Override
    public boolean isEmpty(String table) {
        return content(table, 0).isEmpty();
    }

    @Override
    public int nodes() {
        return 2;
    }

    @Override
    public synchronized void create(String name, TableBackup like, int count, int replicas) {
        make(name, count);
        tables.put(name, tables.get(name).toBuilder().setReplicas(replicas).build());
        alter(name, like);
    }

    @Override
    public synchronized void alter(String name, TableBackup like) {
        tables.put(
                name,
                tables.get(name).toBuilder()
                        .setOptions(like.options().toProto())
                        .build());
    }

    @Override
    public synchronized void flush(String table) {
        removeRange(table, ByteString.EMPTY, ByteString.EMPTY);
    }

    @Override
    public synchronized CompletionStage<?> set(
            String table, ByteString key, ByteString value, OptionalLong timeToLive) {
        // The write takes no time, and the test's clock stands still while it restores.
        long now = nowMillis;
        put(table, key, value, timeToLive.isPresent() ? now + timeToLive.getAsLong() : 0);
        nowMillis = now;
        return CompletableFuture.completedFuture(null);
    }
}
