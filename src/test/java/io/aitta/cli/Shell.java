package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Runs command lines in this process and keeps what they print. */
public final class Shell {
    /** What one command line came to. */
    public record Result(int status, byte[] outBytes, String err) {
        public String out() {
            return new String(outBytes, StandardCharsets.UTF_8);
        }

        void prints(String out) {
            prints(0, out);
        }

        void prints(int status, String out) {
            assertThat(out()).as(err).isEqualTo(out);
            assertThat(status()).as(err).isEqualTo(status);
        }

        /** @param errors how what it says ends */
        void fails(int status, String errors) {
            assertThat(err).endsWith(errors);
            assertThat(status()).isEqualTo(status);
        }
    }

    private final String endpoints;
    private byte[] input = new byte[0];
    private boolean terminal;

    /** @param endpoints what AITTA_ENDPOINTS says */
    public Shell(String endpoints) {
        this.endpoints = endpoints;
    }

    Shell withInput(String text) {
        return withInput(text.getBytes(StandardCharsets.UTF_8));
    }

    Shell withInput(byte[] bytes) {
        var shell = new Shell(endpoints);
        shell.input = bytes;
        return shell;
    }

    /** One where somebody sits who types the lines. */
    Shell atTerminal(String... lines) {
        var shell = withInput(String.join("\n", lines) + "\n");
        shell.terminal = true;
        return shell;
    }

    public Result run(String... words) {
        return inside((cli, surroundings) -> cli.run(words));
    }

    /** Runs the lines of the input as a prompt does that is not at a terminal. */
    Result prompt() {
        return inside((cli, surroundings) -> {
            try (var inner = Cli.forPrompt(surroundings, Defaults.of(surroundings.environment()))) {
                return new Prompt(inner, surroundings).run();
            }
        });
    }

    /** Runs a line, taken apart as at a prompt. */
    public Result runLine(String line) {
        return run(Words.of(line).toArray(String[]::new));
    }

    private interface Body {
        int run(Cli cli, Surroundings surroundings);
    }

    private Result inside(Body body) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var surroundings = new Surroundings(
                new ByteArrayInputStream(input),
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of("AITTA_ENDPOINTS", endpoints),
                terminal);
        int status;
        try (var cli = new Cli(surroundings)) {
            status = body.run(cli, surroundings);
        }
        return new Result(status, out.toByteArray(), err.toString(StandardCharsets.UTF_8));
    }
}
