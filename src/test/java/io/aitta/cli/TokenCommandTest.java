package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.aitta.security.TokenAccess;
import io.aitta.security.TokenFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCommandTest {
    private final Shell shell = new Shell("127.0.0.1:1");

    @Test
    void the_line_that_is_printed_lets_the_token_in_that_is_printed(@TempDir Path dir) throws Exception {
        var made =
                shell.run("-o", "json", "token", "create", "orders-app", "read-write:orders", "read-only:catalog,c.*");
        assertThat(made.status()).as(made.err()).isZero();
        var json = new ObjectMapper().readTree(made.out());
        String line = json.get("line").asText();
        String token = json.get("token").asText();
        assertThat(line)
                .startsWith("orders-app sha256:")
                .endsWith(" read-write:orders read-only:catalog read-only:c.*")
                .doesNotContain(token);
        var file = Files.writeString(dir.resolve("tokens"), line);
        assertThat(new TokenAccess(TokenFile.read(file))
                        .caller("Bearer " + token)
                        .name())
                .isEqualTo("orders-app");
    }

    @Test
    void hash_prints_what_stands_in_the_file() {
        shell.withInput("abc\n")
                .run("token", "hash")
                .prints("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n");
    }

    @Test
    void what_is_no_name_no_role_or_no_token_is_bad_input() {
        shell.run("token", "create", "a/b", "admin").fails(2, "beginning with a letter or digit\n");
        shell.run("token", "create", "ops", "root")
                .fails(2, "'root' is no role; there are admin, read-write and read-only\n");
        shell.run("token", "create", "ops").fails(2, "see 'aitta token create --help'\n");
        shell.withInput("two words")
                .run("token", "hash")
                .fails(2, "standard input must be one token and nothing else\n");
    }

    @Test
    void a_file_of_a_token_or_of_authorities_that_is_none_is_bad_input(@TempDir Path dir) throws Exception {
        var two = Files.writeString(dir.resolve("two"), "one two");
        shell.run("--token-file", two.toString(), "get", "k").fails(2, "must hold one token and nothing else\n");
        assertThat(shell.run("--token-file", "/no/such", "get", "k").err()).contains("--token-file", "'/no/such'");
        assertThat(shell.run("--ca", two.toString(), "get", "k").err()).contains("--ca (or AITTA_CA)", two.toString());
    }
}
