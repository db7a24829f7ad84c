package io.aitta.history;

import java.util.Optional;

/** What a client was told. */
public sealed interface Answer {
    /** Nothing that tells about the state, or nothing that was looked at: agrees with everything. */
    record Nothing() implements Answer {}

    /** The value of the key; empty: there is none. */
    record Value(Optional<String> value) implements Answer {}

    /** Whether the operation did what it was to do, or found what it was to find. */
    record Did(boolean did) implements Answer {}

    Answer NOTHING = new Nothing();

    static Answer value(String value) {
        return new Value(Optional.of(value));
    }

    static Answer absent() {
        return new Value(Optional.empty());
    }

    static Answer did(boolean did) {
        return new Did(did);
    }

    /** Whether a client that was told this may have been told {@code expected} by a correct store. */
    default boolean agreesWith(Answer expected) {
        return this instanceof Nothing || equals(expected);
    }
}
