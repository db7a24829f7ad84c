package io.aitta.history;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What the keys of a group hold. Immutable.
 *
 * <p>What has a time to live is there at first and gone in the end; in between, from {@link Held#mayBeGoneNanos} to {@link
 * Held#goneNanos}, nobody can tell, for nobody saw at which moment between its call and its end the store has done the
 * write. Each operation of that time may find it so or so. That is a little more than a single moment of expiry allows;
 * but a store judges a write by the time at which it put it in order, which is before it is seen by reads.
 */
public record State(Map<String, Held> byKey) {
    public static final State EMPTY = new State(Map.of());

    /** By how much the clocks that were read may differ, and how coarse they are. */
    static final long CLOCKS_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /**
     * A value.
     *
     * @param mayBeGoneNanos nobody may miss it who has ended before
     * @param goneNanos nobody may find it who begins later
     */
    record Held(String value, long mayBeGoneNanos, long goneNanos) {
        static Held forEver(String value) {
            return new Held(value, Call.OPEN, Call.OPEN);
        }

        /** @param latestNanos {@link Call#OPEN}: nobody knows */
        static Held between(String value, long earliestNanos, long latestNanos) {
            return new Held(
                    value,
                    earliestNanos - CLOCKS_NANOS,
                    latestNanos == Call.OPEN ? Call.OPEN : latestNanos + CLOCKS_NANOS);
        }

        Held withValue(String another) {
            return new Held(another, mayBeGoneNanos, goneNanos);
        }

        boolean expires() {
            return mayBeGoneNanos != Call.OPEN;
        }

        boolean mayBeGoneBy(long nanos) {
            return expires() && nanos >= mayBeGoneNanos;
        }

        boolean isGoneBy(long nanos) {
            return expires() && nanos > goneNanos;
        }
    }

    Optional<Held> get(String key) {
        return Optional.ofNullable(byKey.get(key));
    }

    /** Whatever its time is. */
    public Optional<String> valueOf(String key) {
        return get(key).map(Held::value);
    }

    State with(String key, Held held) {
        var changed = new HashMap<>(byKey);
        changed.put(key, held);
        return new State(changed);
    }

    State without(String key) {
        var changed = new HashMap<>(byKey);
        changed.remove(key);
        return new State(changed);
    }
}
