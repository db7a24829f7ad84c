package io.aitta.client;

import com.google.protobuf.ByteString;

/**
 * A part of a table's keys, by the order of their bytes read as unsigned numbers. Immutable: each method gives another
 * one, of keys for which all holds that was said.
 */
public final class KeyRange {
    private static final KeyRange ALL =
            new KeyRange(io.aitta.proto.v1.KeyRange.getDefaultInstance());

    private final io.aitta.proto.v1.KeyRange range;

    private KeyRange(io.aitta.proto.v1.KeyRange range) {
        this.range = range;
    }

    /** The whole table. */
    public static KeyRange all() {
        return ALL;
    }

    /** Keys that begin with these bytes. */
    public static KeyRange ofPrefix(ByteString prefix) {
        return ALL.withPrefix(prefix);
    }

    /** Keys with this hash tag, given without its braces. All of the tag's partition has to be looked through. */
    public static KeyRange ofTag(ByteString tag) {
        return ALL.withTag(tag);
    }

    /**
     * Keys from one on and before another.
     *
     * @param from the first key that may be in it; empty: from the beginning
     * @param to the first key after it; empty: no end
     */
    public static KeyRange between(ByteString from, ByteString to) {
        return ALL.withBounds(from, to);
    }

    /** Those that begin with these bytes. */
    public KeyRange withPrefix(ByteString prefix) {
        return new KeyRange(range.toBuilder().setPrefix(prefix).build());
    }

    /** Those with this hash tag. */
    public KeyRange withTag(ByteString tag) {
        return new KeyRange(range.toBuilder().setTag(tag).build());
    }

    /** Those from one on and before another; see {@link #between}. */
    public KeyRange withBounds(ByteString from, ByteString to) {
        return new KeyRange(range.toBuilder().setFrom(from).setTo(to).build());
    }

    io.aitta.proto.v1.KeyRange toProto() {
        return range;
    }

    /** A key by which to choose a node: of the one partition that is meant, if it is one. */
    ByteString nearKey() {
        return range.getTag().isEmpty()
                ? range.getPrefix()
                : ByteString.copyFromUtf8("{").concat(range.getTag()).concat(ByteString.copyFromUtf8("}"));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KeyRange same && same.range.equals(range);
    }

    @Override
    public int hashCode() {
        return range.hashCode();
    }
}
