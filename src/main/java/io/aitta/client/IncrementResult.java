package io.aitta.client;

/**
 * What became of {@link AittaTable#increment}.
 *
 * @param version the version the key has now
 * @param value the number as it is now
 */
public record IncrementResult(long version, long value) {}
