package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.client.FakeCluster;
import io.aitta.proto.v1.SetRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
}
