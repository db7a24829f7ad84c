package io.aitta.partition;

import io.aitta.config.Settings;
import java.util.concurrent.TimeUnit;

/**
 * What full copies of replicas may take of a node, lest its clients notice them: so many at once, and so many bytes a
 * second, of those it hands out, of those it fetches and of what it reads to compare replicas, each by themselves. The
 * section {@code aitta.replica}. Thread-safe.
 */
public final class CopyLimits {
    /** So much must be possible that nobody who waits for the next chunk takes it for lost. */
    static final int MIN_BYTES_PER_SECOND = 1 << 20;

    static final int MAX_COPIES = 16;

    private final int copiesAtOnce;
    private final Pace handingOut;
    private final Pace fetching;
    private final Pace comparing;
    private int fetches;

    /**
     * @param copiesAtOnce at least 1
     * @param bytesPerSecond 0: as many as can be
     */
    public CopyLimits(int copiesAtOnce, long bytesPerSecond) {
        this.copiesAtOnce = copiesAtOnce;
        this.handingOut = new Pace(bytesPerSecond);
        this.fetching = new Pace(bytesPerSecond);
        this.comparing = new Pace(bytesPerSecond);
    }

    /** @throws io.aitta.config.ConfigException naming the key that is wrong and what would be right */
    public static CopyLimits read(Settings settings) {
        var section = settings.section("aitta.replica");
        int bytesPerSecond = section.bytes("copy-bandwidth", 0, Integer.MAX_VALUE);
        section.require(
                bytesPerSecond == 0 || bytesPerSecond >= MIN_BYTES_PER_SECOND,
                "copy-bandwidth",
                "0 (no limit), or at least 1 MiB a second");
        return new CopyLimits(section.integer("copies-at-once", 1, MAX_COPIES), bytesPerSecond);
    }

    int copiesAtOnce() {
        return copiesAtOnce;
    }

    /** @return false if as many are being fetched as may be; else {@link #endFetch} must follow */
    synchronized boolean beginFetch() {
        if (fetches >= copiesAtOnce) {
            return false;
        }
        fetches++;
        return true;
    }

    synchronized void endFetch() {
        fetches--;
    }

    /** @return how long to wait before so many bytes are handed out */
    long nanosUntilHandedOut(int bytes, long nowNanos) {
        return handingOut.reserve(bytes, nowNanos);
    }

    /** @return how long to wait after so many bytes have come before others are asked for */
    long nanosAfterFetched(int bytes, long nowNanos) {
        fetching.reserve(bytes, nowNanos);
        return fetching.reserve(0, nowNanos);
    }

    /** @return how long to wait after so many bytes were read for a comparison before others are */
    long nanosAfterCompared(int bytes, long nowNanos) {
        comparing.reserve(bytes, nowNanos);
        return comparing.reserve(0, nowNanos);
    }

    /** One after the other, none before those before it have had their time. */
    private static final class Pace {
        private final long bytesPerSecond;
        private long freeAt = Long.MIN_VALUE;

        Pace(long bytesPerSecond) {
            this.bytesPerSecond = bytesPerSecond;
        }

        /** @return nanoseconds until the turn of these bytes */
        synchronized long reserve(int bytes, long nowNanos) {
            if (bytesPerSecond == 0) {
                return 0;
            }
            long turn = freeAt == Long.MIN_VALUE || freeAt - nowNanos < 0 ? nowNanos : freeAt;
            freeAt = turn + TimeUnit.SECONDS.toNanos(1) * bytes / bytesPerSecond;
            return turn - nowNanos;
        }
    }
}
