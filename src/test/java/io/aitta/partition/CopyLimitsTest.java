package io.aitta.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aitta.config.ConfigException;
import io.aitta.config.TestSettings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CopyLimitsTest {
    private static final int MIB = 1 << 20;
    private static final long SECOND = 1_000_000_000;

    @Test
    void whatIsHandedOutWaitsForWhatWasHandedOutBefore() {
        var limits = new CopyLimits(4, 2 * MIB);
        assertThat(limits.nanosUntilHandedOut(MIB, -SECOND)).isZero();
        assertThat(limits.nanosUntilHandedOut(MIB, -SECOND)).isEqualTo(SECOND / 2);
        assertThat(limits.nanosUntilHandedOut(MIB, -SECOND)).isEqualTo(SECOND);
        assertThat(limits.nanosUntilHandedOut(MIB, 5 * SECOND))
                .as("after a pause")
                .isZero();
    }

    @Test
    void whoFetchedWaitsBeforeAskingForMore() {
        var limits = new CopyLimits(4, 2 * MIB);
        assertThat(limits.nanosAfterFetched(MIB, 0)).isEqualTo(SECOND / 2);
        assertThat(limits.nanosAfterFetched(MIB, SECOND / 2)).isEqualTo(SECOND / 2);
    }

    @Test
    void withoutALimitNobodyWaits() {
        var limits = new CopyLimits(4, 0);
        assertThat(limits.nanosUntilHandedOut(MIB, 0)).isZero();
        assertThat(limits.nanosUntilHandedOut(MIB, 0)).isZero();
        assertThat(limits.nanosAfterFetched(MIB, 0)).isZero();
    }

    @Test
    void noMoreAreFetchedAtOnceThanMayBe() {
        var limits = new CopyLimits(1, 0);
        assertThat(limits.beginFetch()).isTrue();
        assertThat(limits.beginFetch()).isFalse();
        limits.endFetch();
        assertThat(limits.beginFetch()).isTrue();
    }

    @Test
    void aBandwidthTooSmallToBeOfUseIsRefused() {
        assertThat(CopyLimits.read(TestSettings.with(Map.of())).copiesAtOnce()).isEqualTo(4);
        assertThatThrownBy(() -> CopyLimits.read(TestSettings.with(Map.of("aitta.replica.copy-bandwidth", "1 KiB"))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("copy-bandwidth")
                .hasMessageContaining("at least 1 MiB");
        CopyLimits.read(TestSettings.with(Map.of("aitta.replica.copy-bandwidth", "0")));
    }
}
