package io.aitta.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuotasTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);

    @Test
    void a_second_gives_what_the_line_says_and_a_second_in_reserve() {
        var quotas = Quotas.of(List.of("orders 10 -"), nanos::get);
        assertThat(takenNow(quotas, "orders")).isBetween(10, 12);
        assertThat(quotas.take("orders", 1, 0)).isBetween(1L, 101L);
        pass(1_000);
        assertThat(takenNow(quotas, "orders")).isBetween(9, 11);
        pass(100_000);
        assertThat(takenNow(quotas, "orders")).isBetween(10, 12);
    }

    @Test
    void what_is_refused_takes_nothing_and_says_when_to_come_again() {
        var quotas = Quotas.of(List.of("orders - 1KiB"), nanos::get);
        assertThat(quotas.take("orders", 1, 10 << 10)).isZero();
        long wait = quotas.take("orders", 1, 1);
        assertThat(wait).isBetween(8_900L, 9_100L);
        assertThat(quotas.take("orders", 1, 1)).isEqualTo(wait);
        pass(wait);
        assertThat(quotas.take("orders", 1, 1)).isZero();
    }

    @Test
    void the_first_line_that_fits_counts_and_tables_of_one_line_share_it() {
        var quotas = Quotas.of(List.of("# tables", "logs.audit - -", "logs.* 1 -", ""), nanos::get);
        assertThat(takenNow(quotas, "logs.audit")).isEqualTo(1_000);
        assertThat(takenNow(quotas, "free")).isEqualTo(1_000);
        assertThat(takenNow(quotas, "logs.a")).isPositive().isLessThan(4);
        assertThat(quotas.take("logs.b", 1, 0)).isPositive();
    }

    @Test
    void a_file_that_is_exchanged_counts_at_once() {
        var quotas = Quotas.of(List.of("orders 1 -"), nanos::get);
        quotas.replace(Quotas.none());
        assertThat(takenNow(quotas, "orders")).isEqualTo(1_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"orders", "orders 1", "orders 0 -", "orders x -", "or*ers 1 1", "orders -1 -", "orders 1 1 1"})
    void a_line_that_is_wrong_is_named(String line) {
        assertThatThrownBy(() -> Quotas.of(List.of("", line), nanos::get)).hasMessageStartingWith("quotas:2: ");
    }

    private int takenNow(Quotas quotas, String table) {
        int taken = 0;
        while (taken < 1_000 && quotas.take(table, 1, 0) == 0) {
            taken++;
        }
        return taken;
    }

    private void pass(long millis) {
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
    }
}
