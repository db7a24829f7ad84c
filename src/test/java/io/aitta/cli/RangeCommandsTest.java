package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.client.FakeCluster;
import io.aitta.proto.v1.ScanRequest;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RangeCommandsTest {
    private final FakeCluster cluster = new FakeCluster(3);
    private final Shell shell = new Shell(cluster.endpoints());

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void scanPrintsALineForEachKey() {
        shell.run("mset", "a", "1", "b\t", "x\ny", "c", "");
        shell.run("scan").prints("a\t1\nb\\t\tx\\ny\nc\t\n");
        shell.run("scan", "--prefix", "b").prints("b\\t\tx\\ny\n");
        shell.run("scan", "--keys-only").prints("a\nb\\t\nc\n");
        shell.run("scan", "--hex", "--limit", "1").prints("a\t31\n");
        shell.run("scan", "--prefix", "z").prints("");
        shell.run("-o", "json", "scan", "--limit", "1")
                .prints("{\"key\":\"a\",\"value\":\"1\",\"encoding\":\"utf-8\",\"version\":1}\n");
        shell.run("-o", "json", "scan", "--limit", "1", "--keys-only").prints("{\"key\":\"a\",\"version\":1}\n");
    }

    @Test
    void whatIsAskedForIsSent() {
        shell.run("scan", "--tag", "t", "--from", "a", "--to", "b", "--relaxed", "--consistency", "eventual");
        var sent = (ScanRequest) cluster.received(ScanRequest.class).get(0).request();
        assertThat(sent.getRange().getTag().toStringUtf8()).isEqualTo("t");
        assertThat(sent.getRange().getFrom().toStringUtf8()).isEqualTo("a");
        assertThat(sent.getRange().getTo().toStringUtf8()).isEqualTo("b");
        assertThat(sent.getRelaxed()).isTrue();
        assertThat(sent.getConsistencyValue()).isEqualTo(2);
    }

    @Test
    void aScanGoesOnOverPages() {
        fill(35);
        assertThat(shell.run("scan").out().lines()).hasSize(35);
        assertThat(shell.run("scan", "--limit", "17").out().lines()).hasSize(17);
    }

    @Test
    void pageByPageEveryKeyComesOnce() {
        fill(25);
        var keys = new ArrayList<String>();
        List<String> more = List.of();
        int pages = 0;
        while (pages < 10) {
            var words = new ArrayList<>(List.of("scan", "--page", "--keys-only", "--limit", "10"));
            words.addAll(more);
            var page = shell.run(words.toArray(String[]::new));
            assertThat(page.status()).isZero();
            page.out().lines().forEach(keys::add);
            pages++;
            if (page.err().equals("aitta scan: this was the last page\n")) {
                break;
            }
            assertThat(page.err()).startsWith("aitta scan: there may be more: --cursor ");
            more = List.of("--cursor", page.err().strip().replaceAll(".* ", ""));
        }
        assertThat(pages).isEqualTo(3);
        assertThat(keys).hasSize(25).doesNotHaveDuplicates();
        assertThat(shell.run("-o", "json", "scan", "--page", "--limit", "2")
                        .out()
                        .lines())
                .hasSize(3)
                .last()
                .asString()
                .startsWith("{\"cursor\":\"");
        assertThat(shell.run("-o", "json", "scan", "--page").out())
                .contains("k00")
                .contains("{\"cursor\":");
    }

    @Test
    void whatFailsInTheMiddleIsSaidAfterWhatCame() {
        fill(3);
        cluster.refuseNext(Status.Code.FAILED_PRECONDITION, "SCAN_EXPIRED", "the moment is gone");
        shell.run("scan").fails(3, "aitta scan: the moment is gone (SCAN_EXPIRED)\n");
    }

    @Test
    void delrangeAndFlushRemoveWhatTheyAreTold() {
        shell.run("mset", "a1", "x", "a2", "x", "b1", "x");
        shell.run("delrange", "--prefix", "a", "--yes").prints("OK\n");
        shell.run("scan", "--keys-only").prints("b1\n");
        shell.run("-o", "json", "delrange", "--from", "x", "--yes", "--prefix", "q")
                .prints("{\"done\":true}\n");
        shell.run("flush", "--yes").prints("OK\n");
        shell.run("scan").prints("");
        shell.run("-o", "json", "flush", "--yes").prints("{\"done\":true}\n");
        shell.run("flush", "--yes", "--ack", "fast").prints("SENT\n");
        shell.run("-t", "nosuch", "flush", "--yes").fails(3, "(TABLE_NOT_FOUND)\n");
    }

    @Test
    void countSaysHowMuchThereIs() {
        fill(12);
        shell.run("count").prints("12 keys, 0 bytes\n");
        shell.run("count", "--prefix", "k0").prints("10 keys, 0 bytes\n");
        shell.run("-o", "json", "count").prints("{\"keys\":12,\"bytes\":0,\"exact\":true}\n");
    }

    private void fill(int keys) {
        var words = new ArrayList<>(List.of("mset"));
        for (int i = 0; i < keys; i++) {
            words.add(String.format("k%02d", i));
            words.add("v");
        }
        shell.run(words.toArray(String[]::new)).prints("OK\n");
    }
}
