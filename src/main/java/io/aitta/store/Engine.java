package io.aitta.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.HistogramType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.Range;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.RocksObject;
import org.rocksdb.SizeApproximationFlag;
import org.rocksdb.Statistics;
import org.rocksdb.TickerType;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;

/**
 * RocksDB as this store uses it: tuned for few cores and bounded memory, no write-ahead log, native memory given back.
 * As all rows share one column family, what a crash leaves is the effect of a prefix of all writes ever made.
 *
 * <p>Every method but {@link #open}, {@link #gate} and {@link #close} must be called inside the {@link Gate}.
 */
final class Engine {
    private static final int BACKGROUND_JOBS = 2;
    private static final int OPEN_FILES = 1024;
    private static final int BLOCK_BYTES = 8 * 1024;
    private static final double BLOOM_BITS_PER_KEY = 10;
    private static final double CACHE_SHARE_FOR_INDEXES = 0.3;
    private static final long MANIFEST_BYTES = 16L << 20;
    private static final long INFO_LOG_BYTES = 4L << 20;
    private static final long FILES_LOOKED_AT_NANOS = TimeUnit.MINUTES.toNanos(1);

    private record FilesToRows(long atNanos, double ratio) {}

    private final Path directory;
    private final Gate gate;
    private final RocksDB db;
    private final Reclaimer reclaimer;
    private final Deque<RocksObject> natives;
    private final Statistics statistics;
    private final WriteOptions writeOptions = new WriteOptions().setDisableWAL(true);
    private final ReadOptions readOptions = new ReadOptions();
    private final FlushOptions flushOptions = new FlushOptions().setWaitForFlush(true);
    /** What the last write or flush failed with; null if it did not, or if one has succeeded since. */
    private volatile RocksDBException failure;
    /** Null until there are files. */
    private volatile FilesToRows filesToRows;

    private Engine(Path directory, RocksDB db, Deque<RocksObject> natives, Statistics statistics) {
        this.statistics = statistics;
        this.directory = directory;
        this.db = db;
        this.natives = natives;
        gate = new Gate(directory);
        reclaimer = new Reclaimer(db);
    }

    /** @throws StoreException if the directory cannot be used, is in use, or holds a damaged store */
    static Engine open(Path directory, long blockCacheBytes, long writeBufferBytes) {
        NativeLibrary.load();
        var natives = new ArrayDeque<RocksObject>();
        try {
            Files.createDirectories(directory);
            boolean isNew = !Files.exists(directory.resolve("CURRENT"));
            if (isNew && holdsData(directory)) {
                // RocksDB would begin an empty store over it.
                throw new StoreException("the store in " + directory
                        + " is damaged: it has data files but no file CURRENT. Restore the whole data directory from a copy,"
                        + " or start with an empty one and another --node-id");
            }
            // Counts alone: histograms would look at the clock with every read.
            var statistics = new Statistics(EnumSet.allOf(HistogramType.class));
            natives.push(statistics);
            var options = options(blockCacheBytes, writeBufferBytes, natives)
                    .setCreateIfMissing(isNew)
                    .setStatistics(statistics);
            return new Engine(directory, RocksDB.open(options, directory.toString()), natives, statistics);
        } catch (IOException e) {
            closeAll(natives);
            throw new StoreException("the store's directory " + directory + " cannot be used: " + e, e);
        } catch (RocksDBException e) {
            closeAll(natives);
            throw Gate.failure(directory, "be opened", e);
        } catch (RuntimeException e) {
            closeAll(natives);
            throw e;
        }
    }

