package io.aitta.cli;

import com.google.protobuf.ByteString;
import io.aitta.client.KeyRange;
import picocli.CommandLine.Option;

/** A part of a table's keys: those for which all holds that is given. */
final class RangeMixin {
    @Option(names = "--prefix", paramLabel = "P", description = "Keys that begin with this.")
    private String prefix;

    @Option(
            names = "--tag",
            paramLabel = "TAG",
            description = "Keys with this hash tag, without its braces; all of its partition is looked through.")
    private String tag;

    @Option(names = "--from", paramLabel = "KEY", description = "Keys from this one on, in the order of their bytes.")
    private String from;

    @Option(names = "--to", paramLabel = "KEY", description = "Keys before this one.")
    private String to;

    boolean isGiven() {
        return prefix != null || tag != null || from != null || to != null;
    }

    KeyRange range() {
        KeyRange range = KeyRange.between(bytes(from), bytes(to));
        range = prefix == null ? range : range.withPrefix(bytes(prefix));
        return tag == null ? range : range.withTag(bytes(tag));
    }

    private static ByteString bytes(String text) {
        return text == null ? ByteString.EMPTY : Values.utf8(text);
    }
}
