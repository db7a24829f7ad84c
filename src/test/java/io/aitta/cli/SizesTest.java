package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SizesTest {
    @Test
    void unitsAreOfTwoAndWithoutOneItIsBytes() {
        assertThat(Sizes.parse("4096")).hasValue(4096);
        assertThat(Sizes.parse("7B")).hasValue(7);
        assertThat(Sizes.parse("64KiB")).hasValue(65_536);
        assertThat(Sizes.parse("1MiB")).hasValue(1 << 20);
        assertThat(Sizes.parse("2GiB")).hasValue(2L << 30);
        for (String text : new String[] {"", "x", "-1", "1.5KiB", "1TiB", "1 KiB", "KiB"}) {
            assertThat(Sizes.parse(text)).as(text).isEmpty();
        }
    }

    @Test
    void theGreatestUnitThatDividesItIsShown() {
        assertThat(Sizes.shown(65_536)).isEqualTo("64KiB");
        assertThat(Sizes.shown(1_000)).isEqualTo("1000B");
        assertThat(Sizes.shown(1 << 20)).isEqualTo("1MiB");
        assertThat(Sizes.shown(0)).isEqualTo("0B");
    }
}
