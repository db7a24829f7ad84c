package io.aitta.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * The replication core keeps its promises in many random worlds. More of them: {@code -Daitta.sim.seeds=100000}; a single
 * one again: {@code -Daitta.sim.seed=S}.
 */
class SimulationTest {
    @Test
    void keepsItsPromisesInEveryWorld() {
        var single = Long.getLong("aitta.sim.seed");
        long first = single != null ? single : 1;
        long count = single != null ? 1 : Long.getLong("aitta.sim.seeds", 1000);
        long unjudged = 0;
        for (long seed = first; seed < first + count; seed++) {
            if (!Seeds.check(seed)) {
                unjudged++;
            }
        }
        System.out.printf("%d worlds, %d of their histories too entangled to judge%n", count, unjudged);
        assertThat(unjudged).as("histories too entangled to judge").isLessThanOrEqualTo(1 + count / 100);
    }
}
