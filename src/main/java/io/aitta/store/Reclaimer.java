package io.aitta.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the space of removed key ranges back, in the background: one range after the other, ranges that touch at once,
 * on a thread that lives only while there is something to do. If it fails, RocksDB's own compaction does the same later.
 *
 * <p>At most one range waits for each partition dropped and each generation replaced.
 */
final class Reclaimer {
    private static final Logger log = LoggerFactory.getLogger(Reclaimer.class);

    private record KeyRange(byte[] from, byte[] to) {}

    private final RocksDB db;
    private final CompactRangeOptions options = new CompactRangeOptions()
            .setExclusiveManualCompaction(false)
            // A bare range tombstone must not be moved down unmerged.
            .setBottommostLevelCompaction(CompactRangeOptions.BottommostLevelCompaction.kForceOptimized);
    private final ThreadPoolExecutor thread;
    private final List<KeyRange> waiting = new ArrayList<>();
    private boolean stopped;

    Reclaimer(RocksDB db) {
        this.db = db;
        thread = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            var made = new Thread(task, "aitta-store-reclaim");
            made.setDaemon(true);
            return made;
        });
        thread.allowCoreThreadTimeOut(true);
    }

    /** The keys from {@code from} to before {@code to}, which were removed and are not used again. */
    synchronized void reclaim(byte[] from, byte[] to) {
        waiting.add(new KeyRange(from, to));
        if (waiting.size() == 1 && !stopped) {
            thread.execute(this::compactAll);
        }
    }

    /** Returns when nothing runs any more. What waits is left to RocksDB's own compaction. */
    void stop() {
        synchronized (this) {
            stopped = true;
            waiting.clear();
        }
        options.setCanceled(true);
        thread.shutdown();
        boolean interrupted = false;
        while (!thread.isTerminated()) {
            try {
                thread.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                // RocksDB must not be closed under the thread, so the interrupt has to wait.
                interrupted = true;
            }
        }
        options.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void compactAll() {
        for (KeyRange range : takeMerged()) {
            try {
                if (!options.canceled()) {
                    db.compactRange(db.getDefaultColumnFamily(), range.from, range.to, options);
                }
            } catch (RocksDBException e) {
                if (!options.canceled()) {
                    log.warn("The space of removed data comes back later than it should: {}", e.getMessage());
                }
            }
        }
    }

    private synchronized List<KeyRange> takeMerged() {
        waiting.sort((a, b) -> Arrays.compareUnsigned(a.from, b.from));
        var merged = new ArrayList<KeyRange>();
        for (KeyRange range : waiting) {
            var last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
            if (last != null && Arrays.equals(last.to, range.from)) {
                merged.set(merged.size() - 1, new KeyRange(last.from, range.to));
            } else {
                merged.add(range);
            }
        }
        waiting.clear();
        return merged;
    }
}
