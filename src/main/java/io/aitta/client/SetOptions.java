package io.aitta.client;

import io.aitta.proto.v1.SetRequest;
import java.time.Duration;

/** How a value is stored. Immutable: each method gives another one. */
public final class SetOptions {
    /** Unconditionally, with the table's default time to live. */
    public static final SetOptions DEFAULT = new SetOptions(null, null, false);

    private static final long NEVER = 0;

    /** Null: the table's default; {@link #NEVER}. */
    private final Long timeToLiveMillis;
    /** Null: none. */
    private final Condition condition;

    private final boolean returningPrevious;

    private SetOptions(Long timeToLiveMillis, Condition condition, boolean returningPrevious) {
        this.timeToLiveMillis = timeToLiveMillis;
        this.condition = condition;
        this.returningPrevious = returningPrevious;
    }

    /**
     * The key reads as absent once this time is over.
     *
     * @param timeToLive above zero; in milliseconds, a part of one counts as a whole
     */
    public SetOptions expiringAfter(Duration timeToLive) {
        return new SetOptions(Millis.of("a time to live", timeToLive), condition, returningPrevious);
    }

    /** The key stays until it is removed, whatever the table's default. */
    public SetOptions neverExpiring() {
        return new SetOptions(NEVER, condition, returningPrevious);
    }

    /** Nothing is written unless this holds. */
    public SetOptions onlyIf(Condition condition) {
        return new SetOptions(timeToLiveMillis, condition, returningPrevious);
    }

    /** The result is to tell what the key held before. */
    public SetOptions returningPrevious() {
        return new SetOptions(timeToLiveMillis, condition, true);
    }

    void applyTo(SetRequest.Builder request) {
        if (timeToLiveMillis != null) {
            request.setTimeToLiveMillis(timeToLiveMillis);
        }
        if (condition != null) {
            request.setCondition(condition.message());
        }
        request.setReturnPrevious(returningPrevious);
    }
}
