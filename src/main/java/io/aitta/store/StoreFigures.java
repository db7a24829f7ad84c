package io.aitta.store;

/**
 * How a store fares.
 *
 * @param diskBytes of its files
 * @param memoryBytes of what was written and not flushed
 * @param keys in all rows of all replicas, about
 * @param compactions that are running, as flushes are
 * @param pendingCompactionBytes that compactions have yet to rewrite, about
 * @param throttled 1 if writes are held back because compactions or flushes cannot keep up, else 0
 * @param backgroundErrors of flushes and compactions since it was opened
 * @param cacheBytes in use, and
 * @param cacheCapacityBytes how many there may be
 * @param cacheHits blocks found in the cache since it was opened, and
 * @param cacheMisses those that were read from disk
 * @param compactionReadBytes since it was opened, as are the bytes written
 */
public record StoreFigures(
        long diskBytes,
        long memoryBytes,
        long keys,
        long compactions,
        long pendingCompactionBytes,
        long flushes,
        long throttled,
        long backgroundErrors,
        long cacheBytes,
        long cacheCapacityBytes,
        long cacheHits,
        long cacheMisses,
        long compactionReadBytes,
        long compactionWriteBytes) {}
