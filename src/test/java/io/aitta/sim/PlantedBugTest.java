package io.aitta.sim;

import static org.junit.jupiter.api.Assertions.fail;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The simulation notices every mistake that was made on purpose, within the seeds of an ordinary test run. */
class PlantedBugTest {
    private static final long SEEDS = 1000;

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void isFound(PlantedBug bug) {
        for (long seed = 1; seed <= SEEDS; seed++) {
            var failure = Seeds.failure(seed, bug);
            if (failure != null) {
                var firstLine =
                        String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
                System.out.printf("%s found in world %d: %s%n", bug, seed, firstLine);
                return;
            }
        }
        fail(bug + " went unnoticed in " + SEEDS + " worlds");
    }
}
