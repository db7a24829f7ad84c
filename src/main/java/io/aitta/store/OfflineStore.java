package io.aitta.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TextFormat;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.KvReader.Expiring;
import io.aitta.proto.record.v1.ReplicaMark;
import io.aitta.proto.record.v1.StoredChanges;
import io.aitta.proto.record.v1.StoredSession;
import io.aitta.proto.record.v1.StoredValue;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * The store of a node that is not running, read from its first row to its last: for who looks for damage. Nothing is
 * written. The caller sees to it that no node uses the directory.
 */
public final class OfflineStore {
    /** Further ones are only counted. */
    private static final int MOST_PROBLEMS = 100;

    /** What is wrong, and where. */
    public record Problem(String partition, String row, String what) {}

    /** How many rows there are of each kind. @param mark null if it cannot be read */
    public record Replica(
            PartitionId partition,
            ReplicaMark mark,
            long values,
            long sessions,
            long expiry,
            long changes,
            long bytes) {}

    /** @param problemsLeftOut that were found beside those */
    public record Found(List<Replica> replicas, List<Problem> problems, long problemsLeftOut) {}

    private static final class Counts {
        final PartitionId partition;
        ReplicaMark mark;
        final long[] kinds = new long[RowKeys.CHANGES + 1];
        long bytes;

        Counts(PartitionId partition) {
            this.partition = partition;
        }
    }

    private final RocksDB db;
    private final ReadOptions reading = new ReadOptions().setFillCache(false).setVerifyChecksums(true);
    private final Map<Integer, Counts> slots = new TreeMap<>();
    private final List<Problem> problems = new ArrayList<>();
    private long problemsLeftOut;

    private OfflineStore(RocksDB db) {
        this.db = db;
    }

    /** Whether there is a store in a directory. */
    public static boolean isIn(Path directory) {
        return Files.exists(directory.resolve("CURRENT"));
    }

    /** @throws StoreException if it cannot be opened at all */
    public static Found inspect(Path directory) {
        NativeLibrary.load();
        try (var options = new Options();
                var db = RocksDB.openReadOnly(options, directory.toString())) {
            var store = new OfflineStore(db);
            try (store.reading) {
                return store.inspect();
            }
        } catch (RocksDBException e) {
            throw Gate.failure(directory, "be opened", e);
        }
    }

    /**
     * The marks of all replicas, and nothing else; those that do not decode are left out.
     *
     * @throws StoreException if it cannot be read
     */
    public static Map<PartitionId, ReplicaMark> marks(Path directory) {
        NativeLibrary.load();
        try (var options = new Options();
                var db = RocksDB.openReadOnly(options, directory.toString())) {
            var store = new OfflineStore(db);
            try (store.reading;
                    RocksIterator names = db.newIterator(store.reading)) {
                for (names.seek(RowKeys.namesStart());
                        names.isValid() && Arrays.compareUnsigned(names.key(), RowKeys.namesEnd()) < 0;
                        names.next()) {
                    store.ofStore(names.key(), names.value());
                }
                names.status();
                var marks = new HashMap<PartitionId, ReplicaMark>();
                for (var slot : store.slots.entrySet()) {
                    byte[] row = db.get(store.reading, RowKeys.mark(slot.getKey()));
                    if (row != null) {
                        store.mark(slot.getValue(), row);
                    }
                    if (slot.getValue().mark != null) {
                        marks.put(slot.getValue().partition, slot.getValue().mark);
                    }
                }
                return marks;
            }
        } catch (RocksDBException e) {
            throw Gate.failure(directory, "be read", e);
        }
    }

    private Found inspect() {
        byte[] last = {};
        try (RocksIterator rows = db.newIterator(reading)) {
            for (rows.seekToFirst(); rows.isValid(); rows.next()) {
                last = rows.key();
                row(last, rows.value());
            }
            rows.status();
            db.verifyChecksum();
        } catch (RocksDBException e) {
            problem("", "after " + name(last), "the file is damaged: " + e.getMessage());
        }
        var replicas = new ArrayList<Replica>();
        for (Counts found : slots.values()) {
            replicas.add(new Replica(
                    found.partition,
                    found.mark,
                    found.kinds[RowKeys.VALUE],
                    found.kinds[RowKeys.SESSION],
                    found.kinds[RowKeys.EXPIRY],
                    found.kinds[RowKeys.CHANGES],
                    found.bytes));
        }
        return new Found(replicas, List.copyOf(problems), problemsLeftOut);
    }

    private void problem(String partition, String row, String what) {
        if (problems.size() < MOST_PROBLEMS) {
            problems.add(new Problem(partition, row, what));
        } else {
            problemsLeftOut++;
        }
    }

    // ---- rows: a replica's come after the list of partitions, and its mark before the rest -----------------------

    private void row(byte[] key, byte[] row) throws RocksDBException {
        if (key.length < RowKeys.FORMAT.length) {
            problem("", name(key), "a key so short is none of this store's");
            return;
        }
        int slot = ByteBuffer.wrap(key).getInt();
        if (slot == 0) {
            ofStore(key, row);
            return;
        }
        var replica = slots.get(slot);
        if (replica == null) {
            problem("", name(key), "it belongs to number " + slot + ", which no partition has");
            return;
        }
        replica.bytes += key.length + row.length;
        if (Arrays.equals(key, RowKeys.mark(slot))) {
            mark(replica, row);
        } else if (key.length <= RowKeys.GENERATION_PREFIX_BYTES || key[4] != 1) {
            problem(replica.partition.toString(), name(key), "it is neither a mark nor a row of data");
        } else if (replica.mark == null || ByteBuffer.wrap(key, 5, 4).getInt() == replica.mark.getGeneration()) {
            data(replica, slot, key, row);
        }
        // Other generations are what an unfinished copy left; they are removed when the store is opened.
    }

