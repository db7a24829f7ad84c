package io.aitta.gateway;

import io.aitta.proto.record.v1.Change;
import io.aitta.proto.record.v1.StoredChanges;
import io.aitta.proto.v1.Event;
import io.aitta.proto.v1.WatchResponse;
import io.aitta.store.ReplicaStore.Changed;
import java.util.ArrayList;
import java.util.List;

/** Changes in the API's words. */
final class WatchEvents {
    /** Of the events of one answer, about; a single larger one makes an answer of its own. */
    static final int RESPONSE_BYTES = 256 << 10;

    private WatchEvents() {}

    /** Answers without tokens, that together tell all of these; at least one. */
    static List<WatchResponse> responses(int partition, List<Changed> entries) {
        var responses = new ArrayList<WatchResponse>();
        var response = WatchResponse.newBuilder();
        long bytes = 0;
        for (var entry : entries) {
            for (var change : entry.changes().getChangesList()) {
                long size = change.getSerializedSize();
                if (bytes > 0 && bytes + size > RESPONSE_BYTES) {
                    responses.add(response.build());
                    response.clear();
                    bytes = 0;
                }
                response.addEvents(event(partition, entry.index(), entry.changes(), change));
                bytes += size;
            }
        }
        responses.add(response.build());
        return responses;
    }

    private static Event event(int partition, long index, StoredChanges entry, Change change) {
        var event = Event.newBuilder()
                .setKind(kind(change.getKind()))
                .setKey(change.getKey())
                .setValue(change.getValue())
                .setVersion(change.getVersion())
                .setTo(change.getTo())
                .setTimestampMillis(entry.getTimestampMillis())
                .setPartition(partition)
                .setIndex(index);
        if (change.getExpiresAtMillis() != 0) {
            event.setExpiresAtMillis(change.getExpiresAtMillis());
        }
        return event.build();
    }

    private static Event.Kind kind(Change.Kind kind) {
        return switch (kind) {
            case SET -> Event.Kind.SET;
            case DELETE -> Event.Kind.DELETE;
            case EXPIRED -> Event.Kind.EXPIRED;
            case EXPIRY_CHANGED -> Event.Kind.EXPIRY_CHANGED;
            case RANGE_DELETED -> Event.Kind.RANGE_DELETED;
            case KIND_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalStateException("a change of a kind that this release does not know: " + kind);
        };
    }
}
