package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class TimesTest {
    @Test
    void unitsAddUpAndWithoutOneItIsSeconds() {
        assertThat(Times.parse("500ms")).contains(Duration.ofMillis(500));
        assertThat(Times.parse("5")).contains(Duration.ofSeconds(5));
        assertThat(Times.parse("1.5")).contains(Duration.ofMillis(1_500));
        assertThat(Times.parse("1h30m")).contains(Duration.ofMinutes(90));
        assertThat(Times.parse("7d")).contains(Duration.ofDays(7));
        assertThat(Times.parse("0.5h")).contains(Duration.ofMinutes(30));
    }

    @Test
    void whatIsNoTimeIsNone() {
        for (String text :
                new String[] {"", "x", "-1s", "1w", "1 s", "s", "1.2345s", "1e3", "999999999999d999999999999d"}) {
            assertThat(Times.parse(text)).as(text).isEmpty();
        }
    }

    @Test
    void itIsShownAsPeopleWriteIt() {
        assertThat(Times.shown(Duration.ofMillis(567))).isEqualTo("567ms");
        assertThat(Times.shown(Duration.ofMillis(59_950))).isEqualTo("59.950s");
        assertThat(Times.shown(Duration.ofSeconds(3_600))).isEqualTo("1h");
        assertThat(Times.shown(Duration.ofMillis(93_784_567))).isEqualTo("1d2h3m4.567s");
        assertThat(Times.shown(Duration.ZERO)).isEqualTo("0s");
    }

    @Property
    void whatIsShownIsReadAsTheSame(@ForAll @LongRange(min = 0, max = 1_000_000_000_000_000L) long millis) {
        assertThat(Times.parse(Times.shown(Duration.ofMillis(millis)))).contains(Duration.ofMillis(millis));
    }
}
