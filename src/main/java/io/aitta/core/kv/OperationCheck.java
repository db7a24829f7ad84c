package io.aitta.core.kv;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.proto.record.v1.Compare;
import io.aitta.proto.record.v1.Condition;
import io.aitta.proto.record.v1.Operation;
import io.aitta.proto.record.v1.RemoveExpiredOperation;
import io.aitta.proto.record.v1.TransactionOperation;
import io.aitta.proto.record.v1.TransactionWrite;
import java.util.Optional;

/** Which bytes are an operation that can be applied: they decode, and nothing that gives them a meaning is missing. */
final class OperationCheck {
    /** Entries of the expiry index that one operation may look at. */
    static final int MAX_LOOKED_AT = 10_000;

    private OperationCheck() {}

    /** Empty if the bytes are no operation that can be applied. */
    static Optional<Operation> decode(ByteString bytes) {
        try {
            return Optional.of(Batches.parse(Operation.parser(), bytes)).filter(OperationCheck::isComplete);
        } catch (InvalidProtocolBufferException e) {
            return Optional.empty();
        }
    }

    private static boolean isComplete(Operation operation) {
        return switch (operation.getKindCase()) {
            case SET -> {
                var set = operation.getSet();
                yield !set.getKey().isEmpty() && (!set.hasCondition() || isComplete(set.getCondition()));
            }
            case DELETE -> {
                var delete = operation.getDelete();
                yield !delete.getKey().isEmpty() && (!delete.hasCondition() || isComplete(delete.getCondition()));
            }
            case TRANSACTION -> isComplete(operation.getTransaction());
            case APPEND -> !operation.getAppend().getKey().isEmpty();
            case INCREMENT -> !operation.getIncrement().getKey().isEmpty();
            case EXPIRE -> !operation.getExpire().getKey().isEmpty();
            // Without an end on either side it is every key.
            case DELETE_RANGE -> true;
            case REMOVE_EXPIRED -> isComplete(operation.getRemoveExpired());
            case KIND_NOT_SET -> false;
        };
    }

    private static boolean isComplete(Condition condition) {
        return condition.getKindCase() != Condition.KindCase.KIND_NOT_SET;
    }

    private static boolean isComplete(RemoveExpiredOperation removeExpired) {
        return removeExpired.getLimit() >= 1 && removeExpired.getLimit() <= MAX_LOOKED_AT;
    }

    private static boolean isComplete(TransactionOperation transaction) {
        return transaction.getComparesList().stream()
                        .allMatch(compare -> !compare.getKey().isEmpty()
                                && compare.getExpectedCase() != Compare.ExpectedCase.EXPECTED_NOT_SET)
                && transaction.getThenWritesList().stream().allMatch(OperationCheck::isComplete)
                && transaction.getElseWritesList().stream().allMatch(OperationCheck::isComplete);
    }

    private static boolean isComplete(TransactionWrite write) {
        return !OperationKeys.keyOf(write).isEmpty();
    }
}
