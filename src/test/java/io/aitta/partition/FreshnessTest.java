package io.aitta.partition;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FreshnessTest {
    private final Freshness freshness = new Freshness();

    @Test
    void withoutEvidenceNothingIsProved() {
        assertThat(freshness.isWithin(Long.MAX_VALUE, 100, 0)).isFalse();
    }

    @Test
    void evidenceThatIsReachedProvesTheTimeAtWhichItWasAskedFor() {
        freshness.offer(10, 1_000, 10);
        assertThat(freshness.isWithin(500, 10, 1_500)).isTrue();
        assertThat(freshness.isWithin(500, 10, 1_501)).isFalse();
    }

    @Test
    void evidenceCountsOnlyOnceItIsReached() {
        freshness.offer(10, 1_000, 9);
        assertThat(freshness.isWithin(500, 9, 1_100)).isFalse();
        assertThat(freshness.isWithin(500, 10, 1_100)).isTrue();
    }

    @Test
    void evidenceThatIsAlwaysALittleAheadIsReachedAllTheSame() {
        // The replica lags one entry behind what the primary tells, for ever.
        for (long index = 1; index <= 100; index++) {
            freshness.offer(index, index * 10, index - 1);
        }
        assertThat(freshness.isWithin(20, 99, 1_000)).isTrue();
    }

    @Test
    void olderEvidenceThatComesLateTakesNothingAway() {
        freshness.offer(10, 1_000, 10);
        freshness.offer(8, 500, 10);
        assertThat(freshness.isWithin(100, 10, 1_100)).isTrue();
    }

    @Test
    void theClockMayBeNegativeAndWrapAround() {
        freshness.offer(1, Long.MAX_VALUE - 5, 1);
        assertThat(freshness.isWithin(20, 1, Long.MIN_VALUE + 5)).isTrue();
        assertThat(freshness.isWithin(5, 1, Long.MIN_VALUE + 5)).isFalse();
    }
}
