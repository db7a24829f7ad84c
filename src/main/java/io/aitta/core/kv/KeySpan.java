package io.aitta.core.kv;

import com.google.protobuf.ByteString;
import java.util.Comparator;

/**
 * Keys from one on and before another, in the order of their bytes read as unsigned numbers.
 *
 * @param from the first key that may be in it; empty: from the beginning
 * @param to the first key after it; empty: no end
 */
public record KeySpan(ByteString from, ByteString to) {
    public static final KeySpan ALL = new KeySpan(ByteString.EMPTY, ByteString.EMPTY);

    private static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();

    /** The keys that begin with {@code prefix}; all of them if it is empty. */
    public static KeySpan ofPrefix(ByteString prefix) {
        return new KeySpan(prefix, afterPrefix(prefix));
    }

    /** The one key. */
    public static KeySpan ofKey(ByteString key) {
        return new KeySpan(key, key.concat(ByteString.copyFrom(new byte[1])));
    }

    public boolean contains(ByteString key) {
        return ORDER.compare(key, from) >= 0 && (to.isEmpty() || ORDER.compare(key, to) < 0);
    }

    /** Whether no key can be in it. */
    public boolean isEmpty() {
        return !to.isEmpty() && ORDER.compare(from, to) >= 0;
    }

    /** The keys that are in both. */
    public KeySpan intersection(KeySpan other) {
        ByteString later = ORDER.compare(from, other.from) >= 0 ? from : other.from;
        ByteString earlier = to.isEmpty() || !other.to.isEmpty() && ORDER.compare(other.to, to) < 0 ? other.to : to;
        return new KeySpan(later, earlier);
    }

    /** The first key that is after all keys with this prefix; empty if there is none. */
    private static ByteString afterPrefix(ByteString prefix) {
        int last = prefix.size() - 1;
        while (last >= 0 && prefix.byteAt(last) == (byte) 0xff) {
            last--;
        }
        if (last < 0) {
            return ByteString.EMPTY;
        }
        var next = prefix.substring(0, last + 1).toByteArray();
        next[last]++;
        return ByteString.copyFrom(next);
    }
}
