package io.aitta.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class KeyTextTest {
    @Property
    void what_is_written_is_read_again(@ForAll byte[] bytes) {
        var key = ByteString.copyFrom(bytes);
        assertThat(KeyText.read(KeyText.write(key, 10_000), "prefix")).isEqualTo(key);
    }

    @Property
    void text_too(@ForAll String text) {
        var key = ByteString.copyFromUtf8(text);
        assertThat(KeyText.read(KeyText.write(key, 10_000), "prefix")).isEqualTo(key);
    }

    @Example
    void text_is_shown_as_it_is_and_other_bytes_as_digits() {
        assertThat(KeyText.write(ByteString.copyFromUtf8("käse\\42"), 100)).isEqualTo("käse\\\\42");
        assertThat(KeyText.write(ByteString.copyFrom(new byte[] {0, 'a', -1}), 100))
                .isEqualTo("\\x00\\x61\\xff");
        assertThat(KeyText.write(ByteString.copyFromUtf8("a\nb"), 100)).isEqualTo("\\x61\\x0a\\x62");
    }

    @Example
    void what_is_cut_short_ends_with_a_whole_character() {
        assertThat(KeyText.write(ByteString.copyFromUtf8("aä€"), 3)).isEqualTo("aä");
        assertThat(KeyText.write(ByteString.copyFromUtf8("aä€"), 5)).isEqualTo("aä");
        assertThat(KeyText.write(ByteString.copyFromUtf8("aä€"), 6)).isEqualTo("aä€");
        assertThat(KeyText.write(ByteString.copyFromUtf8("aä€"), 2)).isEqualTo("a");
    }

    @Example
    void a_backslash_that_means_nothing_is_refused() {
        for (String wrong : new String[] {"\\", "a\\n", "\\x4", "\\xg0"}) {
            assertThatThrownBy(() -> KeyText.read(wrong, "prefix")).hasMessageContaining("x and two hex digits");
        }
    }
}
