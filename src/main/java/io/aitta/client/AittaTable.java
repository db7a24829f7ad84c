package io.aitta.client;

import com.google.protobuf.ByteString;
import io.aitta.proto.v1.DeleteResponse;
import io.aitta.proto.v1.SetResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/**
 * The keys of one table, asynchronously. Cheap to make, immutable, thread-safe. Stages fail with nothing but an
 * {@link AittaException}, at the latest a little after the deadline, and complete on a thread of the client: do not
 * block it.
 *
 * <p>Writes are forced to disk on a majority of replicas before they are answered, and applied once however often they
 * had to be sent; see {@link #withAcknowledgement} for another way. Reads see what {@link #withConsistency} says.
 */
public final class AittaTable {
    private final TableScope scope;
    private final Reads reads;
    private final Writes writes;
    private final Ranges ranges;

    AittaTable(TableScope scope) {
        this.scope = scope;
        this.reads = new Reads(scope);
        this.writes = new Writes(scope);
        this.ranges = new Ranges(scope);
    }

    /** The same table with another deadline for each call, above zero. */
    public AittaTable withDeadline(Duration deadline) {
        return new AittaTable(scope.withDeadline(deadline));
    }

    /** The same table with another consistency of its reads; {@link Consistency#TABLE_DEFAULT} unless asked for. */
    public AittaTable withConsistency(Consistency consistency) {
        return new AittaTable(scope.withConsistency(consistency));
    }

    /** The same table with its writes answered at another moment; {@link Acknowledgement#QUORUM} unless asked for. */
    public AittaTable withAcknowledgement(Acknowledgement acknowledgement) {
        return new AittaTable(scope.withAcknowledgement(acknowledgement));
    }

    /** What changes from now on, or a moment earlier. To be closed. */
    public ChangeFeed watch(WatchTarget target) {
        return watch(target, ByteString.EMPTY);
    }

    /** What changes after the {@link ChangeFeed#token} of a watch that had at least the same target. To be closed. */
    public ChangeFeed watch(WatchTarget target, ByteString token) {
        return new ChangeFeed(scope.table(), target, token, scope.calls());
    }

    /** The same table for callers that wait. */
    public BlockingView blocking() {
        return new BlockingView(this);
    }

    // ---- one key: reads

    /** The value of a key; empty if there is none. */
    public CompletionStage<Optional<VersionedValue>> get(ByteString key) {
        return reads.get(key);
    }

    /** Whether a key has a value. */
    public CompletionStage<Boolean> exists(ByteString key) {
        return reads.exists(key);
    }

    /** How long a key has still to live; empty if it has no value. */
    public CompletionStage<Optional<TimeToLive>> timeToLive(ByteString key) {
        return reads.timeToLive(key);
    }

    // ---- one key: writes

    /**
     * Stores a value, with the table's default time to live.
     *
     * @return the version the key has now
     */
    public CompletionStage<Long> set(ByteString key, ByteString value) {
        return writes.set(key, value, SetOptions.DEFAULT, SetResponse::getVersion);
    }

    /** Stores a value, if a condition holds, for some time. */
    public CompletionStage<SetResult> set(ByteString key, ByteString value, SetOptions options) {
        return writes.set(key, value, options, Results::set);
    }

    /**
     * Removes a key.
     *
     * @return whether there was a value
     */
    public CompletionStage<Boolean> delete(ByteString key) {
        return writes.delete(key, DeleteOptions.DEFAULT, DeleteResponse::getExisted);
    }

    /** Removes a key, if a condition holds. */
    public CompletionStage<DeleteResult> delete(ByteString key, DeleteOptions options) {
        return writes.delete(key, options, Results::delete);
    }

    /**
     * Adds bytes to the end of a value; a missing key counts as empty. The key keeps its time to live. Refused with
     * VALUE_TOO_LARGE if the whole would be larger than a value may be.
     */
    public CompletionStage<AppendResult> append(ByteString key, ByteString value) {
        return writes.append(key, value);
    }

