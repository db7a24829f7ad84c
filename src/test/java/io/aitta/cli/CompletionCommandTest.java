package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The script that {@code aitta completion} prints, in a real bash. */
@Timeout(60)
class CompletionCommandTest {
    @TempDir
    Path dir;

    private Path script;

    @BeforeEach
    void writeScript() throws IOException {
        assumeThat(Path.of("/bin/bash")).exists();
        var result = new Shell("127.0.0.1:1").run("completion", "bash");
        assertThat(result.status()).as(result.err()).isZero();
        script = Files.write(dir.resolve("completion"), result.outBytes());
    }

    @Test
    void bashCanReadIt() throws Exception {
        assertThat(bash("-n", script.toString())).isEmpty();
        assertThat(bash("-c", "source " + script + " && complete -p aitta")).contains("-F _complete_aitta aitta");
    }

    @Test
    void commandsSubcommandsOptionsAndTheirWordsAreCompleted() throws Exception {
        assertThat(completed("aitta", "mg")).containsExactly("mget");
        assertThat(completed("aitta", "table", "")).contains("create", "alter", "list", "describe", "drop");
        assertThat(completed("aitta", "set", "--if-")).contains("--if-absent", "--if-present", "--if-version");
        assertThat(completed("aitta", "get", "--consistency", "s")).containsExactly("strong", "session");
    }

    @Test
    void zshGetsAScriptThatKnowsIt() {
        assertThat(new Shell("127.0.0.1:1").run("completion", "zsh").out()).contains("ZSH_VERSION", "bashcompinit");
    }

    private List<String> completed(String... words) throws Exception {
        String last = words[words.length - 1];
        String line = String.join(" ", words);
        String quoted = "'" + String.join("' '", words) + "'";
        return bash(
                        "-c",
                        "compopt() { :; }; source " + script + "; COMP_WORDS=(" + quoted + "); COMP_CWORD="
                                + (words.length - 1)
                                + "; COMP_LINE='" + line + "'; COMP_POINT=" + line.length()
                                + "; _complete_aitta aitta '" + last + "' '" + words[words.length - 2]
                                + "'; printf '%s\\n' \"${COMPREPLY[@]}\"")
                .lines()
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private String bash(String... arguments) throws Exception {
        var command = new java.util.ArrayList<>(List.of("/bin/bash", "--norc"));
        command.addAll(List.of(arguments));
        Path output = dir.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        process.getOutputStream().close();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as(text).isZero();
        return text;
    }
}
