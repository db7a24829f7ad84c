package io.aitta.sim;

import static org.junit.jupiter.api.Assertions.fail;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Orchestrators and hundreds of partitions in random trouble: never two primaries in a term, nothing committed is lost, no
 * step takes a copy without another in its place, and in the end all is as the plan wants it. More worlds: {@code
 * -Daitta.sim.clusters=1000}; a single one again: {@code -Daitta.sim.cluster=S}.
 */
class ClusterSimulationTest {
    private static final int PARTITIONS = 200;
    /** Enough for most mistakes to show, and quicker. */
    private static final int FEW_PARTITIONS = 30;

    private static final long SEEDS_FOR_A_BUG = 60;

    @Test
    void hundredsOfPartitionsBecomeAsThePlanWantsIt() {
        check(1, PARTITIONS);
    }

    @Test
    void everythingBecomesAsThePlanWantsItAndNothingIsLostOnTheWay() {
        Long single = Long.getLong("aitta.sim.cluster");
        long first = single != null ? single : 1;
        long count = single != null ? 1 : Long.getLong("aitta.sim.clusters", 15);
        long moves = 0;
        for (long seed = first; seed < first + count; seed++) {
            moves += check(seed, FEW_PARTITIONS);
        }
        System.out.printf("%d clusters of %d partitions, %d moves%n", count, FEW_PARTITIONS, moves);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aMistakeIsNoticed(ClusterBug bug) {
        for (long seed = 1; seed <= SEEDS_FOR_A_BUG; seed++) {
            try {
                ClusterSimulation.run(seed, bug, FEW_PARTITIONS, null);
            } catch (AssertionError | RuntimeException found) {
                String message = String.valueOf(found.getMessage());
                System.out.printf("%s found in cluster %d: %.200s%n", bug, seed, message);
                return;
            }
        }
        fail(bug + " went unnoticed in " + SEEDS_FOR_A_BUG + " clusters");
    }

    private static long check(long seed, int partitions) {
        try {
            return ClusterSimulation.run(seed, ClusterBug.NONE, partitions, null)
                    .moves();
        } catch (AssertionError | RuntimeException broken) {
            var trace = new Trace();
            try {
                ClusterSimulation.run(seed, ClusterBug.NONE, partitions, trace);
            } catch (AssertionError | RuntimeException again) {
                throw new AssertionError(
                        "seed " + seed + ": " + again + "\nRepeat it with\n"
                                + "  mvn verify -DskipITs -Dtest=ClusterSimulationTest -Daitta.sim.cluster=" + seed
                                + " -Dsurefire.failIfNoSpecifiedTests=false\n" + trace,
                        again);
            }
            throw new IllegalStateException("seed " + seed + " failed, but not when it was repeated", broken);
        }
    }
}
