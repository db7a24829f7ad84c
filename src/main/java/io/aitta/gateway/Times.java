package io.aitta.gateway;

import io.aitta.proto.record.v1.StoredValue;
import io.aitta.proto.v1.PreviousValue;
import java.util.OptionalLong;

/** From moments of expiry, as replicas keep them, to times to live, as clients are told them. */
final class Times {
    private Times() {}

    /**
     * @param expiresAtMillis wall-clock time; 0, or the very end of time: never
     * @return at least 1, although the time may be over by now: the value was there when it was read; empty if the value
     *     never expires
     */
    static OptionalLong remainingMillis(long expiresAtMillis) {
        if (expiresAtMillis == 0 || expiresAtMillis == Long.MAX_VALUE) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Math.max(1, expiresAtMillis - System.currentTimeMillis()));
    }

    static PreviousValue previous(StoredValue value) {
        var previous = PreviousValue.newBuilder().setValue(value.getValue()).setVersion(value.getVersion());
        remainingMillis(value.getExpiresAtMillis()).ifPresent(previous::setRemainingMillis);
        return previous.build();
    }
}
