package io.aitta.core.replication;

/** Checks that hold unless the protocol itself is broken. They stay on in production: going on would lose data. */
final class Invariant {
    private Invariant() {}

    static void check(boolean holds, String what, Object... values) {
        if (!holds) {
            throw new IllegalStateException("invariant broken: " + String.format(what, values));
        }
    }
}