    /**
     * Adds to a number: a value that is an optional '-' and decimal digits, within 64 bits. A missing key counts from 0.
     * The key keeps its time to live. Refused with NOT_A_NUMBER or OVERFLOW.
     *
     * @param amount may be negative, or 0
     */
    public CompletionStage<IncrementResult> increment(ByteString key, long amount) {
        return writes.increment(key, amount);
    }

    /**
     * Gives a key a time to live, instead of the one it has.
     *
     * @param timeToLive above zero; in milliseconds, a part of one counts as a whole
     * @return whether there was a value; a missing key stays missing
     */
    public CompletionStage<Boolean> expire(ByteString key, Duration timeToLive) {
        return writes.expire(key, timeToLive);
    }

    /**
     * Takes a key's time to live away.
     *
     * @return whether there was a value
     */
    public CompletionStage<Boolean> persist(ByteString key) {
        return writes.persist(key);
    }

    // ---- many keys

    /**
     * The values of many keys, over any partitions. The stage fails only if no key got an answer of its own.
     *
     * @return one outcome for each key, in the order asked
     */
    public CompletionStage<List<ReadOutcome>> multiGet(List<ByteString> keys) {
        return reads.multiGet(keys);
    }

    /**
     * Writes many entries, over any partitions, with the table's default time to live; not atomic as a whole. The stage
     * fails only if no entry got an answer of its own.
     *
     * @return one outcome for each entry, in the order given
     */
    public CompletionStage<List<WriteOutcome>> multiSet(List<Map.Entry<ByteString, ByteString>> entries) {
        return writes.multiSet(entries, OptionalLong.empty());
    }

    /**
     * As {@link #multiSet(List)}, with a time to live for all of them.
     *
     * @param timeToLive above zero; in milliseconds, a part of one counts as a whole
     * @throws IllegalArgumentException if it is not above zero
     */
    public CompletionStage<List<WriteOutcome>> multiSet(
            List<Map.Entry<ByteString, ByteString>> entries, Duration timeToLive) {
        return writes.multiSet(entries, OptionalLong.of(Millis.of("a time to live", timeToLive)));
    }

    /**
     * Removes many keys, over any partitions; not atomic as a whole. The stage fails only if no key got an answer of its
     * own.
     *
     * @return one outcome for each key, in the order given
     */
    public CompletionStage<List<DeleteOutcome>> multiDelete(List<ByteString> keys) {
        return writes.multiDelete(keys);
    }

    /**
     * Compares, then one of two lists of operations: all or nothing, isolated. Refused with KEYS_NOT_TOGETHER if its keys
     * do not belong to one partition.
     */
    public CompletionStage<TransactionResult> transaction(Transaction transaction) {
        return writes.transaction(transaction);
    }

    // ---- ranges

    /**
     * The keys of a range, page by page. Each partition is read as of one moment, and the next one as of a later; keys
     * that are there all the time are given exactly once, whatever else happens.
     */
    public Scan scan(KeyRange range, ScanOptions options) {
        return new Scan(ranges, range, options);
    }

    /**
     * One page of a scan.
     *
     * @param cursor of the page before, of the same range; empty: from the beginning
     */
    public CompletionStage<ScanPage> scanPage(KeyRange range, ScanOptions options, ByteString cursor) {
        return ranges.page(range, options, Math.min(options.limit(), options.pageSize()), cursor);
    }

    /**
     * Removes all keys of a range: atomic within each partition, not over all of them. Refused with BAD_RANGE for the
     * whole table, which is {@link #flush}.
     *
     * <p>A range by hash tag, unless its prefix contains the tag, is removed little by little: all of the tag's partition
     * is looked through as of one moment, and each key is removed that still is what it was then; what is written
     * meanwhile stays. If the deadline is over before, it ends with {@link AittaException.OutcomeUnknown}, which says how
     * far it came; called again it removes the rest.
     */
    public CompletionStage<Void> deleteRange(KeyRange range) {
        return ranges.deleteRange(range);
    }

    /** Removes all keys of the table: atomic within each partition, not over all of them. */
    public CompletionStage<Void> flush() {
        return ranges.flush();
    }

