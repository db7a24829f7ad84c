package io.aitta.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.aitta.proto.v1.AppendRequest;
import io.aitta.proto.v1.AppendResponse;
import io.aitta.proto.v1.Compare;
import io.aitta.proto.v1.Condition;
import io.aitta.proto.v1.DeleteRequest;
import io.aitta.proto.v1.DeleteResponse;
import io.aitta.proto.v1.ExpireRequest;
import io.aitta.proto.v1.ExpireResponse;
import io.aitta.proto.v1.GetResponse;
import io.aitta.proto.v1.IncrementRequest;
import io.aitta.proto.v1.IncrementResponse;
import io.aitta.proto.v1.KeyRead;
import io.aitta.proto.v1.PersistResponse;
import io.aitta.proto.v1.PreviousValue;
import io.aitta.proto.v1.SetRequest;
import io.aitta.proto.v1.SetResponse;
import io.aitta.proto.v1.TimeToLiveResponse;
import io.aitta.proto.v1.TransactionOperation;
import io.aitta.proto.v1.TransactionRequest;
import io.aitta.proto.v1.TransactionResponse;
import io.aitta.proto.v1.TransactionResult;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The keys of one table of a {@link FakeCluster}: what each operation of the API does, in one map. Time stands still, so
 * that nothing expires. Not thread-safe.
 */
final class FakeStore {
    /** @param millis how long it has to live; null: for ever */
    private record Stored(ByteString value, long version, Long millis) {}

    private final Map<ByteString, Stored> stored = new HashMap<>();
    private long version;

    /** Of the last write. */
    long version() {
        return version;
    }

    Set<ByteString> keys() {
        return Set.copyOf(stored.keySet());
    }

    void clear() {
        stored.clear();
    }

    GetResponse.Builder get(ByteString key) {
        var reply = GetResponse.newBuilder();
        Stored found = stored.get(key);
        if (found != null) {
            reply.setFound(true).setValue(found.value).setVersion(found.version);
            if (found.millis != null) {
                reply.setRemainingMillis(found.millis);
            }
        }
        return reply;
    }

    KeyRead read(ByteString key) {
        var found = get(key);
        var read = KeyRead.newBuilder()
                .setFound(found.getFound())
                .setValue(found.getValue())
                .setVersion(found.getVersion());
        return found.hasRemainingMillis()
                ? read.setRemainingMillis(found.getRemainingMillis()).build()
                : read.build();
    }

    TimeToLiveResponse.Builder timeToLive(ByteString key) {
        var found = get(key);
        var reply = TimeToLiveResponse.newBuilder().setFound(found.getFound()).setVersion(found.getVersion());
        return found.hasRemainingMillis() ? reply.setRemainingMillis(found.getRemainingMillis()) : reply;
    }

    SetResponse.Builder set(SetRequest q) {
        var reply = SetResponse.newBuilder();
        if (q.getReturnPrevious() && stored.containsKey(q.getKey())) {
            reply.setPrevious(previous(q.getKey()));
        }
        if (!holds(q.getKey(), q.getCondition())) {
            return reply.setVersion(get(q.getKey()).getVersion());
        }
        boolean expires = q.hasTimeToLiveMillis() && q.getTimeToLiveMillis() > 0;
        return reply.setApplied(true)
                .setVersion(put(q.getKey(), q.getValue(), expires ? q.getTimeToLiveMillis() : null));
    }

    long put(ByteString key, ByteString value, Long millis) {
        stored.put(key, new Stored(value, ++version, millis));
        return version;
    }

    DeleteResponse.Builder delete(DeleteRequest q) {
        var reply = DeleteResponse.newBuilder().setExisted(stored.containsKey(q.getKey()));
        if (q.getReturnPrevious() && reply.getExisted()) {
            reply.setPrevious(previous(q.getKey()));
        }
        if (!holds(q.getKey(), q.getCondition())) {
            return reply.setVersion(get(q.getKey()).getVersion());
        }
        remove(q.getKey());
        return reply.setApplied(true);
    }

    boolean remove(ByteString key) {
        version++;
        return stored.remove(key) != null;
    }

