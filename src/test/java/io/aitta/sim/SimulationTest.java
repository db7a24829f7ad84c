package io.aitta.sim;

import org.junit.jupiter.api.Test;

/** The replication core keeps its promises in every one of many random worlds. */
class SimulationTest {
    private static final long FIRST_SEED = 1;

    @Test
    void keepsItsPromisesInEveryWorld() {
        var only = Long.getLong("aitta.sim.seed");
        if (only != null) {
            Seeds.check(only);
            return;
        }
        for (long seed = FIRST_SEED; seed < FIRST_SEED + Long.getLong("aitta.sim.seeds", 1000); seed++) {
            Seeds.check(seed);
        }
    }
}
