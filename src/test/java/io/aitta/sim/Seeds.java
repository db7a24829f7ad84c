package io.aitta.sim;

/** Runs worlds and tells of those that go wrong. */
final class Seeds {
    private Seeds() {}

    /**
     * @return whether what the clients saw could be judged
     * @throws AssertionError with the seed, the command that repeats it and the end of its trace
     */
    static boolean check(long seed) {
        try {
            return Simulation.run(seed, PlantedBug.NONE, null).isHistoryJudged();
        } catch (AssertionError | RuntimeException broken) {
            throw new AssertionError(report(seed, broken), broken);
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
    private static String report(long seed, Throwable failure) {
        var trace = new Trace();
        try {
            Simulation.run(seed, PlantedBug.NONE, trace);
        } catch (AssertionError | RuntimeException again) {
            return "seed " + seed + ": " + failure + "\nRepeat it with\n"
                    + "  mvn verify -DskipITs -Dtest=SimulationTest -Daitta.sim.seed=" + seed
                    + " -Dsurefire.failIfNoSpecifiedTests=false\n" + trace + "\n" + again;
        }
        throw new IllegalStateException("seed " + seed + " failed, but not when it was repeated", failure);
    }
}
