package io.aitta.sim;

/** Runs worlds and tells of those that go wrong. */
final class Seeds {
    private Seeds() {}

    /** @throws AssertionError with the seed, the command that repeats it and the end of its trace */
    static void check(long seed) {
        var failure = failure(seed, PlantedBug.NONE);
        if (failure != null) {
            throw new AssertionError(report(seed, PlantedBug.NONE, failure), failure);
        }
    }

    /** What went wrong in a world; null: nothing did. */
    static Throwable failure(long seed, PlantedBug bug) {
        try {
            Simulation.run(seed, bug, null);
            return null;
        } catch (AssertionError | RuntimeException broken) {
            return broken;
        }
    }

    /** Runs the world again, now with a trace; it is the same world. */
    static String report(long seed, PlantedBug bug, Throwable failure) {
        var trace = new Trace();
        try {
            Simulation.run(seed, bug, trace);
        } catch (AssertionError | RuntimeException expected) {
            trace.add(0, "%s", expected);
        }
        return "seed " + seed + ": " + failure + "\nRepeat it with\n"
                + "  mvn verify -Dtest=SimulationTest -Daitta.sim.seed=" + seed
                + " -Dsurefire.failIfNoSpecifiedTests=false\n" + trace;
    }
}
