package io.aitta.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SlowLogTest {
    private final SlowLog log = new SlowLog(
            new MetricsSettings(1, 1, Duration.ofSeconds(1), Duration.ofMillis(100), 3, 1), new SimpleMeterRegistry());

    private static SlowRequest request(String table, int millis) {
        long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
        return new SlowRequest(0, "set", table, 0, "k", nanos, "ok", null, "r", "");
    }

    @Test
    void theThresholdIsSlow() {
        assertThat(log.isSlow(TimeUnit.MILLISECONDS.toNanos(100))).isTrue();
        assertThat(log.isSlow(TimeUnit.MILLISECONDS.toNanos(100) - 1)).isFalse();
    }

    @Test
    void theOldestGo() {
        for (int millis = 101; millis <= 105; millis++) {
            log.add(request("t", millis));
        }
        assertThat(log.newest(any -> true, 10))
                .extracting(SlowRequest::nanos)
                .containsExactly(105_000_000L, 104_000_000L, 103_000_000L);
    }

    @Test
    void onlyWhatIsWantedIsTold() {
        log.add(request("a", 101));
        log.add(request("b", 102));
        log.add(request("a", 103));
        assertThat(log.newest(one -> one.table().equals("a"), 1)).containsExactly(request("a", 103));
        assertThat(log.newest(one -> one.table().equals("a"), 5)).hasSize(2);
    }
}
