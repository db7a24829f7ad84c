package io.aitta.inspect;

/**
 * Something that is damaged.
 *
 * @param partition of which, such as {@code users@3/0}; empty: of none in particular
 * @param where the row, in words
 */
public record Problem(String partition, String where, String what) {}
