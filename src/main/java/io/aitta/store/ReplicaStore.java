package io.aitta.store;

import com.google.protobuf.ByteString;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.Value;
import io.aitta.core.replication.Membership;
import io.aitta.proto.record.v1.ReplicaMark;
import io.aitta.proto.record.v1.StoredChanges;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * The applied state of one replica. One thread applies and installs; any thread reads and takes snapshots meanwhile.
 * Errors and blocking: see {@link Store}.
 */
public interface ReplicaStore {
    /** Where the applied state stands; index 0 if nothing was applied yet. Cheap. */
    ReplicaMark mark();

    /**
     * Applies a data entry: all of its operations in order, in one write batch with the mark.
     *
     * @param index the log index of the entry, which must be the next after the mark's
     * @param term the entry's term
     * @param batch a serialized {@code aitta.record.v1.Batch}
     * @return for each operation a serialized {@code aitta.record.v1.Outcome}
     * @throws IllegalStateException if {@code index} is not the next one
     */
    List<byte[]> apply(long index, long term, byte[] batch);

    /** Moves the mark over an entry that holds no data. {@code membership} is the group's as of this entry. */
    void skip(long index, long term, Membership membership);

    /**
     * Marks the replica as one whose data is being removed: see {@code leaving} of {@link #mark}. Nothing may be applied
     * any more. Survives a crash after the next {@link Store#flush}.
     */
    void leave();

    /** The value of a key, as of the last applied entry; absent if it expired at or before {@code nowMillis}. */
    Optional<Value> get(byte[] key, long nowMillis);

    /** The values of keys at one moment, in their order. */
    List<Optional<Value>> get(List<byte[]> keys, long nowMillis);

    /** What the replica holds at this moment, to be read in pieces while entries go on being applied. Must be closed. */
    View view();

    /**
     * About how many keys there are in a span, and how large they and their values are.
     *
     * @param nowMillis keys that expired at or before it are not counted if all are looked at
     * @return exact up to 10,000 keys. Beyond, mostly right within a third where sizes are much the same everywhere; too
     *     large by what was overwritten or removed and not yet compacted away
     */
    Estimate estimate(KeySpan span, long nowMillis);

    /**
     * When the next key will expire, by the expiry index, which may name a time too early; empty if none will. Cheap, but
     * for the first time after an opening or a full copy.
     */
    OptionalLong nextExpiryMillis();

    /**
     * What entries after {@code afterIndex} changed in a span, in the log's order; entries that changed nothing there
     * are left out.
     *
     * <p>A removed range that reaches out of the span is cut to it.
     *
     * @param maxBytes about how large; the changes of one entry are never divided. There may be less, or nothing, though
     *     more follows: after a bounded number of entries looked at, it comes up for air
     * @return empty if changes after {@code afterIndex} are no longer kept: see {@link #changesAfter}
     */
    Optional<Changes> changes(long afterIndex, KeySpan span, int maxBytes);

    /** The changes of all entries after this index are kept. */
    long changesAfter();

    /**
     * Forgets the oldest changes, about as many as exceed {@code keepBytes}; those of the newest {@code keepBytes} are
     * always kept. By any thread; waits for the entry that is being applied.
     */
    void trimChanges(long keepBytes);

    /** A consistent picture of everything, to be read in chunks while entries go on being applied. Must be closed. */
    Snapshot snapshot();

    /** A place beside the live data to which a snapshot is copied. Only one at a time: a new one discards an older. */
    Staging stage();

    /** The keys and values of one moment. Not thread-safe. */
    interface View extends AutoCloseable {
        /** Where the replica stood at that moment. */
        ReplicaMark mark();

        /**
         * Keys in their order, with their values.
         *
         * @param after null: from the beginning of the span; else a key after which to begin
         * @param wanted keys that it refuses are passed over
         * @param maxRows at least 1
         * @param maxBytes of keys and values, about; one row is always given, however large
         * @param keysOnly leaves the values' bytes empty
         * @param nowMillis what expired at or before it is passed over
         */
        Page scan(
                KeySpan span,
                ByteString after,
                Predicate<ByteString> wanted,
                int maxRows,
                int maxBytes,
                boolean keysOnly,
                long nowMillis);

        /**
         * What entries after {@code afterIndex} and up to the mark's changed, as {@link ReplicaStore#changes} tells it.
         *
         * @return empty if they were not all kept any more at that moment
         */
        Optional<Changes> changes(long afterIndex, int maxBytes);

        @Override
        void close();
    }

    record Row(ByteString key, Value value) {}

    /**
     * @param next null: nothing comes after these; else the {@code after} to go on with. There may be a next without any
     *     rows: after a bounded number of rows that were passed over, a scan comes up for air
     */
    record Page(List<Row> rows, ByteString next) {}

    /** @param exact whether all was counted */
    record Estimate(long keys, long bytes, boolean exact) {}

    /** @param lookedAtTo everything up to this index was looked at: the {@code afterIndex} to go on with */
    record Changes(List<Changed> entries, long lookedAtTo) {}

    /** What one entry changed, less what is outside of the span. */
    record Changed(long index, StoredChanges changes) {}

    /** A consistent picture of a replica. Not thread-safe. */
    interface Snapshot extends AutoCloseable {
        /** The mark of the picture. */
        ReplicaMark mark();

        /**
         * The next rows after those that begin with {@code afterRow}.
         *
         * @param afterRow null to begin; else the {@link Chunk#lastRow()} of the chunk before. The same argument gives
         *     the same chunk again, so that a broken transfer goes on where it was.
         * @param maxBytes about how large; one row is always returned, however large
         */
        Chunk next(byte[] afterRow, int maxBytes);

        /**
         * Reads on, about so many bytes, from where it was left; not to be mixed with {@link #next}.
         *
         * @return false if all has been read
         */
        boolean readInto(ContentDigest digest, int maxBytes);

        @Override
        void close();
    }

    /**
     * Some rows of a snapshot.
     *
     * @param rows an opaque encoding for {@link Staging#write(byte[])}
     * @param lastRow where to go on; null if {@code isLast} and there are no rows
     * @param isLast nothing comes after
     * @param checksum CRC32C of {@code rows}
     */
    record Chunk(byte[] rows, byte[] lastRow, boolean isLast, int checksum) {}

    /** Rows copied but not yet live. Nothing of it is seen by readers until installed. */
    interface Staging {
        /** @throws IllegalArgumentException if the chunk does not decode or its checksum is wrong; nothing was written then */
        void write(Chunk chunk);

        /**
         * Replaces the live data by what was written, all or nothing, forced to disk before it returns.
         *
         * @param mark the snapshot's mark, whole; only its generation is ignored
         * @throws IllegalStateException if the last chunk was not written, or the staging is over
         */
        void install(ReplicaMark mark);

        /** Removes what was written; does nothing if that was done, or installed, already. */
        void discard();
    }
}
