package io.aitta.gateway;

import com.google.protobuf.ByteString;
import io.aitta.config.LimitSettings;
import io.aitta.core.hash.KeyHash;
import io.aitta.core.kv.KeySpan;
import io.aitta.gateway.RoutingTable.TableRoutes;
import io.aitta.proto.v1.KeyRange;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The part of a table that a {@link KeyRange} means: keys of a span, in one partition or in all of them.
 *
 * @param tag the span's keys with this hash tag only; null: all of them
 * @param first the first partition that may hold such keys
 * @param last the last one
 * @param checksum of the table and the range, to know them again by
 */
record RangePart(KeySpan span, ByteString tag, int first, int last, int checksum) {
    /** @throws ProblemException if no key can be in the range, or it names what no key can have */
    static RangePart of(KeyRange range, TableRoutes table, LimitSettings limits) {
        checkSize(range.getPrefix(), "prefix", limits);
        checkSize(range.getTag(), "tag", limits);
        checkSize(range.getFrom(), "from", limits);
        checkSize(range.getTo(), "to", limits);
        var between = new KeySpan(range.getFrom(), range.getTo());
        if (between.isEmpty()) {
            throw bad("range.to", "'to' must come after 'from', by the order of their bytes");
        }
        var span = KeySpan.ofPrefix(range.getPrefix()).intersection(between);
        if (span.isEmpty()) {
            throw bad("range", "no key that begins with the prefix stands between 'from' and 'to'");
        }
        Optional<ByteString> common =
                KeyHash.tagOf(range.getPrefix().toByteArray()).map(ByteString::copyFrom);
        ByteString tag = range.getTag().isEmpty() ? null : checkedTag(range.getTag(), common);
        int first = 0;
        int last = table.partitions() - 1;
        if (tag != null || common.isPresent()) {
            // A prefix that contains a whole hash tag gives it to all keys that begin with it.
            first = table.idOf(keyOf(tag != null ? tag : common.get())).partition();
            last = first;
        }
        return new RangePart(span, common.isPresent() ? null : tag, first, last, checksum(table.name(), range));
    }

    /** Whether nothing is said, which means the whole table. */
    static boolean isWhole(KeyRange range) {
        return range.getPrefix().isEmpty()
                && range.getTag().isEmpty()
                && range.getFrom().isEmpty()
                && range.getTo().isEmpty();
    }

    static ProblemException bad(String field, String message) {
        return Problem.inField(ErrorReason.BAD_RANGE, field, message).asException();
    }

    private static ByteString checkedTag(ByteString tag, Optional<ByteString> common) {
        if (KeyHash.tagOf(keyOf(tag))
                .map(ByteString::copyFrom)
                .filter(tag::equals)
                .isEmpty()) {
            throw bad(
                    "range.tag",
                    "a hash tag ends before the first '}', so it can contain none; give it without braces");
        }
        if (common.isPresent() && !common.get().equals(tag)) {
            throw bad(
                    "range.tag",
                    "keys that begin with the prefix have another hash tag, '" + Text.escaped(common.get()) + "'");
        }
        return tag;
    }

    private static void checkSize(ByteString bytes, String field, LimitSettings limits) {
        if (bytes.size() > limits.keyBytes()) {
            throw bad(
                    "range." + field,
                    String.format(
                            Locale.ROOT,
                            "'%s' has %,d bytes; a key has at most aitta.limits.key-bytes = %,d",
                            field,
                            bytes.size(),
                            limits.keyBytes()));
        }
    }

    /** The shortest key with a tag. */
    private static byte[] keyOf(ByteString tag) {
        byte[] key = new byte[tag.size() + 2];
        key[0] = '{';
        tag.copyTo(key, 1);
        key[key.length - 1] = '}';
        return key;
    }

    private static int checksum(String table, KeyRange range) {
        var crc = new CRC32C();
        for (ByteString field : Arrays.asList(
                ByteString.copyFromUtf8(table), range.getPrefix(), range.getTag(), range.getFrom(), range.getTo())) {
            // With its length, so that no byte can move from one to the next.
            crc.update(Integer.toString(field.size()).getBytes(StandardCharsets.US_ASCII));
            crc.update(0);
            crc.update(field.asReadOnlyByteBuffer());
        }
        return (int) crc.getValue();
    }
}
