package io.aitta.core.kv;

import com.google.protobuf.ByteString;
import io.aitta.proto.record.v1.DeleteRangeOperation;
import io.aitta.proto.record.v1.Operation;
import io.aitta.proto.record.v1.TransactionOperation;
import io.aitta.proto.record.v1.TransactionWrite;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/** Which keys an operation is about. The operations are complete: see {@link OperationCheck}. */
final class OperationKeys {
    private OperationKeys() {}

    /** Empty if the write has no kind. */
    static ByteString keyOf(TransactionWrite write) {
        return switch (write.getKindCase()) {
            case SET -> write.getSet().getKey();
            case DELETE -> write.getDelete().getKey();
            case APPEND -> write.getAppend().getKey();
            case INCREMENT -> write.getIncrement().getKey();
            case EXPIRE -> write.getExpire().getKey();
            case GET -> write.getGet().getKey();
            case KIND_NOT_SET -> ByteString.EMPTY;
        };
    }

    /** Adds the keys whose values from before the batch the operation depends on; a plain set depends on none. */
    static void addRead(Operation operation, Set<ByteString> keys) {
        switch (operation.getKindCase()) {
            case SET -> {
                var set = operation.getSet();
                if (set.hasCondition() || set.getReturnPrevious()) {
                    keys.add(set.getKey());
                }
            }
            case DELETE -> keys.add(operation.getDelete().getKey());
            case TRANSACTION -> forEach(operation.getTransaction(), keys::add);
            case APPEND -> keys.add(operation.getAppend().getKey());
            case INCREMENT -> keys.add(operation.getIncrement().getKey());
            case EXPIRE -> keys.add(operation.getExpire().getKey());
            // What a range holds does not matter; whose time is over, the expiry index says.
            case DELETE_RANGE, REMOVE_EXPIRED -> {}
            case KIND_NOT_SET -> throw new AssertionError("an operation without a kind is refused before");
        }
    }

    /** Tells operations on other keys apart, whatever they do with them. Stored in sessions: it may never change. */
    static int checksum(Operation operation) {
        var crc = new CRC32C();
        switch (operation.getKindCase()) {
            case SET -> add(crc, operation.getSet().getKey());
            case DELETE -> add(crc, operation.getDelete().getKey());
            case TRANSACTION -> forEach(operation.getTransaction(), key -> add(crc, key));
            case APPEND -> add(crc, operation.getAppend().getKey());
            case INCREMENT -> add(crc, operation.getIncrement().getKey());
            case EXPIRE -> add(crc, operation.getExpire().getKey());
            case DELETE_RANGE -> add(crc, operation.getDeleteRange());
            // It names no key.
            case REMOVE_EXPIRED -> {}
            case KIND_NOT_SET -> throw new AssertionError("an operation without a kind is refused before");
        }
        return (int) crc.getValue();
    }

    private static void forEach(TransactionOperation transaction, Consumer<ByteString> action) {
        transaction.getComparesList().forEach(compare -> action.accept(compare.getKey()));
        transaction.getThenWritesList().forEach(write -> action.accept(keyOf(write)));
        transaction.getElseWritesList().forEach(write -> action.accept(keyOf(write)));
    }

    private static void add(CRC32C crc, DeleteRangeOperation range) {
        add(crc, range.getFrom());
        // So that what ends one cannot begin the other.
        crc.update(range.getFrom().size());
        add(crc, range.getTo());
    }

    private static void add(CRC32C crc, ByteString key) {
        crc.update(key.asReadOnlyByteBuffer());
    }
}