    AppendResponse.Builder append(AppendRequest q) {
        ByteString whole = get(q.getKey()).getValue().concat(q.getValue());
        return AppendResponse.newBuilder()
                .setVersion(put(q.getKey(), whole, millis(q.getKey())))
                .setLength(whole.size());
    }

    IncrementResponse.Builder increment(IncrementRequest q) {
        String before = get(q.getKey()).getValue().toStringUtf8();
        long number = (before.isEmpty() ? 0 : Long.parseLong(before)) + q.getAmount();
        return IncrementResponse.newBuilder()
                .setVersion(put(q.getKey(), ByteString.copyFromUtf8(Long.toString(number)), millis(q.getKey())))
                .setValue(number);
    }

    ExpireResponse.Builder expire(ExpireRequest q) {
        return ExpireResponse.newBuilder()
                .setExisted(stored.containsKey(q.getKey()))
                .setVersion(live(q.getKey(), q.getTimeToLiveMillis()));
    }

    PersistResponse.Builder persist(ByteString key) {
        return PersistResponse.newBuilder().setExisted(stored.containsKey(key)).setVersion(live(key, null));
    }

    TransactionResponse.Builder transaction(TransactionRequest q) {
        boolean holds = q.getComparesList().stream().allMatch(this::holds);
        long before = version;
        var reply = TransactionResponse.newBuilder().setSucceeded(holds);
        for (TransactionOperation step : holds ? q.getThenOperationsList() : q.getElseOperationsList()) {
            reply.addResults(step(step));
        }
        return reply.setVersion(version == before ? 0 : version);
    }

    private TransactionResult step(TransactionOperation step) {
        var result = TransactionResult.newBuilder();
        ByteString key = keyOf(step);
        result.setExisted(stored.containsKey(key));
        switch (step.getKindCase()) {
            case GET -> result.setValue(get(key).getValue());
            case SET -> put(key, step.getSet().getValue(), null);
            case DELETE -> remove(key);
            case APPEND ->
                result.setLength(append(AppendRequest.newBuilder()
                                .setKey(key)
                                .setValue(step.getAppend().getValue())
                                .build())
                        .getLength());
            case INCREMENT ->
                result.setNumber(increment(IncrementRequest.newBuilder()
                                .setKey(key)
                                .setAmount(step.getIncrement().getAmount())
                                .build())
                        .getValue());
            case EXPIRE -> live(key, step.getExpire().getTimeToLiveMillis());
            case PERSIST -> live(key, null);
            case KIND_NOT_SET -> throw new IllegalStateException("an operation without a kind");
        }
        Long millis = millis(key);
        if (step.hasGet() && millis != null) {
            result.setRemainingMillis(millis);
        }
        return result.setVersion(get(key).getVersion()).build();
    }

    /** One of the keys of a transaction. */
    static ByteString keyOf(TransactionRequest q) {
        return q.getComparesCount() > 0 ? q.getCompares(0).getKey() : keyOf(q.getThenOperations(0));
    }

    private static ByteString keyOf(TransactionOperation step) {
        var kind = (Message) step.getAllFields().values().iterator().next();
        return (ByteString) kind.getField(kind.getDescriptorForType().findFieldByName("key"));
    }

    private boolean holds(Compare compare) {
        return holds(compare.getKey(), compare.getCondition());
    }

    private boolean holds(ByteString key, Condition condition) {
        Stored found = stored.get(key);
        return switch (condition.getKindCase()) {
            case EXISTS -> condition.getExists() == (found != null);
            case VERSION -> condition.getVersion() == (found == null ? 0 : found.version);
            case VALUE -> found != null && found.value.equals(condition.getValue());
            case KIND_NOT_SET -> true;
        };
    }

    private PreviousValue previous(ByteString key) {
        Stored found = stored.get(key);
        var previous = PreviousValue.newBuilder().setValue(found.value).setVersion(found.version);
        return found.millis == null
                ? previous.build()
                : previous.setRemainingMillis(found.millis).build();
    }

    private Long millis(ByteString key) {
        Stored found = stored.get(key);
        return found == null ? null : found.millis;
    }

    private long live(ByteString key, Long millis) {
        Stored found = stored.get(key);
        return found == null ? 0 : put(key, found.value, millis);
    }
}
