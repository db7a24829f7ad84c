package io.aitta.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aitta.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenFileTest {
    private static final String TOKEN = Tokens.create();
    private static final String HASH = Tokens.hashed(TOKEN);

    @Test
    void what_token_create_prints_is_what_the_file_takes(@TempDir Path dir) throws Exception {
        var file = dir.resolve("tokens");
        String line = TokenFile.line("orders-app", TOKEN, TokenFile.grants("read-write:orders,orders.*"));
        Files.writeString(file, "# who may do what\n\n" + line + "\n");
        var holder = TokenFile.read(file).holderOf(Tokens.digest(TOKEN)).orElseThrow();
        assertThat(holder.name()).isEqualTo("orders-app");
        assertThat(holder.may(Role.READ_WRITE, "orders")).isTrue();
        assertThat(holder.may(Role.READ_ONLY, "orders.2026")).isTrue();
        assertThat(holder.may(Role.READ_ONLY, "orders2")).isFalse();
        assertThat(holder.may(Role.ADMIN, "orders")).isFalse();
        assertThat(holder.mayEverywhere(Role.READ_ONLY)).isFalse();
    }

    @Test
    void a_role_without_tables_is_one_for_all() {
        var holder = one("ops " + HASH + " admin");
        assertThat(holder.mayEverywhere(Role.ADMIN)).isTrue();
        assertThat(holder.may(Role.READ_WRITE, "any")).isTrue();
    }

    @Test
    void roles_of_several_kinds_stand_side_by_side() {
        var holder = one("app " + HASH + " read-only read-write:mine");
        assertThat(holder.may(Role.READ_ONLY, "other")).isTrue();
        assertThat(holder.may(Role.READ_WRITE, "other")).isFalse();
        assertThat(holder.may(Role.READ_WRITE, "mine")).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            ops                | expected NAME HASH ROLE
            ops HASH           | expected NAME HASH ROLE
            ops HASH root      | 'root' is no role; there are admin, read-write and read-only
            ops HASH admin:    | names no tables
            ops HASH admin:a*b | names no tables
            o/s HASH admin     | a holder's name has
            ops plain admin    | the hash of a token is 'sha256:' and 64 hex digits
            """)
    void a_line_that_is_wrong_is_named(String line, String complaint) {
        assertThatThrownBy(() -> TokenFile.parse(List.of("# first", line.replace("HASH", HASH)), "/etc/tokens"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("/etc/tokens:2: ", complaint);
    }

    @Test
    void a_token_that_was_written_down_unhashed_is_not_repeated() {
        assertThatThrownBy(() -> TokenFile.parse(List.of("ops " + TOKEN + " admin"), "f"))
                .hasMessageNotContaining(TOKEN)
                .hasMessageContaining("f:1: ");
    }

    @Test
    void one_token_for_two_holders_and_a_file_without_any_are_refused() {
        assertThatThrownBy(() -> TokenFile.parse(List.of("a " + HASH + " admin", "b " + HASH + " read-only"), "f"))
                .hasMessageContaining("f:2: the token of 'b' stands here twice");
        assertThatThrownBy(() -> TokenFile.parse(List.of("# none"), "f")).hasMessageContaining("f has no tokens");
        assertThatThrownBy(() -> TokenFile.read(Path.of("/no/such/file"))).hasMessageContaining("/no/such/file");
    }

    @Test
    void tokens_are_long_random_and_never_the_same() {
        assertThat(TOKEN).startsWith("aitta_").hasSize(6 + 43).isNotEqualTo(Tokens.create());
    }

    private static Holder one(String line) {
        return TokenFile.parse(List.of(line), "f")
                .holderOf(Tokens.digest(TOKEN))
                .orElseThrow();
    }
}
