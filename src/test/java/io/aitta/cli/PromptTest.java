package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.client.FakeCluster;
import io.aitta.proto.v1.SetRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class PromptTest {
    private final FakeCluster cluster = new FakeCluster(1);
    private final Shell shell = new Shell(cluster.endpoints());

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void linesFromAPipeAreRunOneAfterTheOther() {
        var result = shell.withInput("set greeting hello\nget greeting\n").prompt();
        assertThat(result.out()).isEqualTo("OK\nhello\n");
        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isZero();
    }

    @Test
    void blankLinesAndCommentsAreLeftOutAndQuotesWorkAsInAShell() {
        var result = shell.withInput(
                        """
                # a comment

                   # another
                set 'a key' "two words"
                get a\\ key""")
                .prompt();
        assertThat(result.out()).isEqualTo("OK\ntwo words\n");
    }

    @Test
    void aFailingCommandDoesNotEndItAndTheLastOneGivesTheStatus() {
        var fine = shell.withInput("get nosuch\nfrobnicate\nset a 'open\nset a 1\n")
                .prompt();
        assertThat(fine.status()).isZero();
        assertThat(fine.err().lines()).hasSize(3).anyMatch(line -> line.equals("aitta: a quote (') is not closed"));
        assertThat(shell.withInput("set a 1\nget nosuch\n").prompt().status()).isEqualTo(1);
        assertThat(shell.withInput("set a 1\nget\n# the end\n").prompt().status())
                .isEqualTo(2);
        assertThat(shell.withInput("").prompt().status()).isZero();
    }

    @Test
    void exitAndQuitEndIt() {
        assertThat(shell.withInput("set a 1\nexit\nget a\n").prompt().out()).isEqualTo("OK\n");
        assertThat(shell.withInput("quit\nget a\n").prompt().out()).isEmpty();
    }

    @Test
    void allLinesShareOneClient() {
        shell.withInput("set a 1\nset b 2\nset c 3\n").prompt();
        assertThat(cluster.received(SetRequest.class).stream()
                        .map(r -> ((SetRequest) r.request())
                                .getHeader()
                                .getSession()
                                .getClientId())
                        .distinct())
                .hasSize(1);
    }

    @Test
    void whatOneLineSaysDoesNotHoldForTheNext() {
        var result = shell.withInput("set a 1\nget a -o json\nget a\n").prompt();
        assertThat(result.out()).endsWith("}\n1\n");
    }

    @Test
    void theCommandsThatFollowAreNotTakenForAValue() {
        var result = shell.withInput("set a -\nget a\n").prompt();
        assertThat(result.err()).contains("'-' would read the commands that follow; use --file or --hex here");
        assertThat(result.status()).isEqualTo(1);
    }

    @Test
    void nodesAreNotStartedFromWithin() {
        assertThat(shell.withInput("quickstart\n").prompt().err()).contains("unknown command 'quickstart'");
        assertThat(shell.withInput("serve\n").prompt().status()).isEqualTo(2);
    }

    @Test
    void useChoosesTheTableThatKeysBelongTo() {
        var result = shell.withInput(
                        """
                table create orders
                use orders
                set a "in orders"
                use nosuch
                get a
                get a -t default
                use default -o json
                get a
                """)
                .prompt();
        assertThat(result.out()).endsWith("table orders\nOK\nin orders\n{\"table\":\"default\"}\n");
        assertThat(result.err())
                .isEqualTo("aitta use: there is no table nosuch (TABLE_NOT_FOUND)\n"
                        + "aitta get: key 'a' not found\naitta get: key 'a' not found\n");
    }

    @Test
    void replRunsLinesWithItsOwnGlobalOptions() {
        shell.run("table", "create", "orders");
        var result = shell.withInput("set a 1\nget a -o text\n").run("-o", "json", "-t", "orders", "repl");
        assertThat(result.out()).isEqualTo("{\"key\":\"a\",\"applied\":true,\"version\":1}\n1\n");
        assertThat(shell.run("-t", "orders", "get", "a").out()).isEqualTo("1\n");
        assertThat(shell.withInput("repl\n").prompt().err()).contains("unknown command 'repl'");
    }

    @Test
    void helpExplainsACommandWhereItIsNeeded() {
        var result = shell.withInput("help scan\nhelp use\n").prompt();
        assertThat(result.out()).contains("Usage: aitta scan", "--keys-only", "Usage: aitta use");
    }

    @Test
    void atATerminalThePromptShowsTheTableAndLinesAreKept(@TempDir Path home) throws Exception {
        shell.run("table", "create", "orders");
        var screen = new ByteArrayOutputStream();
        var answers = new ByteArrayOutputStream();
        var surroundings = new Surroundings(
                System.in,
                new PrintStream(answers, true, StandardCharsets.UTF_8),
                new PrintStream(answers, true, StandardCharsets.UTF_8),
                Map.of("AITTA_ENDPOINTS", cluster.endpoints(), "HOME", home.toString(), "NO_COLOR", "1"),
                true);
        var typed =
                new ByteArrayInputStream("frobnicate\nuse orders\nset a 1\nexit\n".getBytes(StandardCharsets.UTF_8));
        try (var cli = Cli.forPrompt(surroundings, Defaults.of(surroundings.environment()));
                var terminal = new DumbTerminal("test", "dumb", typed, screen, StandardCharsets.UTF_8)) {
            new Prompt(cli, surroundings).at(terminal);
        }
        assertThat(answers.toString(StandardCharsets.UTF_8))
                .contains("unknown command 'frobnicate'")
                .endsWith("table orders\nOK\n");
        assertThat(screen.toString(StandardCharsets.UTF_8))
                .contains("aitta> ", "aitta:orders> ")
                .doesNotContain("\u001b[1");
        assertThat(home.resolve(".aitta_history")).content().contains("use orders", "set a 1");
    }

    @Test
    void coloursAreForTerminalsThatWantThem() {
        assertThat(surroundings(true, Map.of()).colours()).isTrue();
        assertThat(surroundings(true, Map.of("NO_COLOR", "1")).colours()).isFalse();
        assertThat(surroundings(true, Map.of("NO_COLOR", "")).colours()).isTrue();
        assertThat(surroundings(false, Map.of()).colours()).isFalse();
    }

    private static Surroundings surroundings(boolean terminal, Map<String, String> environment) {
        return new Surroundings(System.in, System.out, System.err, environment, terminal);
    }
}
