package io.aitta.client;

/**
 * How much there is in a range.
 *
 * @param bytes of keys and values, without overhead and copies
 * @param exact whether all of it was counted; else it is estimated
 */
public record KeyCount(long keys, long bytes, boolean exact) {}
