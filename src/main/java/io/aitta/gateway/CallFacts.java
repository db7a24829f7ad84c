package io.aitta.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Operations;
import io.aitta.metrics.RequestMetrics;
import io.aitta.metrics.Stages;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import java.util.Optional;

/**
 * What is known of one request under way, for those who count and tell of it when it has ended: {@link CallBook}. Filled in
 * by whoever comes to know it, one after the other.
 */
final class CallFacts {
    /** Null of a request that nobody enters in a book. */
    final RequestMetrics.Operation operation;

    final Origin origin;
    /** When it was read, on {@link System#nanoTime()}'s clock. */
    final long begunNanos;

    /** As the request names it; empty as long as that is not known. */
    private String table = "";
    /** Null if it is not a request for one partition. */
    private PartitionId partition;
    /** Null unless it is a request for one key. */
    private byte[] key;

    /** Null unless it is a write of one partition: what it is encoded as there. */
    private byte[] write;
    /** Null as long as nobody has asked for it. */
    private String requestId;
    /** Null if nobody has told. */
    private volatile Stages stages;

    CallFacts(RequestMetrics.Operation operation, Origin origin, long begunNanos) {
        this.operation = operation;
        this.origin = origin;
        this.begunNanos = begunNanos;
    }

    /** The client's name for it, or one that it is given here; the same each time. */
    String requestId() {
        if (origin.requestId() != null) {
            return origin.requestId();
        }
        String id = requestId;
        if (id == null) {
            id = RequestIds.next();
            requestId = id;
        }
        return id;
    }

    void isFor(String named) {
        table = named;
    }

    void isRead(PartitionId of, byte[] ofKey) {
        table = of.table();
        partition = of;
        key = ofKey;
    }

    void isWrite(PartitionId of, byte[] encoded) {
        table = of.table();
        partition = of;
        write = encoded;
    }

    /** Takes over what the primary tells of the way of a write. */
    void tookAs(WriteAnswer answer) {
        if (answer instanceof WriteAnswer.Done done) {
            stages = done.stages();
        }
    }

    String table() {
        return table;
    }

    PartitionId partition() {
        return partition;
    }

    /** The key of a request for one key; empty for others. */
    Optional<ByteString> key() {
        if (key != null) {
            return Optional.of(UnsafeByteOperations.unsafeWrap(key));
        }
        return write == null ? Optional.empty() : Operations.keyOf(write);
    }

    Stages stages() {
        return stages;
    }
}
