package io.aitta.core.kv;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.proto.record.v1.AppendOperation;
import io.aitta.proto.record.v1.Condition;
import io.aitta.proto.record.v1.DeleteOperation;
import io.aitta.proto.record.v1.DeleteRangeOperation;
import io.aitta.proto.record.v1.ExpireOperation;
import io.aitta.proto.record.v1.IncrementOperation;
import io.aitta.proto.record.v1.Operation;
import io.aitta.proto.record.v1.RemoveExpiredOperation;
import io.aitta.proto.record.v1.SessionStamp;
import io.aitta.proto.record.v1.SetOperation;
import io.aitta.proto.record.v1.TransactionOperation;
import java.util.Optional;

/**
 * Encodes what a client asks to be written. The bytes are made once, here, and travel unchanged through journal and
 * replication to {@link Applier}. Sizes are the caller's to check.
 *
 * <p>{@code session} is null for an operation that is not protected against being applied twice. A stamp names one
 * operation: the operations of a request with many keys need stamps that differ in {@code item}.
 */
public final class Operations {
    /** What one {@link #removeExpired} may look at. */
    public static final int MAX_REMOVE_EXPIRED = OperationCheck.MAX_LOOKED_AT;

    private Operations() {}

    /** Stores a value that never expires. */
    public static byte[] set(ByteString key, ByteString value, SessionStamp session) {
        return set(key, value, 0, session);
    }

    /** @param timeToLiveMillis from the timestamp of the batch in which it is ordered; 0: never expires */
    public static byte[] set(ByteString key, ByteString value, long timeToLiveMillis, SessionStamp session) {
        return set(key, value, timeToLiveMillis, null, false, session);
    }

    /** @param condition null: always; else it must have a kind */
    public static byte[] set(
            ByteString key,
            ByteString value,
            long timeToLiveMillis,
            Condition condition,
            boolean returnPrevious,
            SessionStamp session) {
        var set = SetOperation.newBuilder()
                .setKey(key)
                .setValue(value)
                .setTimeToLiveMillis(timeToLiveMillis)
                .setReturnPrevious(returnPrevious);
        if (condition != null) {
            set.setCondition(condition);
        }
        return encode(Operation.newBuilder().setSet(set), session);
    }

    public static byte[] delete(ByteString key, SessionStamp session) {
        return delete(key, null, false, session);
    }

    /** @param condition null: always; else it must have a kind */
    public static byte[] delete(ByteString key, Condition condition, boolean returnPrevious, SessionStamp session) {
        var delete = DeleteOperation.newBuilder().setKey(key).setReturnPrevious(returnPrevious);
        if (condition != null) {
            delete.setCondition(condition);
        }
        return encode(Operation.newBuilder().setDelete(delete), session);
    }

    /**
     * Adds to the end of a value.
     *
     * @param timeToLiveMillis of a key that is made by it; an existing one keeps its own
     * @param maxValueBytes refused if the whole would be larger
     */
    public static byte[] append(
            ByteString key, ByteString value, long timeToLiveMillis, long maxValueBytes, SessionStamp session) {
        var append = AppendOperation.newBuilder()
                .setKey(key)
                .setValue(value)
                .setTimeToLiveMillis(timeToLiveMillis)
                .setMaxValueBytes(maxValueBytes);
        return encode(Operation.newBuilder().setAppend(append), session);
    }

    /**
     * Adds to a number.
     *
     * @param amount may be negative, or 0
     * @param timeToLiveMillis of a key that is made by it; an existing one keeps its own
     */
    public static byte[] increment(ByteString key, long amount, long timeToLiveMillis, SessionStamp session) {
        var increment =
                IncrementOperation.newBuilder().setKey(key).setAmount(amount).setTimeToLiveMillis(timeToLiveMillis);
        return encode(Operation.newBuilder().setIncrement(increment), session);
    }

    /** Gives a key another time to live; 0: it never expires any more. */
    public static byte[] expire(ByteString key, long timeToLiveMillis, SessionStamp session) {
        var expire = ExpireOperation.newBuilder().setKey(key).setTimeToLiveMillis(timeToLiveMillis);
        return encode(Operation.newBuilder().setExpire(expire), session);
    }

    /** Removes all keys of a span. */
    public static byte[] deleteRange(KeySpan span, SessionStamp session) {
        var deleteRange = DeleteRangeOperation.newBuilder().setFrom(span.from()).setTo(span.to());
        return encode(Operation.newBuilder().setDeleteRange(deleteRange), session);
    }

    /**
     * Removes keys whose time is over, those first that have been so for longest. Applied twice it does no harm, so it
     * has no session.
     *
     * @param limit at most so many entries of the expiry index are looked at; 1 to {@link #MAX_REMOVE_EXPIRED}
     */
    public static byte[] removeExpired(int limit) {
        return encode(
                Operation.newBuilder()
                        .setRemoveExpired(RemoveExpiredOperation.newBuilder().setLimit(limit)),
                null);
    }

    /**
     * Changes nothing, and is ordered like any other: by it all replicas find the same place in the log.
     *
     * @param name not empty; no two may have the same
     */
    public static byte[] marker(ByteString name) {
        // Of no key, so every release applies it alike.
        return deleteRange(new KeySpan(name, name), null);
    }

    /** Compares, then one of two lists of writes, all or nothing; all keys must belong to one partition. */
    public static byte[] transaction(TransactionOperation transaction, SessionStamp session) {
        return encode(Operation.newBuilder().setTransaction(transaction), session);
    }

    /** The key that an encoded operation is about; empty if that is not one key. */
    public static Optional<ByteString> keyOf(byte[] encoded) {
        Operation operation;
        try {
            operation = Operation.parseFrom(encoded);
        } catch (InvalidProtocolBufferException damaged) {
            return Optional.empty();
        }
        return switch (operation.getKindCase()) {
            case SET -> Optional.of(operation.getSet().getKey());
            case DELETE -> Optional.of(operation.getDelete().getKey());
            case APPEND -> Optional.of(operation.getAppend().getKey());
            case INCREMENT -> Optional.of(operation.getIncrement().getKey());
            case EXPIRE -> Optional.of(operation.getExpire().getKey());
            default -> Optional.empty();
        };
    }

    private static byte[] encode(Operation.Builder operation, SessionStamp session) {
        if (session != null) {
            operation.setSession(session);
        }
        return operation.build().toByteArray();
    }
}
