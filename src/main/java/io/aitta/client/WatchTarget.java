package io.aitta.client;

import com.google.protobuf.ByteString;
import io.aitta.proto.v1.WatchRequest;

/** What of a table is watched. Immutable. */
public final class WatchTarget {
    private static final WatchTarget TABLE = new WatchTarget(false, ByteString.EMPTY);

    private final boolean isKey;
    private final ByteString name;

    private WatchTarget(boolean isKey, ByteString name) {
        this.isKey = isKey;
        this.name = name;
    }

    /** One key. */
    public static WatchTarget key(ByteString key) {
        return new WatchTarget(true, key);
    }

    /** All keys that begin so. A prefix with a whole hash tag in it, such as {@code user:{42}:}, is the cheapest. */
    public static WatchTarget prefix(ByteString prefix) {
        return new WatchTarget(false, prefix);
    }

    /** All keys. */
    public static WatchTarget table() {
        return TABLE;
    }

    WatchRequest.Builder request(String table) {
        var request = WatchRequest.newBuilder().setTable(table);
        return isKey ? request.setKey(name) : request.setPrefix(name);
    }

    /** Null if the watch does not belong to one place. */
    Router.Place place(String table) {
        return isKey ? new Router.Place(table, name.toByteArray()) : null;
    }

    @Override
    public String toString() {
        return isKey ? "key " + name : name.isEmpty() ? "table" : "prefix " + name;
    }
}
