package io.aitta.core.kv;

import com.google.protobuf.ByteString;
import io.aitta.proto.record.v1.AppendOperation;
import io.aitta.proto.record.v1.ExpireOperation;
import io.aitta.proto.record.v1.IncrementOperation;
import io.aitta.proto.record.v1.SetOperation;
import io.aitta.proto.record.v1.StoredValue;
import java.util.Optional;

/**
 * What each kind of write does to its key, alone or within a transaction, given that it is done. A key whose time is over
 * counts as missing. What changes nothing is not counted as a write by who calls; each method says what it did.
 */
final class KeyWrites {
    private final Draft draft;

    KeyWrites(Draft draft) {
        this.draft = draft;
    }

    void set(SetOperation set, long version) {
        draft.put(set.getKey(), set.getValue(), version, draft.expiresAt(set.getTimeToLiveMillis()));
    }

    /** Whether there was something to remove. */
    boolean delete(ByteString key, long version) {
        boolean existed = draft.current(key).isPresent();
        if (existed) {
            draft.remove(key, version);
        }
        return existed;
    }

    /** The length of the value as it is now. */
    long append(AppendOperation append, long version) throws Refused {
        var current = draft.current(append.getKey());
        var old = current.map(StoredValue::getValue).orElse(ByteString.EMPTY);
        long length = (long) old.size() + append.getValue().size();
        if (Long.compareUnsigned(length, append.getMaxValueBytes()) > 0) {
            throw new Refused(
                    RefusalReason.VALUE_TOO_LARGE,
                    "the value has " + old.size() + " bytes and would have " + length + "; a value has at most "
                            + Long.toUnsignedString(append.getMaxValueBytes()));
        }
        long expires = expiryOf(current, append.getTimeToLiveMillis());
        draft.put(append.getKey(), old.concat(append.getValue()), version, expires);
        return length;
    }

    /** The number as it is now. */
    long increment(IncrementOperation increment, long version) throws Refused {
        var current = draft.current(increment.getKey());
        long number = 0;
        if (current.isPresent()) {
            number = Decimal.parse(current.get().getValue())
                    .orElseThrow(() -> new Refused(
                            RefusalReason.NOT_A_NUMBER,
                            "the value is no number: an optional '-' and decimal digits, from " + Long.MIN_VALUE
                                    + " to " + Long.MAX_VALUE));
        }
        long sum = number + increment.getAmount();
        // Both have the sign that the sum has not.
        if (((number ^ sum) & (increment.getAmount() ^ sum)) < 0) {
            throw new Refused(
                    RefusalReason.OVERFLOW,
                    "the value is " + number + "; adding " + increment.getAmount() + " leaves the range from "
                            + Long.MIN_VALUE + " to " + Long.MAX_VALUE);
        }
        long expires = expiryOf(current, increment.getTimeToLiveMillis());
        draft.put(increment.getKey(), Decimal.format(sum), version, expires);
        return sum;
    }

    /** Whether the key has another time now; not if it is missing, or if it has that time already. */
    boolean expire(ExpireOperation expire, long version) {
        var current = draft.current(expire.getKey());
        long expires = draft.expiresAt(expire.getTimeToLiveMillis());
        if (current.isEmpty() || current.get().getExpiresAtMillis() == expires) {
            return false;
        }
        draft.expire(expire.getKey(), current.get(), version, expires);
        return true;
    }

    /** An existing key keeps its time; a new one gets that of the operation. */
    private long expiryOf(Optional<StoredValue> current, long timeToLiveMillis) {
        return current.isPresent() ? current.get().getExpiresAtMillis() : draft.expiresAt(timeToLiveMillis);
    }
}
