package io.aitta.core.kv;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.proto.record.v1.AppendOperation;
import io.aitta.proto.record.v1.Compare;
import io.aitta.proto.record.v1.Condition;
import io.aitta.proto.record.v1.ExpireOperation;
import io.aitta.proto.record.v1.IncrementOperation;
import io.aitta.proto.record.v1.Operation;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.RemoveExpiredOperation;
import io.aitta.proto.record.v1.SessionStamp;
import io.aitta.proto.record.v1.SetOperation;
import io.aitta.proto.record.v1.StoredValue;
import io.aitta.proto.record.v1.TransactionOperation;
import io.aitta.proto.record.v1.TransactionWrite;
import io.aitta.proto.record.v1.WriteResult;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What the operations mean, as plainly as can be: one at a time, on the state itself, and every outcome kept for ever. */
final class ReferenceModel {
    private static final BigInteger MIN = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MAX = BigInteger.valueOf(Long.MAX_VALUE);

    /** Whole values, those whose time is over and that were not yet removed too. */
    TreeMap<ByteString, StoredValue> cells = new TreeMap<>(ByteString.unsignedLexicographicalComparator());

    long now;
    long revision;
    private final List<KvReader.Expiring> expiryIndex = new ArrayList<>();
    private final Set<ByteString> writtenInBatch = new HashSet<>();
    private final Map<SessionStamp, Outcome> answered = new HashMap<>();

    static final class RefusedByModel extends Exception {
        private static final long serialVersionUID = 1L;

        RefusedByModel(String reason) {
            super(reason);
        }
    }

