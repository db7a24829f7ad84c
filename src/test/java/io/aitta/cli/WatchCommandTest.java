package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.client.FakeCluster;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WatchCommandTest {
    private final FakeCluster cluster = new FakeCluster(1);
    private final Shell shell = new Shell(cluster.endpoints());

    @AfterEach
    void stop() {
        cluster.close();
    }

    /** Writes again and again until the watch has seen as much as it was to see: it begins whenever it does. */
    private Shell.Result watch(String... words) throws Exception {
        var watch = CompletableFuture.supplyAsync(() -> shell.run(words));
        while (!watch.isDone()) {
            shell.run("set", "other", "0");
            shell.run("set", "user:1", "one\ttab");
        }
        return watch.get(30, TimeUnit.SECONDS);
    }

    @Test
    void eachChangeIsALineAndTheEndATokenToGoOnWith() throws Exception {
        var result = watch("watch", "user:1", "--limit", "2");
        assertThat(result.status()).isZero();
        assertThat(result.out().lines()).hasSize(2).allMatch(line -> line.matches("set\tuser:1\t\\d+\tone\\\\ttab"));
        assertThat(result.err()).matches("aitta watch: go on with --from-token \\S+\n");
        String token = result.err().strip().replaceAll(".* ", "");
        var after = watch("watch", "user:1", "--limit", "1", "--from-token", token);
        assertThat(after.out()).startsWith("set\tuser:1\t");
    }

    @Test
    void inJsonEachLineHasItsToken() throws Exception {
        var result = watch("-o", "json", "watch", "--prefix", "user:", "--limit", "1");
        assertThat(result.out())
                .startsWith(
                        "{\"kind\":\"set\",\"key\":\"user:1\",\"value\":\"one\\ttab\",\"encoding\":\"utf-8\",\"version\":")
                .contains("\"token\":\"");
    }

    @Test
    void badInputIsNamed() {
        wrong("give either a KEY or --prefix, not both", "watch", "a", "--prefix", "b");
        wrong("--limit must be at least 1, not 0", "watch", "--limit", "0");
        wrong("--from-token takes what a watch printed at its end, not '???'", "watch", "--from-token", "???");
    }

    private void wrong(String message, String... words) {
        var result = shell.run(words);
        assertThat(result.err()).contains(message).hasLineCount(1);
        assertThat(result.status()).isEqualTo(2);
    }
}
