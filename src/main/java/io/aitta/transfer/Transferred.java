package io.aitta.transfer;

/**
 * How far a transfer is.
 *
 * @param rows written to the file, or read from it, those of before a resumption included
 * @param bytes of the file so far
 */
public record Transferred(long rows, long bytes) {}
