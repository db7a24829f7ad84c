package io.aitta.client;

import com.google.protobuf.ByteString;
import io.aitta.proto.v1.TransactionOperation;
import java.time.Duration;

/** One step of a {@link Transaction}; the same as the operation of its name in {@link AittaTable}. Immutable. */
public final class Operation {
    private final TransactionOperation message;
    private final ByteString key;

    private Operation(ByteString key, TransactionOperation.Builder message) {
        this.key = key;
        this.message = message.build();
    }

    public static Operation get(ByteString key) {
        return new Operation(
                key,
                TransactionOperation.newBuilder()
                        .setGet(TransactionOperation.Get.newBuilder().setKey(key)));
    }

    /** With the table's default time to live. */
    public static Operation set(ByteString key, ByteString value) {
        return set(TransactionOperation.Set.newBuilder().setKey(key).setValue(value));
    }

    /** @param timeToLive above zero; in milliseconds, a part of one counts as a whole */
    public static Operation set(ByteString key, ByteString value, Duration timeToLive) {
        return set(TransactionOperation.Set.newBuilder()
                .setKey(key)
                .setValue(value)
                .setTimeToLiveMillis(Millis.of("a time to live", timeToLive)));
    }

    private static Operation set(TransactionOperation.Set.Builder set) {
        return new Operation(set.getKey(), TransactionOperation.newBuilder().setSet(set));
    }

    public static Operation delete(ByteString key) {
        return new Operation(
                key,
                TransactionOperation.newBuilder()
                        .setDelete(TransactionOperation.Delete.newBuilder().setKey(key)));
    }

    public static Operation append(ByteString key, ByteString value) {
        return new Operation(
                key,
                TransactionOperation.newBuilder()
                        .setAppend(TransactionOperation.Append.newBuilder()
                                .setKey(key)
                                .setValue(value)));
    }

    /** @param amount may be negative, or 0 */
    public static Operation increment(ByteString key, long amount) {
        return new Operation(
                key,
                TransactionOperation.newBuilder()
                        .setIncrement(TransactionOperation.Increment.newBuilder()
                                .setKey(key)
                                .setAmount(amount)));
    }

    /** @param timeToLive above zero; in milliseconds, a part of one counts as a whole */
    public static Operation expire(ByteString key, Duration timeToLive) {
        return new Operation(
                key,
                TransactionOperation.newBuilder()
                        .setExpire(TransactionOperation.Expire.newBuilder()
                                .setKey(key)
                                .setTimeToLiveMillis(Millis.of("a time to live", timeToLive))));
    }

    public static Operation persist(ByteString key) {
        return new Operation(
                key,
                TransactionOperation.newBuilder()
                        .setPersist(TransactionOperation.Persist.newBuilder().setKey(key)));
    }

    ByteString key() {
        return key;
    }

    TransactionOperation message() {
        return message;
    }
}
