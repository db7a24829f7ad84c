package io.aitta.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.metrics.RequestMetrics.Totals;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TrafficWindowTest {
    private final TrafficWindow window = new TrafficWindow();

    private static Totals totals(long reads, long writes, long failures) {
        var readsByClass = new long[Latency.CLASSES];
        readsByClass[2] = reads;
        var writesByClass = new long[Latency.CLASSES];
        writesByClass[3] = writes;
        return new Totals(readsByClass, writesByClass, failures);
    }

    private void at(long second, Totals totals) {
        window.sample(TimeUnit.SECONDS.toNanos(second), Map.of("t", totals));
    }

    @Test
    void oneLookTellsNothing() {
        at(1, totals(5, 5, 5));
        assertThat(window.nanos()).isZero();
        assertThat(window.traffic()).isEmpty();
    }

    @Test
    void onlyTheLastTenSecondsCount() {
        for (int second = 0; second <= 30; second++) {
            at(second, totals(second * 10, second, 0));
        }
        assertThat(window.nanos()).isEqualTo(TimeUnit.SECONDS.toNanos(10));
        var traffic = window.traffic().get(0);
        assertThat(traffic.reads()[2]).isEqualTo(100);
        assertThat(traffic.writes()[3]).isEqualTo(10);
    }

    @Test
    void aTableThatIsNewCountsFromZero() {
        window.sample(0, Map.of());
        at(1, totals(7, 0, 1));
        assertThat(window.traffic().get(0).reads()[2]).isEqualTo(7);
        assertThat(window.traffic().get(0).failures()).isOne();
    }

    @Test
    void aTableThatWasMadeAnewIsNeverBelowZero() {
        at(0, totals(100, 0, 9));
        at(1, totals(1, 0, 0));
        assertThat(window.traffic().get(0).reads()).doesNotContain(-99);
        assertThat(window.traffic().get(0).failures()).isZero();
    }
}
