package io.aitta.client;

import java.time.Duration;

/**
 * How requests to a table are taken that do not say it themselves. What is not given stays as it is, or as in a table
 * made without options. Immutable: each method gives another one.
 */
public final class TableOptions {
    /** Nothing is given. */
    public static final TableOptions UNCHANGED = new TableOptions(io.aitta.proto.v1.TableOptions.getDefaultInstance());

    private final io.aitta.proto.v1.TableOptions message;

    private TableOptions(io.aitta.proto.v1.TableOptions message) {
        this.message = message;
    }

    /**
     * Of values that are set without one; values that are there keep theirs.
     *
     * @param timeToLive above zero; in milliseconds, a part of one counts as a whole
     */
    public TableOptions withDefaultTimeToLive(Duration timeToLive) {
        return new TableOptions(message.toBuilder()
                .setDefaultTimeToLiveMillis(Millis.of("a time to live", timeToLive))
                .build());
    }

    /** Values that are set without a time to live never expire. */
    public TableOptions withoutDefaultTimeToLive() {
        return new TableOptions(
                message.toBuilder().setDefaultTimeToLiveMillis(0).build());
    }

    /**
     * Of reads that ask for {@link Consistency#TABLE_DEFAULT}.
     *
     * @param consistency STRONG, SESSION or eventual without a bound
     * @throws IllegalArgumentException if it is another one
     */
    public TableOptions withDefaultConsistency(Consistency consistency) {
        if (consistency.equals(Consistency.TABLE_DEFAULT) || consistency.maxStalenessMillis() != 0) {
            throw new IllegalArgumentException(
                    "a table's default is STRONG, SESSION or EVENTUAL without a bound, not " + consistency);
        }
        return new TableOptions(message.toBuilder()
                .setDefaultReadConsistency(consistency.level())
                .build());
    }

    /** @param bytes 1 to the cluster's limit; 0: the cluster's limit */
    public TableOptions withMaxValueBytes(int bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("a value cannot be limited to " + bytes + " bytes");
        }
        return new TableOptions(message.toBuilder().setMaxValueBytes(bytes).build());
    }

    io.aitta.proto.v1.TableOptions message() {
        return message;
    }
}
