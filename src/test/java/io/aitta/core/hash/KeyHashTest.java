package io.aitta.core.hash;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyHashTest {
    @Test
    void givesTheVectorsOfTheProto() {
        assertThat(hash("")).isEqualTo(0x00000000L);
        assertThat(hash("a")).isEqualTo(0xC1D04330L);
        assertThat(hash("123456789")).isEqualTo(0xE3069283L);
        assertThat(KeyHash.hash(new byte[32])).isEqualTo(0x8A9136AAL);
    }

    @ParameterizedTest
    @CsvSource({
        "user:{42}:name, 42",
        "{a}b, a",
        "x{a}{b}, a",
        "{{a}, {a",
        "}{a}, a",
        "{a}}, a",
    })
    void keysWithATagGoWhereTheTagGoes(String key, String tag) {
        assertThat(hash(key)).isEqualTo(crc(tag));
    }

    @ParameterizedTest
    @CsvSource({"{}", "{}{a}", "a{b", "a}b", "}a{", "{", "}", "plain", "a{}b{c}"})
    void keysWithoutATagAreHashedWhole(String key) {
        assertThat(hash(key)).isEqualTo(crc(key));
    }

    @Test
    void theWholeRuleGivesWhatTheProtoPromisesToOtherLanguages() {
        assertThat(KeyHash.partitionOf("user:{42}:name".getBytes(UTF_8), 16)).isEqualTo(11);
        assertThat(KeyHash.partitionOf("{}x".getBytes(UTF_8), 16)).isEqualTo(13);
        assertThat(KeyHash.partitionOf("x{".getBytes(UTF_8), 16)).isEqualTo(11);
        assertThat(KeyHash.partitionOf("{a}{b}".getBytes(UTF_8), 16)).isZero();
    }

    @Test
    void theHashIsReadUnsigned() {
        // 0xC1D04330 would be negative as an int.
        assertThat(KeyHash.partitionOf("a".getBytes(UTF_8), 1000)).isEqualTo((int) (0xC1D04330L % 1000));
    }

    @Property
    void everyKeyHasAPartition(@ForAll byte[] key, @ForAll @IntRange(min = 1) int partitions) {
        assertThat(KeyHash.partitionOf(key, partitions)).isBetween(0, partitions - 1);
    }

    @Test
    void aTableWithoutPartitionsIsRefused() {
        assertThatThrownBy(() -> KeyHash.partitionOf(new byte[1], 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 1 partition");
    }

    private static long hash(String key) {
        return KeyHash.hash(key.getBytes(StandardCharsets.UTF_8));
    }

    private static long crc(String text) {
        var crc = new java.util.zip.CRC32C();
        crc.update(text.getBytes(UTF_8));
        return crc.getValue();
    }
}
