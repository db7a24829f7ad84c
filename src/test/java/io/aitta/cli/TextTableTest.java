package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextTableTest {
    @Test
    void numbersStandToTheRightAndTextToTheLeft() {
        var table = new TextTable("NAME", "COUNT").row("a", 1).row("longer", 1_000);
        assertThat(table).hasToString("NAME    COUNT\na           1\nlonger   1000\n");
    }
}
