package io.aitta.history;

import java.util.List;
import java.util.Optional;

/** What a client was told. */
public sealed interface Answer {
    /** Nothing that tells about the state, or nothing that was looked at: agrees with everything. */
    record Nothing() implements Answer {}

    /** The value of the key; empty: there is none. */
    record Value(Optional<String> value) implements Answer {}

    /** Of a value that is not told itself: its length. */
    record Length(long length) implements Answer {}

    /** Whether the operation did what it was to do, or found what it was to find. */
    record Did(boolean did) implements Answer {}

    /** Whether all compares of a transaction held, and the answers of the operations that were done then. */
    record Steps(boolean held, List<Answer> answers) implements Answer {
        public Steps {
            answers = List.copyOf(answers);
        }
    }

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
        if (this instanceof Length told && expected instanceof Value right) {
            return right.value().filter(value -> value.length() == told.length()).isPresent();
        }
        if (this instanceof Steps told && expected instanceof Steps right) {
            return told.held() == right.held() && agree(told.answers(), right.answers());
        }
        return this instanceof Nothing || equals(expected);
    }

    private static boolean agree(List<Answer> told, List<Answer> expected) {
        boolean all = told.size() == expected.size();
        for (int i = 0; all && i < told.size(); i++) {
            all = told.get(i).agreesWith(expected.get(i));
        }
        return all;
    }
}
