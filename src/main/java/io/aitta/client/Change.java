package io.aitta.client;

import com.google.protobuf.ByteString;
import io.aitta.proto.v1.Event;
import java.time.Instant;
import java.util.Optional;

/**
 * Something that happened to a key, or to a range of keys.
 *
 * @param key of a removed range its first
 * @param value with {@link Kind#SET}, else empty
 * @param version of the key, by this change; of removals the version that the removal itself counts as
 * @param expiresAt on the servers' clocks; with {@link Kind#SET} and {@link Kind#EXPIRY_CHANGED}, empty if never
 * @param to with {@link Kind#RANGE_DELETED} the first key after the range; empty: it has no end
 * @param orderedAt when it was ordered, on the clock of the partition's primary
 * @param partition where it happened
 * @param index its place in the partition's history
 */
public record Change(
        Kind kind,
        ByteString key,
        ByteString value,
        long version,
        Optional<Instant> expiresAt,
        ByteString to,
        Instant orderedAt,
        int partition,
        long index) {
    /** What happened. */
    public enum Kind {
        /** The key has a new value, by whatever operation. */
        SET,
        /** The key was removed. */
        DELETE,
        /** The key was removed because its time was over; it began to read as absent some time before. */
        EXPIRED,
        /** The key has another time to live, and the same value. */
        EXPIRY_CHANGED,
        /** All keys of a range were removed. */
        RANGE_DELETED,
        /** Something that this release of the client does not know. */
        OTHER
    }

    static Change of(Event event) {
        return new Change(
                kind(event.getKind()),
                event.getKey(),
                event.getValue(),
                event.getVersion(),
                event.hasExpiresAtMillis()
                        ? Optional.of(Instant.ofEpochMilli(event.getExpiresAtMillis()))
                        : Optional.empty(),
                event.getTo(),
                Instant.ofEpochMilli(event.getTimestampMillis()),
                event.getPartition(),
                event.getIndex());
    }

    private static Kind kind(Event.Kind kind) {
        return switch (kind) {
            case SET -> Kind.SET;
            case DELETE -> Kind.DELETE;
            case EXPIRED -> Kind.EXPIRED;
            case EXPIRY_CHANGED -> Kind.EXPIRY_CHANGED;
            case RANGE_DELETED -> Kind.RANGE_DELETED;
            case KIND_UNSPECIFIED, UNRECOGNIZED -> Kind.OTHER;
        };
    }
}
