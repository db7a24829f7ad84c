package io.aitta.client;

import com.google.protobuf.ByteString;
import io.aitta.proto.v1.Compare;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares, then one of two lists of operations: all or nothing, isolated from all other writes. All of its keys must
 * belong to one partition, which keys with one hash tag do: {@code account:{42}:balance} and {@code account:{42}:log}.
 * Immutable.
 *
 * <pre>{@code
 * Transaction buy = Transaction.builder()
 *         .when(ByteString.copyFromUtf8("{42}:sold"), Condition.absent())
 *         .then(Operation.set(ByteString.copyFromUtf8("{42}:sold"), ByteString.copyFromUtf8("to me")),
 *                 Operation.increment(ByteString.copyFromUtf8("{42}:left"), -1))
 *         .otherwise(Operation.get(ByteString.copyFromUtf8("{42}:sold")))
 *         .build();
 * TransactionResult result = table.transaction(buy);
 * long left = result.succeeded() ? result.incremented(1).value() : 0;
 * }</pre>
 */
public final class Transaction {
    private final List<Compare> compares;
    private final List<Operation> thenOperations;
    private final List<Operation> elseOperations;

    private Transaction(Builder builder) {
        compares = List.copyOf(builder.compares);
        thenOperations = List.copyOf(builder.thenOperations);
        elseOperations = List.copyOf(builder.elseOperations);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** These operations, unconditionally: one atomic batch. At least one. */
    public static Transaction of(Operation... operations) {
        return builder().then(operations).build();
    }

    List<Compare> compares() {
        return compares;
    }

    List<Operation> thenOperations() {
        return thenOperations;
    }

    List<Operation> elseOperations() {
        return elseOperations;
    }

    /** One of its keys. */
    ByteString anyKey() {
        if (!compares.isEmpty()) {
            return compares.get(0).getKey();
        }
        return thenOperations.isEmpty()
                ? elseOperations.get(0).key()
                : thenOperations.get(0).key();
    }

    /** Collects a transaction. Not thread-safe. */
    public static final class Builder {
        private final List<Compare> compares = new ArrayList<>();
        private final List<Operation> thenOperations = new ArrayList<>();
        private final List<Operation> elseOperations = new ArrayList<>();

        private Builder() {}

        /** The operations of {@link #then} are done if this holds, and whatever else was asked to hold. */
        public Builder when(ByteString key, Condition condition) {
            compares.add(Compare.newBuilder()
                    .setKey(key)
                    .setCondition(condition.message())
                    .build());
            return this;
        }

        /** To be done in this order, after those given before; each sees what those before it did. */
        public Builder then(Operation... operations) {
            thenOperations.addAll(List.of(operations));
            return this;
        }

        /** To be done if a condition does not hold. */
        public Builder otherwise(Operation... operations) {
            elseOperations.addAll(List.of(operations));
            return this;
        }

        /** @throws IllegalStateException if there is nothing in it */
        public Transaction build() {
            if (compares.isEmpty() && thenOperations.isEmpty() && elseOperations.isEmpty()) {
                throw new IllegalStateException("a transaction needs at least one condition or operation");
            }
            return new Transaction(this);
        }
    }
}