    /** A refusal's message is left out. */
    List<Outcome> apply(long timestampMillis, List<byte[]> batch) {
        now = Math.max(now, timestampMillis);
        var outcomes = new ArrayList<Outcome>();
        for (byte[] bytes : batch) {
            try {
                outcomes.add(answer(Operation.parseFrom(bytes)));
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        }
        for (ByteString key : writtenInBatch) {
            var cell = cells.get(key);
            if (cell != null && cell.getExpiresAtMillis() != 0) {
                var entry = new KvReader.Expiring(cell.getExpiresAtMillis(), key);
                if (!expiryIndex.contains(entry)) {
                    expiryIndex.add(entry);
                }
            }
        }
        writtenInBatch.clear();
        return outcomes;
    }

    private Outcome answer(Operation operation) {
        var stamp = operation.getSession();
        if (operation.hasSession() && answered.containsKey(stamp)) {
            return answered.get(stamp);
        }
        try {
            var outcome = apply(operation);
            if (operation.hasSession()) {
                answered.put(stamp, outcome);
            }
            return outcome;
        } catch (RefusedByModel refused) {
            var outcome = Outcome.newBuilder();
            outcome.getRefusedBuilder().setReason(refused.getMessage());
            return outcome.build();
        }
    }

    private Outcome apply(Operation operation) throws RefusedByModel {
        var outcome = Outcome.newBuilder();
        long next = revision + 1;
        switch (operation.getKindCase()) {
            case SET -> {
                var set = operation.getSet();
                var old = current(set.getKey());
                boolean holds = !set.hasCondition() || holds(set.getCondition(), old);
                if (holds) {
                    set(set, next);
                    revision = next;
                }
                var answer = outcome.getSetBuilder()
                        .setNotApplied(!holds)
                        .setVersion(versionOf(current(set.getKey()), holds ? next : 0));
                old.filter(value -> set.getReturnPrevious()).ifPresent(answer::setPrevious);
            }
            case DELETE -> {
                var delete = operation.getDelete();
                var old = current(delete.getKey());
                var answer = outcome.getDeleteBuilder().setExisted(old.isPresent());
                old.filter(value -> delete.getReturnPrevious()).ifPresent(answer::setPrevious);
                if (delete.hasCondition() && !holds(delete.getCondition(), old)) {
                    answer.setNotApplied(true).setVersion(versionOf(old, 0));
                } else {
                    delete(delete.getKey());
                    revision = next;
                }
            }
            case APPEND -> {
                outcome.getAppendBuilder()
                        .setLength(append(operation.getAppend(), next))
                        .setVersion(next);
                revision = next;
            }
            case INCREMENT -> {
                outcome.getIncrementBuilder()
                        .setValue(increment(operation.getIncrement(), next))
                        .setVersion(next);
                revision = next;
            }
            case EXPIRE -> {
                if (expire(operation.getExpire(), next)) {
                    revision = next;
                }
                var value = current(operation.getExpire().getKey());
                outcome.getExpireBuilder().setExisted(value.isPresent()).setVersion(versionOf(value, 0));
            }
            case DELETE_RANGE -> {
                var span = new KeySpan(
                        operation.getDeleteRange().getFrom(),
                        operation.getDeleteRange().getTo());
                outcome.getDeleteRangeBuilder();
                if (!span.isEmpty()) {
                    cells.keySet().removeIf(span::contains);
                    outcome.getDeleteRangeBuilder().setVersion(next);
                    revision = next;
                }
            }
            case REMOVE_EXPIRED -> removeExpired(operation.getRemoveExpired(), outcome);
            case TRANSACTION -> transaction(operation.getTransaction(), outcome);
            case KIND_NOT_SET -> throw new AssertionError(operation);
        }
        return outcome.build();
    }

    private void removeExpired(RemoveExpiredOperation removeExpired, Outcome.Builder outcome) {
        var lookedAt = expiryIndex.stream()
                .filter(entry -> entry.expiresAtMillis() <= now)
                .sorted(MemoryState.EARLIEST_FIRST)
                .limit(removeExpired.getLimit())
                .toList();
        int removed = 0;
        for (KvReader.Expiring entry : lookedAt) {
            expiryIndex.remove(entry);
            var cell = cells.get(entry.key());
            if (cell != null && cell.getExpiresAtMillis() == entry.expiresAtMillis()) {
                cells.remove(entry.key());
                removed++;
            }
        }
        revision += removed > 0 ? 1 : 0;
        outcome.getRemoveExpiredBuilder().setRemoved(removed).setLookedAt(lookedAt.size());
    }

    private void transaction(TransactionOperation transaction, Outcome.Builder outcome) throws RefusedByModel {
        boolean holds = transaction.getComparesList().stream()
                .allMatch(compare -> holds(conditionOf(compare), current(compare.getKey())));
        var untouched = new TreeMap<>(cells);
        var writtenBefore = new HashSet<>(writtenInBatch);
        long next = revision + 1;
        boolean wrote = false;
        var answer = outcome.getTransactionBuilder().setSucceeded(holds);
        for (TransactionWrite write : holds ? transaction.getThenWritesList() : transaction.getElseWritesList()) {
            var result = WriteResult.newBuilder();
            try {
                wrote |= write(write, next, result);
            } catch (RefusedByModel refused) {
                cells = untouched;
                writtenInBatch.retainAll(writtenBefore);
                throw refused;
            }
            answer.addResults(result);
        }
        if (wrote) {
            revision = next;
            answer.setVersion(next);
        }
    }

    private boolean write(TransactionWrite write, long version, WriteResult.Builder result) throws RefusedByModel {
        ByteString key;
        boolean wrote = true;
        var before = new TreeMap<>(cells);
        switch (write.getKindCase()) {
            case SET -> set(write.getSet(), version);
            case DELETE -> delete(write.getDelete().getKey());
            case APPEND -> result.setLength(append(write.getAppend(), version));
            case INCREMENT -> result.setNumber(increment(write.getIncrement(), version));
            case EXPIRE -> wrote = expire(write.getExpire(), version);
            case GET -> {
                current(write.getGet().getKey()).ifPresent(result::setValue);
                wrote = false;
            }
            case KIND_NOT_SET -> throw new AssertionError(write);
        }
        key = switch (write.getKindCase()) {
            case SET -> write.getSet().getKey();
            case DELETE -> write.getDelete().getKey();
            case APPEND -> write.getAppend().getKey();
            case INCREMENT -> write.getIncrement().getKey();
            case EXPIRE -> write.getExpire().getKey();
            case GET -> write.getGet().getKey();
            case KIND_NOT_SET -> throw new AssertionError(write);
        };
        result.setExisted(isAlive(before.get(key))).setVersion(versionOf(current(key), 0));
        return wrote;
    }

    private void set(SetOperation set, long version) {
        store(set.getKey(), set.getValue(), version, expiry(set.getTimeToLiveMillis()));
    }

    /** What is missing because its time is over stays, to be found by the expiry. */
    private void delete(ByteString key) {
        if (current(key).isPresent()) {
            cells.remove(key);
        }
    }

    private long append(AppendOperation append, long version) throws RefusedByModel {
        var old = current(append.getKey());
        var whole = old.map(StoredValue::getValue).orElse(ByteString.EMPTY).concat(append.getValue());
        if (whole.size() > append.getMaxValueBytes()) {
            throw new RefusedByModel("VALUE_TOO_LARGE");
        }
        long expires = old.isPresent() ? old.get().getExpiresAtMillis() : expiry(append.getTimeToLiveMillis());
        store(append.getKey(), whole, version, expires);
        return whole.size();
    }

    private long increment(IncrementOperation increment, long version) throws RefusedByModel {
        var old = current(increment.getKey());
        var text = old.map(value -> value.getValue().toStringUtf8()).orElse("0");
        if (!text.matches("-?[0-9]+") || !isWithin64Bits(new BigInteger(text))) {
            throw new RefusedByModel("NOT_A_NUMBER");
        }
        var sum = new BigInteger(text).add(BigInteger.valueOf(increment.getAmount()));
        if (!isWithin64Bits(sum)) {
            throw new RefusedByModel("OVERFLOW");
        }
        long expires = old.isPresent() ? old.get().getExpiresAtMillis() : expiry(increment.getTimeToLiveMillis());
        store(increment.getKey(), ByteString.copyFromUtf8(sum.toString()), version, expires);
        return sum.longValueExact();
    }

    private static boolean isWithin64Bits(BigInteger number) {
        return number.compareTo(MIN) >= 0 && number.compareTo(MAX) <= 0;
    }

    private boolean expire(ExpireOperation expire, long version) {
        var old = current(expire.getKey());
        long expires = expiry(expire.getTimeToLiveMillis());
        if (old.isEmpty() || old.get().getExpiresAtMillis() == expires) {
            return false;
        }
        store(expire.getKey(), old.get().getValue(), version, expires);
        return true;
    }

    private void store(ByteString key, ByteString value, long version, long expires) {
        var cell = StoredValue.newBuilder().setValue(value).setVersion(version).setExpiresAtMillis(expires);
        cells.put(key, cell.build());
        writtenInBatch.add(key);
    }

    private long expiry(long timeToLive) {
        if (timeToLive == 0) {
            return 0;
        }
        var unsigned = new BigInteger(Long.toUnsignedString(timeToLive));
        return unsigned.add(BigInteger.valueOf(now)).min(MAX).longValueExact();
    }

    private Optional<StoredValue> current(ByteString key) {
        return Optional.ofNullable(cells.get(key)).filter(this::isAlive);
    }

    private boolean isAlive(StoredValue cell) {
        return cell != null && (cell.getExpiresAtMillis() == 0 || cell.getExpiresAtMillis() > now);
    }

    private static long versionOf(Optional<StoredValue> value, long ifMissing) {
        return value.map(StoredValue::getVersion).orElse(ifMissing);
    }

    private static Condition conditionOf(Compare compare) {
        return switch (compare.getExpectedCase()) {
            case EXISTS -> Condition.newBuilder().setExists(compare.getExists()).build();
            case VERSION ->
                Condition.newBuilder().setVersion(compare.getVersion()).build();
            case VALUE -> Condition.newBuilder().setValue(compare.getValue()).build();
            case EXPECTED_NOT_SET -> throw new AssertionError(compare);
        };
    }

    private static boolean holds(Condition condition, Optional<StoredValue> current) {
        return switch (condition.getKindCase()) {
            case EXISTS -> condition.getExists() == current.isPresent();
            case VERSION -> condition.getVersion() == versionOf(current, 0);
            case VALUE -> current.map(StoredValue::getValue).equals(Optional.of(condition.getValue()));
            case KIND_NOT_SET -> throw new AssertionError(condition);
        };
    }
}