    /**
     * About how many keys there are in a range, and how large they and their values are. By hash tag, unless the prefix
     * contains it, all of the tag's partition is looked through, and the count is exact.
     */
    public CompletionStage<KeyCount> count(KeyRange range) {
        return ranges.count(range);
    }

    /** The same operations, each of which waits for its answer and throws {@link AittaException}. Thread-safe. */
    public static final class BlockingView {
        private final AittaTable table;

        private BlockingView(AittaTable table) {
            this.table = table;
        }

        /** See {@link AittaTable#get}. */
        public Optional<VersionedValue> get(ByteString key) {
            return Blocking.await(table.get(key));
        }

        /** See {@link AittaTable#exists}. */
        public boolean exists(ByteString key) {
            return Blocking.await(table.exists(key));
        }

        /** See {@link AittaTable#timeToLive}. */
        public Optional<TimeToLive> timeToLive(ByteString key) {
            return Blocking.await(table.timeToLive(key));
        }

        /** See {@link AittaTable#set(ByteString, ByteString)}. */
        public long set(ByteString key, ByteString value) {
            return Blocking.await(table.set(key, value));
        }

        /** See {@link AittaTable#set(ByteString, ByteString, SetOptions)}. */
        public SetResult set(ByteString key, ByteString value, SetOptions options) {
            return Blocking.await(table.set(key, value, options));
        }

        /** See {@link AittaTable#delete(ByteString)}. */
        public boolean delete(ByteString key) {
            return Blocking.await(table.delete(key));
        }

        /** See {@link AittaTable#delete(ByteString, DeleteOptions)}. */
        public DeleteResult delete(ByteString key, DeleteOptions options) {
            return Blocking.await(table.delete(key, options));
        }

        /** See {@link AittaTable#append}. */
        public AppendResult append(ByteString key, ByteString value) {
            return Blocking.await(table.append(key, value));
        }

        /** See {@link AittaTable#increment}. */
        public IncrementResult increment(ByteString key, long amount) {
            return Blocking.await(table.increment(key, amount));
        }

        /** See {@link AittaTable#expire}. */
        public boolean expire(ByteString key, Duration timeToLive) {
            return Blocking.await(table.expire(key, timeToLive));
        }

        /** See {@link AittaTable#persist}. */
        public boolean persist(ByteString key) {
            return Blocking.await(table.persist(key));
        }

        /** See {@link AittaTable#multiGet}. */
        public List<ReadOutcome> multiGet(List<ByteString> keys) {
            return Blocking.await(table.multiGet(keys));
        }

        /** See {@link AittaTable#multiSet(List)}. */
        public List<WriteOutcome> multiSet(List<Map.Entry<ByteString, ByteString>> entries) {
            return Blocking.await(table.multiSet(entries));
        }

        /** See {@link AittaTable#multiSet(List, Duration)}. */
        public List<WriteOutcome> multiSet(List<Map.Entry<ByteString, ByteString>> entries, Duration timeToLive) {
            return Blocking.await(table.multiSet(entries, timeToLive));
        }

        /** See {@link AittaTable#multiDelete}. */
        public List<DeleteOutcome> multiDelete(List<ByteString> keys) {
            return Blocking.await(table.multiDelete(keys));
        }

        /** See {@link AittaTable#transaction}. */
        public TransactionResult transaction(Transaction transaction) {
            return Blocking.await(table.transaction(transaction));
        }

        /** The entries of {@link AittaTable#scan}, one after the other. To be closed. */
        public ScanEntries scan(KeyRange range, ScanOptions options) {
            return new ScanEntries(table.scan(range, options));
        }

        /** See {@link AittaTable#scanPage}. */
        public ScanPage scanPage(KeyRange range, ScanOptions options, ByteString cursor) {
            return Blocking.await(table.scanPage(range, options, cursor));
        }

        /** See {@link AittaTable#deleteRange}. */
        public void deleteRange(KeyRange range) {
            Blocking.await(table.deleteRange(range));
        }

        /** See {@link AittaTable#flush}. */
        public void flush() {
            Blocking.await(table.flush());
        }

        /** See {@link AittaTable#count}. */
        public KeyCount count(KeyRange range) {
            return Blocking.await(table.count(range));
        }
    }
}
