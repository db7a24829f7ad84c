package io.aitta.sim;

/** A promise was broken in a simulated world. */
final class SimulationFailure extends AssertionError {
    private static final long serialVersionUID = 1L;

    SimulationFailure(String what) {
        super(what);
    }

    static void unless(boolean holds, String what, Object... values) {
        if (!holds) {
            throw new SimulationFailure(String.format(what, values));
        }
    }
}
