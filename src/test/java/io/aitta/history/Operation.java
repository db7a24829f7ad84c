package io.aitta.history;

import io.aitta.core.hash.KeyHash;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a client asks of one key, or of several that share a hash tag, and what a store that does one thing at a time makes
 * of it.
 */
public sealed interface Operation {
    /** What is read or written: one key, or several of one {@link #group}. */
    Set<String> keys();

    /** What it does if it is done within that time. */
    Transition on(State state, When when);

    /** Whether it never changes anything. */
    default boolean isRead() {
        return false;
    }

    /** What it leaves the same whatever was there before; empty: what comes of it depends on that. */
    default Set<String> overwrites() {
        return Set.of();
    }

    /** Keys of one group may be used together, and groups have nothing to do with each other. */
    default String group() {
        return groupOf(keys().iterator().next());
    }

    static String groupOf(String key) {
        return KeyHash.tagOf(key.getBytes(StandardCharsets.UTF_8))
                .map(tag -> new String(tag, StandardCharsets.UTF_8))
                .orElse(key);
    }

    /** What comes of an operation. */
    record Transition(State state, Answer answer) {}

    /**
     * The time in which an operation happens.
     *
     * @param missed keys that are not there any more, of those of which it cannot be told
     */
    record When(long beginNanos, long endNanos, Set<String> missed) {
        /** Where nothing expires. */
        public static final When ANY = new When(0, 0, Set.of());

        private Optional<State.Held> find(State state, String key) {
            return state.get(key).filter(held -> !isGone(key, held));
        }

        private boolean isGone(String key, State.Held held) {
            return held.isGoneBy(beginNanos) || missed.contains(key) && held.mayBeGoneBy(endNanos);
        }

        private State.Held held(String value, long timeToLiveNanos) {
            return timeToLiveNanos == 0
                    ? State.Held.forEver(value)
                    : State.Held.between(value, beginNanos + timeToLiveNanos, endNanos == Call.OPEN ? Call.OPEN : endNanos + timeToLiveNanos);
        }
    }

    record Get(String key) implements Operation {
        @Override
        public Set<String> keys() {
            return Set.of(key);
        }

        @Override
        public Transition on(State state, When when) {
            return new Transition(state, new Answer.Value(when.find(state, key).map(State.Held::value)));
        }

        @Override
        public boolean isRead() {
            return true;
        }
    }

    /** @param timeToLiveNanos 0: for ever */
    record Put(String key, String value, long timeToLiveNanos) implements Operation {
        @Override
        public Set<String> keys() {
            return Set.of(key);
        }

        @Override
        public Transition on(State state, When when) {
            return new Transition(state.with(key, when.held(value, timeToLiveNanos)), Answer.NOTHING);
        }

        @Override
        public Set<String> overwrites() {
            return Set.of(key);
        }
    }

    static Operation set(String key, String value) {
        return new Put(key, value, 0);
    }

    /** Answered with whether there was a value. */
    record Delete(String key) implements Operation {
        @Override
        public Set<String> keys() {
            return Set.of(key);
        }

        @Override
        public Transition on(State state, When when) {
            boolean existed = when.find(state, key).isPresent();
            return new Transition(existed ? state.without(key) : state, Answer.did(existed));
        }
    }

    /** Sets {@code value} if the value is {@code expected}; answered with whether it was. */
    record Cas(String key, Optional<String> expected, String value) implements Operation {
        @Override
        public Set<String> keys() {
            return Set.of(key);
        }

        @Override
        public Transition on(State state, When when) {
            boolean holds = when.find(state, key).map(State.Held::value).equals(expected);
            return new Transition(holds ? state.with(key, State.Held.forEver(value)) : state, Answer.did(holds));
        }
    }

    /** Answered with the value that came of it. The key keeps its time to live. */
    record Append(String key, String suffix) implements Operation {
        @Override
        public Set<String> keys() {
            return Set.of(key);
        }

        @Override
        public Transition on(State state, When when) {
            var held = when.find(state, key).orElse(State.Held.forEver(""));
            var longer = held.withValue(held.value() + suffix);
            return new Transition(state.with(key, longer), Answer.value(longer.value()));
        }
    }

    /** Answered with the number that came of it. The key keeps its time to live; a missing one counts as 0. */
    record Increment(String key, long amount) implements Operation {
        @Override
        public Set<String> keys() {
            return Set.of(key);
        }

        @Override
        public Transition on(State state, When when) {
            var held = when.find(state, key).orElse(State.Held.forEver("0"));
            var sum = held.withValue(Long.toString(Long.parseLong(held.value()) + amount));
            return new Transition(state.with(key, sum), Answer.value(sum.value()));
        }
    }

    /** Another time to live for what is there; 0: for ever. Answered with whether there was something. */
    record Expire(String key, long timeToLiveNanos) implements Operation {
        @Override
        public Set<String> keys() {
            return Set.of(key);
        }

        @Override
        public Transition on(State state, When when) {
            var found = when.find(state, key);
            var after = found.map(held -> state.with(key, when.held(held.value(), timeToLiveNanos))).orElse(state);
            return new Transition(after, Answer.did(found.isPresent()));
        }
    }

    /** That a key has this value, or none. */
    record Compare(String key, Optional<String> expected) {}

    /**
     * If all compares hold the one, else the other operations, at once. Answered with whether they held, and the answers of
     * what was done.
     */
    record Transaction(List<Compare> compares, List<Operation> then, List<Operation> otherwise) implements Operation {
        @Override
        public Set<String> keys() {
            var keys = new TreeSet<String>();
            compares.forEach(compare -> keys.add(compare.key()));
            then.forEach(operation -> keys.addAll(operation.keys()));
            otherwise.forEach(operation -> keys.addAll(operation.keys()));
            return keys;
        }

        @Override
        public Transition on(State state, When when) {
            boolean holds = compares.stream()
                    .allMatch(compare ->
                            when.find(state, compare.key()).map(State.Held::value).equals(compare.expected()));
            var after = state;
            var answers = new ArrayList<Answer>();
            for (var operation : holds ? then : otherwise) {
                var step = operation.on(after, when);
                after = step.state();
                answers.add(step.answer());
            }
            return new Transition(after, new Answer.Steps(holds, answers));
        }

        @Override
        public boolean isRead() {
            return then.stream().allMatch(Operation::isRead) && otherwise.stream().allMatch(Operation::isRead);
        }
    }

    /** Bytes as a string, byte for byte, so that any value can be recorded. */
    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
