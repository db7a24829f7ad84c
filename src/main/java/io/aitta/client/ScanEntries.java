package io.aitta.client;

import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The entries of a scan, for a caller that waits: page after page is fetched as they are used up, and one is held. Of one
 * thread. Methods throw {@link AittaException}; what failed may be tried again.
 */
public final class ScanEntries implements Iterator<ScanEntry>, AutoCloseable {
    private final Scan scan;
    private Iterator<ScanEntry> page = Collections.emptyIterator();

    ScanEntries(Scan scan) {
        this.scan = scan;
    }

    @Override
    public boolean hasNext() {
        while (!page.hasNext() && scan.hasNext()) {
            page = Blocking.await(scan.next()).entries().iterator();
        }
        return page.hasNext();
    }

    @Override
    public ScanEntry next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the scan has ended");
        }
        return page.next();
    }

    /** Ends the scan: nothing comes any more. */
    @Override
    public void close() {
        scan.close();
        page = Collections.emptyIterator();
    }
}
