package io.aitta.client;

/**
 * What became of {@link AittaTable#append}.
 *
 * @param version the version the key has now
 * @param length the length the value has now, in bytes
 */
public record AppendResult(long version, long length) {}
