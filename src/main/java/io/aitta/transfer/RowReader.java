package io.aitta.transfer;

import java.io.IOException;

/** Reads rows, one at a time. Of one thread. */
interface RowReader {
    /**
     * The next row; null at the end.
     *
     * @throws Row.BadRow if this one is none; the next call reads the one after it
     * @throws IOException if nothing more can be read
     */
    Row next() throws IOException;

    /** Where the last one began, from 1. */
    long line();
}
