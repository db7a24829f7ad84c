package io.aitta.client;

/** How a table is scanned. Immutable: each method gives another one. */
public final class ScanOptions {
    /** Keys and values, all of them, in pages of what fits, each partition as of one moment. */
    public static final ScanOptions DEFAULT = new ScanOptions(false, false, Long.MAX_VALUE, Integer.MAX_VALUE);

    private final boolean keysOnly;
    private final boolean relaxed;
    private final long limit;
    private final int pageSize;

    private ScanOptions(boolean keysOnly, boolean relaxed, long limit, int pageSize) {
        this.keysOnly = keysOnly;
        this.relaxed = relaxed;
        this.limit = limit;
        this.pageSize = pageSize;
    }

    /** Values stay where they are. */
    public ScanOptions keysOnly() {
        return new ScanOptions(true, relaxed, limit, pageSize);
    }

    /**
     * Goes on when a moment is gone, which is when no page was asked for within 30 s or a node was lost: at a later one.
     * What is there all the time is still given exactly once. Without it the scan fails with SCAN_EXPIRED then.
     */
    public ScanOptions relaxed() {
        return new ScanOptions(keysOnly, true, limit, pageSize);
    }

    /**
     * So many keys at most.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public ScanOptions limit(long limit) {
        return new ScanOptions(keysOnly, relaxed, positive("a limit", limit), pageSize);
    }

    /**
     * So many keys at most in a page; there may be fewer in any.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public ScanOptions pageSize(int pageSize) {
        return new ScanOptions(keysOnly, relaxed, limit, (int) positive("a page's size", pageSize));
    }

    boolean isKeysOnly() {
        return keysOnly;
    }

    boolean isRelaxed() {
        return relaxed;
    }

    long limit() {
        return limit;
    }

    int pageSize() {
        return pageSize;
    }

    private static long positive(String what, long number) {
        if (number < 1) {
            throw new IllegalArgumentException(what + " must be at least 1, not " + number);
        }
        return number;
    }
}
