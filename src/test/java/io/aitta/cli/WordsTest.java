package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class WordsTest {
    @Test
    void blanksSeparateAndQuotesKeepTogether() {
        assertThat(Words.of("  set   a\tb ")).containsExactly("set", "a", "b");
        assertThat(Words.of("a 'b c' \"d e\" f\\ g")).containsExactly("a", "b c", "d e", "f g");
        assertThat(Words.of("a'b'\"c\"d")).containsExactly("abcd");
        assertThat(Words.of("'' \"\"")).containsExactly("", "");
    }

    @Test
    void aBackslashMeansItselfInSingleQuotesAndInDoubleOnesBeforeMostCharacters() {
        assertThat(Words.of("'a\\b' \"a\\b\" \"q\\\"q\" \"b\\\\b\" \\'x"))
                .containsExactly("a\\b", "a\\b", "q\"q", "b\\b", "'x");
    }

    @Test
    void aCommentIsNoWordsButAHashWithinALineIsOne() {
        assertThat(Words.of("  # set a b")).isEmpty();
        assertThat(Words.of("")).isEmpty();
        assertThat(Words.of("get #1")).containsExactly("get", "#1");
    }

    @Test
    void whatIsNotClosedIsSaidToBeSo() {
        for (String line : List.of("'a", "a \"b", "\"\\\"")) {
            assertThatThrownBy(() -> Words.of(line)).as(line).hasMessageContaining("is not closed");
        }
        assertThatThrownBy(() -> Words.of("a\\")).hasMessageContaining("ends with a backslash");
    }
}