    private void ofStore(byte[] key, byte[] row) {
        boolean isNumber = row.length == Integer.BYTES;
        if (!isNumber) {
            problem("", name(key), "it should be a number of four bytes and has " + row.length);
        } else if (Arrays.equals(key, RowKeys.FORMAT)) {
            int format = ByteBuffer.wrap(row).getInt();
            if (format != RocksStore.FORMAT) {
                problem("", "the format", "it is " + format + "; this release knows " + RocksStore.FORMAT);
            }
        } else if (!Arrays.equals(key, RowKeys.NEXT_SLOT)) {
            partition(RowKeys.nameIn(key), ByteBuffer.wrap(row).getInt());
        }
    }

    private void partition(String name, int slot) {
        try {
            var before = slots.put(slot, new Counts(PartitionId.parse(name)));
            if (before != null) {
                problem(name, "the number " + slot, before.partition + " has it too");
            }
        } catch (IllegalArgumentException e) {
            problem(name, "the name", "it is none of a partition: " + e.getMessage());
        }
    }

    private void mark(Counts replica, byte[] row) {
        try {
            replica.mark = ReplicaMark.parseFrom(row);
            version(replica, "the mark", replica.mark.getRecordVersion());
        } catch (InvalidProtocolBufferException e) {
            problem(replica.partition.toString(), "the mark", "it does not decode: " + e.getMessage());
        }
    }

    private void version(Counts replica, String row, int version) {
        if (version != Rows.RECORD_VERSION) {
            problem(
                    replica.partition.toString(),
                    row,
                    "it has record version " + Integer.toUnsignedString(version) + "; this release knows "
                            + Rows.RECORD_VERSION);
        }
    }

    private void data(Counts replica, int slot, byte[] key, byte[] row) throws RocksDBException {
        byte kind = key[RowKeys.GENERATION_PREFIX_BYTES];
        var rest = ByteString.copyFrom(
                key, RowKeys.GENERATION_PREFIX_BYTES + 1, key.length - RowKeys.GENERATION_PREFIX_BYTES - 1);
        String where =
                switch (kind) {
                    case RowKeys.VALUE -> "the value of key " + quoted(rest);
                    case RowKeys.SESSION -> "the session of client " + quoted(rest);
                    case RowKeys.EXPIRY -> "an entry of the expiry index";
                    case RowKeys.CHANGES -> "the changes of an entry";
                    default -> name(key);
                };
        try {
            switch (kind) {
                case RowKeys.VALUE -> value(replica, slot, where, rest, StoredValue.parseFrom(row));
                case RowKeys.SESSION -> StoredSession.parseFrom(row);
                case RowKeys.EXPIRY -> RowKeys.expiryIn(rest);
                case RowKeys.CHANGES -> changes(replica, rest, StoredChanges.parseFrom(row));
                default -> {
                    problem(replica.partition.toString(), where, "there is no kind " + kind + " of rows");
                    return;
                }
            }
            replica.kinds[kind]++;
        } catch (InvalidProtocolBufferException | StoreException e) {
            problem(replica.partition.toString(), where, "it does not decode: " + e.getMessage());
        }
    }

    private void value(Counts replica, int slot, String where, ByteString key, StoredValue value)
            throws RocksDBException {
        String partition = replica.partition.toString();
        if (replica.mark != null && Long.compareUnsigned(value.getVersion(), replica.mark.getRevision()) > 0) {
            problem(
                    partition,
                    where,
                    "its version is " + value.getVersion() + ", and only " + replica.mark.getRevision()
                            + " writes were applied");
        }
        if (replica.mark != null && value.getExpiresAtMillis() != 0) {
            var entry = new Expiring(value.getExpiresAtMillis(), key);
            var indexed = RowKeys.row(slot, replica.mark.getGeneration(), RowKeys.EXPIRY, RowKeys.expiry(entry));
            if (db.get(reading, indexed) == null) {
                problem(
                        partition,
                        where,
                        "it expires, and the expiry index has no entry of it: it would stay for ever");
            }
        }
    }

    private void changes(Counts replica, ByteString index, StoredChanges changes) {
        String where = "the changes of entry " + RowKeys.changesIn(index);
        version(replica, where, changes.getRecordVersion());
        if (replica.mark != null && RowKeys.changesIn(index) > replica.mark.getAppliedIndex()) {
            problem(
                    replica.partition.toString(),
                    where,
                    "the mark says that only " + replica.mark.getAppliedIndex() + " entries were applied");
        }
    }

    private static String quoted(ByteString bytes) {
        return "'" + TextFormat.escapeBytes(bytes) + "'";
    }

    private static String name(byte[] key) {
        return key.length == 0
                ? "the beginning"
                : "the row with key " + HexFormat.of().formatHex(key, 0, Math.min(key.length, 64));
    }
}
