package io.aitta.client;

import com.google.protobuf.ByteString;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A scan, page by page: nothing is read before it is asked for, and nothing is held here but the place where to go on.
 * One page at a time; from one thread to another only with the usual care. A page that failed may be asked for again.
 */
public final class Scan implements AutoCloseable {
    private final Ranges ranges;
    private final KeyRange range;
    private final ScanOptions options;
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile ByteString cursor = ByteString.EMPTY;
    private volatile long left;
    private volatile boolean ended;

    Scan(Ranges ranges, KeyRange range, ScanOptions options) {
        this.ranges = ranges;
        this.range = range;
        this.options = options;
        this.left = options.limit();
    }

    /** Whether there may be another page: the last one was not, and the limit was not reached. */
    public boolean hasNext() {
        return !ended;
    }

    /**
     * The next page, at most a little after the table's deadline; after the last one, empty ones.
     *
     * @return fails with SCAN_EXPIRED if the scan took too long or a node was lost, and it is not
     *     {@linkplain ScanOptions#relaxed relaxed}; the last page's {@link ScanPage#cursor} is then still good for a scan
     *     that is
     * @throws IllegalStateException if the page before has not come yet
     */
    public CompletionStage<ScanPage> next() {
        if (ended) {
            return CompletableFuture.completedFuture(ScanPage.END);
        }
        if (!asking.compareAndSet(false, true)) {
            throw new IllegalStateException("the page before has not come yet");
        }
        return ranges.page(range, options, Math.min(left, options.pageSize()), cursor)
                .whenComplete((page, failure) -> {
                    if (failure == null) {
                        cursor = page.cursor();
                        left -= page.entries().size();
                        ended |= page.isLast() || left <= 0;
                    }
                    asking.set(false);
                });
    }

    /** Ends the scan; a page that is under way still comes. */
    @Override
    public void close() {
        ended = true;
    }
}
