package io.aitta.store;

import io.aitta.core.PartitionId;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.rocksdb.Range;
import org.rocksdb.RocksDBException;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatch;

/**
 * The {@link Store} on RocksDB. Here is which replicas there are and the number each one's rows begin with
 * ({@link RowKeys}); {@link RocksReplica} knows the rows, {@link Engine} RocksDB.
 *
 * <p>Memory: at most the two sizes given to {@link #open}, and the sessions of the partitions written to.
 */
public final class RocksStore implements Store {
    static final int FORMAT = 1;

    private final Engine engine;
    private final Map<PartitionId, RocksReplica> replicas = new ConcurrentHashMap<>();
    private final Set<Moment> openMoments = ConcurrentHashMap.newKeySet();
    private int nextSlot = 1;

    private RocksStore(Engine engine) {
        this.engine = engine;
    }

    /**
     * Opens the store in a directory, which is made if it is not there.
     *
     * @param blockCacheBytes memory for what is read, above 0
     * @param writeBufferBytes memory for what is written until it is flushed, above 0; the larger, the fewer flushes
     * @throws StoreException if the directory cannot be used, another process or store uses it, or what is in it is damaged
     */
    public static RocksStore open(Path directory, long blockCacheBytes, long writeBufferBytes) {
        if (blockCacheBytes <= 0 || writeBufferBytes <= 0) {
            throw new IllegalArgumentException("a store needs memory: block cache " + blockCacheBytes
                    + " bytes, write buffers " + writeBufferBytes + " bytes");
        }
        var store = new RocksStore(Engine.open(directory, blockCacheBytes, writeBufferBytes));
        try {
            store.engine.gate().inside("be opened", () -> {
                store.load();
                return null;
            });
            return store;
        } catch (RuntimeException e) {
            try {
                store.close();
            } catch (StoreException onClose) {
                e.addSuppressed(onClose);
            }
            throw e;
        }
    }

    private void load() throws RocksDBException {
        var format = engine.get(RowKeys.FORMAT);
        if (format == null) {
            try (var changes = new WriteBatch()) {
                changes.put(RowKeys.FORMAT, toBytes(FORMAT));
                changes.put(RowKeys.NEXT_SLOT, toBytes(nextSlot));
                engine.write(changes);
            }
            return;
        }
        if (toInt(format) != FORMAT) {
            throw new StoreException(engine + " has format " + toInt(format) + "; this release knows " + FORMAT);
        }
        nextSlot = toInt(engine.get(RowKeys.NEXT_SLOT));
        try (var names = engine.newIterator()) {
            names.seek(RowKeys.namesStart());
            while (names.isValid() && Arrays.compareUnsigned(names.key(), RowKeys.namesEnd()) < 0) {
                add(PartitionId.parse(RowKeys.nameIn(names.key())), toInt(names.value()));
                names.next();
            }
            // An iterator that failed looks like one at its end.
            names.status();
        }
    }

    private RocksReplica add(PartitionId partition, int slot) throws RocksDBException {
        var replica = new RocksReplica(partition, slot, engine, openMoments);
        replicas.put(partition, replica);
        return replica;
    }

    @Override
    public ReplicaStore replica(PartitionId partition) {
        var there = replicas.get(partition);
        return there != null ? there : make(partition);
    }

    private synchronized ReplicaStore make(PartitionId partition) {
        var there = replicas.get(partition);
        if (there != null) {
            return there;
        }
        return engine.gate().inside("make a replica", () -> {
            try (var changes = new WriteBatch()) {
                changes.put(RowKeys.name(partition.toString()), toBytes(nextSlot));
                changes.put(RowKeys.NEXT_SLOT, toBytes(nextSlot + 1));
                engine.write(changes);
            }
            return add(partition, nextSlot++);
        });
    }

    @Override
    public Set<PartitionId> partitions() {
        return Set.copyOf(replicas.keySet());
    }

    @Override
    public void flush() {
        engine.gate().inside("force what it held to disk", () -> {
            engine.flush();
            return null;
        });
    }

    @Override
    public synchronized void drop(PartitionId partition) {
        var there = replicas.get(partition);
        if (there == null) {
            return;
        }
        engine.gate().inside("drop a replica", () -> {
            try (var changes = new WriteBatch()) {
                changes.delete(RowKeys.name(partition.toString()));
                there.drop(changes);
            } finally {
                if (there.isDropped()) {
                    replicas.remove(partition);
                }
            }
            return null;
        });
    }

    /** What writing to the disk fails with, and has not been seen to succeed since. Never blocks. */
    Optional<RocksDBException> failure() {
        return engine.failure();
    }

    /**
     * Writes a row anew that is there anyway; to the disk too if writing has failed before. Blocks as long as the disk does.
     *
     * @throws StoreException if it fails, or the store is closed
     */
    void tryWriting() {
        engine.gate().inside("be written to", () -> {
            try (var something = new WriteBatch()) {
                something.put(RowKeys.FORMAT, toBytes(FORMAT));
                engine.tryAgain(something);
            }
            return null;
        });
    }

    @Override
    public long sizeBytes() {
        return engine.gate().inside("tell its size", engine::sizeBytes);
    }

    @Override
    public StoreFigures figures() {
        return engine.gate().inside("tell how it fares", engine::figures);
    }

    @Override
    public Map<PartitionId, Long> replicaBytes() {
        return engine.gate().inside("tell the sizes of its replicas", () -> {
            var partitions = List.copyOf(replicas.keySet());
            var bounds = new ArrayList<Slice>();
            try {
                var ranges = new ArrayList<Range>();
                for (var partition : partitions) {
                    var replica = replicas.get(partition);
                    // One that was dropped meanwhile has none.
                    int slot = replica == null ? 0 : replica.slot();
                    var from = new Slice(RowKeys.slotStart(slot));
                    bounds.add(from);
                    var to = new Slice(RowKeys.slotEnd(slot));
                    bounds.add(to);
                    ranges.add(new Range(from, to));
                }
                long[] sizes = ranges.isEmpty() ? new long[0] : engine.approximateSizes(ranges);
                var bytes = new HashMap<PartitionId, Long>();
                for (int i = 0; i < sizes.length; i++) {
                    bytes.put(partitions.get(i), sizes[i]);
                }
                return bytes;
            } finally {
                bounds.forEach(Slice::close);
            }
        });
    }

    @Override
    public void close() {
        engine.close(() -> openMoments.forEach(Moment::close));
    }

    private static byte[] toBytes(int number) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    }

    private static int toInt(byte[] row) {
        if (row == null || row.length != Integer.BYTES) {
            throw new StoreException("a row of the store that should be a number is not: it is damaged");
        }
        return ByteBuffer.wrap(row).getInt();
    }
}
