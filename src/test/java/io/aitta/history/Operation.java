package io.aitta.history;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What a client asks of one key, and what a store that does one thing at a time makes of it. */
public sealed interface Operation {
    String key();

    /** What it does to the key's value ({@code state} is empty if there is none), and the answer. */
    Transition on(Optional<String> state);

    /** What comes of an operation. */
    record Transition(Optional<String> state, Answer answer) {}

    record Get(String key) implements Operation {
        @Override
        public Transition on(Optional<String> state) {
            return new Transition(state, new Answer.Value(state));
        }
    }

    record Set(String key, String value) implements Operation {
        @Override
        public Transition on(Optional<String> state) {
            return new Transition(Optional.of(value), Answer.NOTHING);
        }
    }

    /** Answered with whether there was a value. */
    record Delete(String key) implements Operation {
        @Override
        public Transition on(Optional<String> state) {
            return new Transition(Optional.empty(), Answer.did(state.isPresent()));
        }
    }

    /** Sets {@code value} if the value is {@code expected}; answered with whether it was. */
    record Cas(String key, Optional<String> expected, String value) implements Operation {
        @Override
        public Transition on(Optional<String> state) {
            boolean holds = state.equals(expected);
            return new Transition(holds ? Optional.of(value) : state, Answer.did(holds));
        }
    }

    /** Answered with the value that came of it. */
    record Append(String key, String suffix) implements Operation {
        @Override
        public Transition on(Optional<String> state) {
            var longer = Optional.of(state.orElse("") + suffix);
            return new Transition(longer, new Answer.Value(longer));
        }
    }

    /** Bytes as a string, byte for byte, so that any value can be recorded. */
    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