    private static boolean holdsData(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.anyMatch(file -> file.toString().endsWith(".sst"));
        }
    }

    /** Everything native that the options need is added to {@code natives}, last what must be closed first. */
    private static Options options(long blockCacheBytes, long writeBufferBytes, Deque<RocksObject> natives) {
        // Write buffers are charged to the cache, so that its capacity bounds both.
        var cache = new LRUCache(blockCacheBytes + writeBufferBytes, -1, false, CACHE_SHARE_FOR_INDEXES);
        natives.push(cache);
        var writeBuffers = new WriteBufferManager(writeBufferBytes, cache);
        natives.push(writeBuffers);
        var bloom = new BloomFilter(BLOOM_BITS_PER_KEY);
        natives.push(bloom);
        var table = new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setBlockSize(BLOCK_BYTES)
                .setFilterPolicy(bloom)
                .setOptimizeFiltersForMemory(true)
                // Indexes and filters count against the cache too, else they grow with the data.
                .setCacheIndexAndFilterBlocks(true)
                .setCacheIndexAndFilterBlocksWithHighPriority(true)
                .setPinL0FilterAndIndexBlocksInCache(true);
        var options = new Options()
                .setTableFormatConfig(table)
                .setWriteBufferManager(writeBuffers)
                .setWriteBufferSize(writeBufferBytes / 2)
                .setMaxWriteBufferNumber(3)
                .setMaxBytesForLevelBase(2 * writeBufferBytes)
                .setMaxBackgroundJobs(BACKGROUND_JOBS)
                .setMaxSubcompactions(1)
                .setMaxOpenFiles(OPEN_FILES)
                .setMaxFileOpeningThreads(1)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setBytesPerSync(1 << 20)
                .setMaxManifestFileSize(MANIFEST_BYTES)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(INFO_LOG_BYTES)
                .setKeepLogFileNum(2)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0);
        natives.push(options);
        return options;
    }

    Gate gate() {
        return gate;
    }

    RocksDB db() {
        return db;
    }

    byte[] get(byte[] key) throws RocksDBException {
        return db.get(readOptions, key);
    }

    /** Null where there is nothing; all as of one moment. */
    List<byte[]> get(List<byte[]> keys) throws RocksDBException {
        return db.multiGetAsList(readOptions, keys);
    }

    /** The caller closes it, inside the gate. */
    RocksIterator newIterator() {
        return db.newIterator(readOptions);
    }

    void write(WriteBatch batch) throws RocksDBException {
        try {
            db.write(writeOptions, batch);
        } catch (RocksDBException e) {
            failure = e;
            throw e;
        }
    }

    void flush() throws RocksDBException {
        try {
            db.flush(flushOptions);
        } catch (RocksDBException e) {
            failure = e;
            throw e;
        }
    }

    /**
     * What a write or a flush has failed with, unless {@link #tryAgain} has shown since that the disk is well. What is
     * written goes to memory first: that a write succeeds says nothing of the disk. Not for inside the gate only.
     */
    Optional<RocksDBException> failure() {
        return Optional.ofNullable(failure);
    }

    /** Writes something; if anything has failed before, also to the disk. */
    void tryAgain(WriteBatch something) throws RocksDBException {
        write(something);
        if (failure != null) {
            flush();
            failure = null;
        }
    }

    /**
     * Gives back the space of a key range that is not used again. Its removal must have been flushed: files are removed
     * from the disk at once, and a crash must not bring back the rest of a range whose rows were half there.
     */
    void reclaim(byte[] from, byte[] to) throws RocksDBException {
        db.deleteFilesInRanges(db.getDefaultColumnFamily(), List.of(from, to), false);
        // Among the files may have been the one that marked the range as removed, and older rows may be left in files
        // that reach beyond the range.
        db.deleteRange(db.getDefaultColumnFamily(), writeOptions, from, to);
        reclaimer.reclaim(from, to);
    }

    /** About how many bytes each of these ranges is, in files and in memory; what is in memory may be off by a fifth or more. */
    long[] approximateSizes(List<Range> ranges) throws RocksDBException {
        return db.getApproximateSizes(
                ranges, SizeApproximationFlag.INCLUDE_FILES, SizeApproximationFlag.INCLUDE_MEMTABLES);
    }

    /** About how many bytes of files each of these ranges is. */
    long[] approximateFileBytes(List<Range> ranges) throws RocksDBException {
        return db.getApproximateSizes(ranges, SizeApproximationFlag.INCLUDE_FILES);
    }

    /** About how many rows of each are in memory, with those that were overwritten there; each off by a fifth or more. */
    long[] approximateRowsInMemory(List<Range> ranges) {
        return ranges.stream()
                .mapToLong(range -> db.getApproximateMemTableStats(range).count)
                .toArray();
    }

    /**
     * Bytes in files for each byte of a row, over all of the store: less than 1 if it can be compressed; 1 without files.
     * Looked up rarely, for writers have to wait meanwhile.
     */
    double filesToRows() throws RocksDBException {
        var known = filesToRows;
        long now = System.nanoTime();
        if (known != null && now - known.atNanos() < FILES_LOOKED_AT_NANOS) {
            return known.ratio();
        }
        var files = db.getMapProperty("rocksdb.aggregated-table-properties");
        double rows = number(files, "raw_key_size") + number(files, "raw_value_size");
        double bytes = number(files, "data_size") + number(files, "index_size") + number(files, "filter_size");
        if (rows == 0 || bytes == 0) {
            return 1;
        }
        filesToRows = new FilesToRows(now, bytes / rows);
        return bytes / rows;
    }

    private static double number(Map<String, String> properties, String name) {
        return Double.parseDouble(properties.getOrDefault(name, "0"));
    }

    StoreFigures figures() throws RocksDBException {
        return new StoreFigures(
                sizeBytes(),
                db.getLongProperty("rocksdb.cur-size-all-mem-tables"),
                db.getLongProperty("rocksdb.estimate-num-keys"),
                db.getLongProperty("rocksdb.num-running-compactions"),
                db.getLongProperty("rocksdb.estimate-pending-compaction-bytes"),
                db.getLongProperty("rocksdb.num-running-flushes"),
                db.getLongProperty("rocksdb.actual-delayed-write-rate") > 0
                                || db.getLongProperty("rocksdb.is-write-stopped") > 0
                        ? 1
                        : 0,
                db.getLongProperty("rocksdb.background-errors"),
                db.getLongProperty("rocksdb.block-cache-usage"),
                db.getLongProperty("rocksdb.block-cache-capacity"),
                statistics.getTickerCount(TickerType.BLOCK_CACHE_HIT),
                statistics.getTickerCount(TickerType.BLOCK_CACHE_MISS),
                statistics.getTickerCount(TickerType.COMPACT_READ_BYTES),
                statistics.getTickerCount(TickerType.COMPACT_WRITE_BYTES));
    }

    long sizeBytes() throws RocksDBException {
        return db.getLongProperty("rocksdb.total-sst-files-size");
    }

    /** Waits for the calls inside, runs {@code first}, flushes and closes. Idempotent. */
    void close(Runnable first) {
        gate.close(() -> {
            first.run();
            reclaimer.stop();
            try {
                flush();
            } finally {
                db.close();
                writeOptions.close();
                readOptions.close();
                flushOptions.close();
                closeAll(natives);
            }
            return null;
        });
    }

    private static void closeAll(Deque<RocksObject> natives) {
        while (!natives.isEmpty()) {
            natives.pop().close();
        }
    }

    @Override
    public String toString() {
        return "the store in " + directory;
    }
}
