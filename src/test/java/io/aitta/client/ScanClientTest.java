package io.aitta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.aitta.proto.v1.DeleteRangeRequest;
import io.aitta.proto.v1.ScanRequest;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ScanClientTest {
    private final FakeCluster cluster = new FakeCluster(3);
    private final AittaClient client =
            AittaClient.builder().endpoints(cluster.endpoints()).build();
    private final AittaTable table = client.table("default");
    private final AittaTable.BlockingView blocking = table.blocking();

    @AfterEach
    void close() {
        client.close();
        cluster.close();
    }

    @Test
    void allEntriesComeInPagesThatAreFetchedAsTheyAreUsedUp() {
        put("k", 35);
        try (var entries = blocking.scan(KeyRange.all(), ScanOptions.DEFAULT)) {
            assertThat(entries.next().value().utf8()).isEqualTo("v");
            assertThat(scans()).hasSize(1);
            int rest = 0;
            while (entries.hasNext()) {
                entries.next();
                rest++;
            }
            assertThat(rest).isEqualTo(34);
            assertThat(scans()).hasSize(4);
            assertThatThrownBy(entries::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void aLimitAndAPageSizeAreKept() {
        put("k", 35);
        assertThat(keys(KeyRange.all(), ScanOptions.DEFAULT.limit(17).pageSize(5)))
                .hasSize(17);
        assertThat(scans()).extracting(ScanRequest::getLimit).containsExactly(5L, 5L, 5L, 2L);
    }

    @Test
    void whatIsAskedForIsSaid() {
        put("a{t}", 3);
        put("b{t}", 3);
        var range = KeyRange.ofTag(utf8("t")).withPrefix(utf8("a")).withBounds(utf8("a0"), utf8("b"));
        assertThat(keys(range, ScanOptions.DEFAULT.keysOnly().relaxed())).hasSize(3);
        var asked = scans().get(0);
        assertThat(asked.getRange().getTag()).isEqualTo(utf8("t"));
        assertThat(asked.getRange().getPrefix()).isEqualTo(utf8("a"));
        assertThat(asked.getRange().getFrom()).isEqualTo(utf8("a0"));
        assertThat(asked.getRange().getTo()).isEqualTo(utf8("b"));
        assertThat(asked.getKeysOnly()).isTrue();
        assertThat(asked.getRelaxed()).isTrue();
    }

    @Test
    void aPageWhoseReplyWasLostIsAskedForAgain() {
        put("k", 25);
        try (var entries = blocking.scan(KeyRange.all(), ScanOptions.DEFAULT)) {
            entries.next();
            cluster.loseNextReply();
            int rest = 0;
            while (entries.hasNext()) {
                entries.next();
                rest++;
            }
            assertThat(rest).isEqualTo(24);
        }
    }

    @Test
    void anExpiredScanSaysSoAndCanGoOnWhereItWasIfItIsRelaxed() {
        put("k", 25);
        var first = blocking.scanPage(KeyRange.all(), ScanOptions.DEFAULT, ByteString.EMPTY);
        cluster.refuseNext(Status.Code.FAILED_PRECONDITION, "SCAN_EXPIRED", "the moment is gone");
        var expired = catchThrowableOfType(
                AittaException.Refused.class,
                () -> blocking.scanPage(KeyRange.all(), ScanOptions.DEFAULT, first.cursor()));
        assertThat(expired.reason()).isEqualTo("SCAN_EXPIRED");
        assertThat(first.isLast()).isFalse();
        var second = blocking.scanPage(KeyRange.all(), ScanOptions.DEFAULT.relaxed(), first.cursor());
        assertThat(second.entries().get(0).key()).isEqualTo(utf8("k10"));
    }

    @Test
    void pagesComeOneAtATimeAndNoneAfterTheEnd() throws Exception {
        put("k", 15);
        try (var scan = table.scan(KeyRange.all(), ScanOptions.DEFAULT)) {
            cluster.hangNext();
            var hanging = scan.next();
            assertThatThrownBy(scan::next).isInstanceOf(IllegalStateException.class);
            assertThat(get(hanging).entries()).hasSize(10);
            assertThat(get(scan.next()).isLast()).isTrue();
            assertThat(scan.hasNext()).isFalse();
            assertThat(get(scan.next()).entries()).isEmpty();
        }
    }

    @Test
    void aRemovalWhoseReplyWasLostIsSentAgainUnderTheSameSequence() {
        put("a", 3);
        put("b", 3);
        cluster.loseNextReply();
        blocking.deleteRange(KeyRange.ofPrefix(utf8("a")));
        assertThat(keys(KeyRange.all(), ScanOptions.DEFAULT)).containsExactly("b00", "b01", "b02");
        var sent = cluster.received(DeleteRangeRequest.class);
        assertThat(sent).hasSize(2);
        assertThat(sent.get(0).session().getSequence())
                .isEqualTo(sent.get(1).session().getSequence());
    }

    @Test
    void whatHasATagIsCountedAndRemovedAndARemovalThatCameOnlySoFarIsSentAgain() {
        put("a{t}", 3);
        put("b{t}", 2);
        put("c{u}", 4);
        var tagged = KeyRange.ofTag(utf8("t"));
        assertThat(blocking.count(tagged).keys()).isEqualTo(5);
        assertThat(blocking.count(tagged.withPrefix(utf8("a"))).keys()).isEqualTo(3);
        cluster.refuseNext(Status.Code.UNKNOWN, "OUTCOME_UNKNOWN", "ended after 3 of them were removed");
        blocking.deleteRange(tagged);
        assertThat(cluster.received(DeleteRangeRequest.class)).hasSize(2);
        assertThat(blocking.count(tagged).keys()).isZero();
        assertThat(blocking.count(KeyRange.all()).keys()).isEqualTo(4);
    }

    @Test
    void aTableIsCountedAndFlushed() {
        put("a", 7);
        put("b", 4);
        assertThat(blocking.count(KeyRange.all()).keys()).isEqualTo(11);
        assertThat(blocking.count(KeyRange.ofPrefix(utf8("a")))).isEqualTo(new KeyCount(7, 0, true));
        blocking.flush();
        assertThat(blocking.count(KeyRange.all()).keys()).isZero();
    }

    @Test
    void nonsenseIsRefusedBeforeItIsSent() {
        assertThatThrownBy(() -> ScanOptions.DEFAULT.limit(0)).hasMessage("a limit must be at least 1, not 0");
        assertThatThrownBy(() -> ScanOptions.DEFAULT.pageSize(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    private List<ScanRequest> scans() {
        return cluster.received(ScanRequest.class).stream()
                .map(received -> (ScanRequest) received.request())
                .toList();
    }

    private List<String> keys(KeyRange range, ScanOptions options) {
        var keys = new ArrayList<String>();
        try (var entries = blocking.scan(range, options)) {
            entries.forEachRemaining(entry -> keys.add(entry.key().toStringUtf8()));
        }
        return keys;
    }

    private void put(String prefix, int count) {
        for (int i = 0; i < count; i++) {
            blocking.set(utf8(prefix + (i < 10 ? "0" : "") + i), utf8("v"));
        }
    }

    private static <T> T get(java.util.concurrent.CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
