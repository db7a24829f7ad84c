package io.aitta.core.kv;

import com.google.protobuf.ByteString;
import io.aitta.proto.record.v1.DeleteOperation;
import io.aitta.proto.record.v1.Operation;
import io.aitta.proto.record.v1.SessionStamp;
import io.aitta.proto.record.v1.SetOperation;
import io.aitta.proto.record.v1.TransactionOperation;

/**
 * Encodes what a client asks to be written. The bytes are made once, here, and travel unchanged through journal and
 * replication to {@link Applier}. Sizes are the caller's to check.
 *
 * <p>{@code session} is null for an operation that is not protected against being applied twice. A stamp names one
 * operation: the operations of a request with many keys need stamps that differ in {@code item}.
 */
public final class Operations {
    private Operations() {}

    /** Stores a value that never expires. */
    public static byte[] set(ByteString key, ByteString value, SessionStamp session) {
        return set(key, value, 0, session);
    }

    /** @param timeToLiveMillis from the timestamp of the batch in which it is ordered; 0: never expires */
    public static byte[] set(ByteString key, ByteString value, long timeToLiveMillis, SessionStamp session) {
        var set = SetOperation.newBuilder().setKey(key).setValue(value).setTimeToLiveMillis(timeToLiveMillis);
        return encode(Operation.newBuilder().setSet(set), session);
    }

    public static byte[] delete(ByteString key, SessionStamp session) {
        return encode(
                Operation.newBuilder().setDelete(DeleteOperation.newBuilder().setKey(key)), session);
    }

    /** Compares, then one of two lists of writes, all or nothing; all keys must belong to one partition. */
    public static byte[] transaction(TransactionOperation transaction, SessionStamp session) {
        return encode(Operation.newBuilder().setTransaction(transaction), session);
    }

    private static byte[] encode(Operation.Builder operation, SessionStamp session) {
        if (session != null) {
            operation.setSession(session);
        }
        return operation.build().toByteArray();
    }
}
