package io.aitta.gateway;

import static io.aitta.gateway.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.core.kv.Value;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.partition.PartitionAccess.Refusal;
import io.aitta.partition.PartitionAccess.ScanAnswer;
import io.aitta.proto.v1.KeyRange;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.ScanEntry;
import io.aitta.proto.v1.ScanRequest;
import io.aitta.proto.v1.ScanResponse;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScanTest {
    private final OpenDoor open = new OpenDoor();
    private final FakeScans scans = open.partitions.scans;
    private final KvGrpc.KvBlockingStub kv = KvGrpc.newBlockingStub(open.channel);

    @AfterEach
    void close() throws Exception {
        open.close();
    }

    @Test
    void a_stream_gives_every_key_once_partition_after_partition_in_their_order() {
        var keys = put("k", 200);
        var got = stream(whole().build());
        assertThat(got).hasSize(200);
        assertThat(got).extracting(entry -> entry.getKey().toStringUtf8()).containsExactlyInAnyOrderElementsOf(keys);
        assertThat(got).allSatisfy(entry -> assertThat(entry.getValue().toStringUtf8())
                .isEqualTo("v-" + entry.getKey().toStringUtf8()));
        assertThat(scans.asked).extracting(ask -> ask.partition().partition()).isSorted();
        assertThat(scans.moments).isEmpty();
    }

    @Test
    void pages_give_what_a_stream_gives_and_the_last_has_no_cursor() {
        var keys = put("k", 100);
        var seen = new ArrayList<String>();
        ByteString cursor = ByteString.EMPTY;
        int pages = 0;
        do {
            var page = kv.scanPage(whole().setLimit(7).setCursor(cursor).build());
            assertThat(page.getEntriesCount()).isLessThanOrEqualTo(7);
            page.getEntriesList().forEach(entry -> seen.add(entry.getKey().toStringUtf8()));
            cursor = page.getCursor();
            pages++;
        } while (!cursor.isEmpty());
        assertThat(seen).containsExactlyInAnyOrderElementsOf(keys);
        assertThat(pages).isBetween(15, 32);
        assertThat(scans.moments).isEmpty();
    }

    @Test
    void a_page_may_go_over_the_border_of_partitions_and_tells_where_each_stood() {
        put("k", 50);
        var page = kv.scanPage(whole().build());
        assertThat(page.getEntriesCount()).isEqualTo(50);
        assertThat(page.getCursor().isEmpty()).isTrue();
        assertThat(page.getHeader().getEpoch()).isEqualTo(3);
        assertThat(page.getHeader().getPositionsList()).hasSize(16).allSatisfy(position -> {
            assertThat(position.getIndex()).isEqualTo(7);
            assertThat(position.getTableEpoch()).isEqualTo(1);
        });
    }

    @Test
    void a_limit_is_kept_over_all_pages_of_a_stream() {
        put("k", 100);
        assertThat(stream(whole().setLimit(33).build())).hasSize(33);
        assertThat(stream(whole().setLimit(1_000).build())).hasSize(100);
        Eventually.holds(() -> assertThat(scans.moments).isEmpty());
    }

    @Test
    void prefix_tag_and_borders_choose_keys() {
        put("a/", 20);
        put("b/", 20);
        scans.put("{42}:name", "x");
        scans.put("user:{42}", "y");
        scans.put("{43}:name", "z");
        assertThat(keys(KeyRange.newBuilder().setPrefix(utf8("a/"))))
                .hasSize(20)
                .allMatch(key -> key.startsWith("a/"));
        assertThat(keys(KeyRange.newBuilder().setFrom(utf8("a/05")).setTo(utf8("a/07"))))
                .containsExactlyInAnyOrder("a/05", "a/06");
        assertThat(keys(KeyRange.newBuilder().setPrefix(utf8("a/")).setFrom(utf8("a/18"))))
                .containsExactlyInAnyOrder("a/18", "a/19");
        scans.asked.clear();
        assertThat(keys(KeyRange.newBuilder().setTag(utf8("42")))).containsExactly("user:{42}", "{42}:name");
        assertThat(keys(KeyRange.newBuilder().setTag(utf8("42")).setPrefix(utf8("us"))))
                .containsExactly("user:{42}");
        assertThat(keys(KeyRange.newBuilder().setPrefix(utf8("{42}")))).containsExactly("{42}:name");
        assertThat(keys(KeyRange.newBuilder().setPrefix(utf8("{42}")).setTag(utf8("42"))))
                .containsExactly("{42}:name");
        assertThat(scans.asked).hasSize(4);
    }

    @Test
    void ranges_in_which_no_key_can_be_are_refused() {
        badRange(KeyRange.newBuilder().setFrom(utf8("b")).setTo(utf8("a")), "range.to", "'to' must come after 'from'");
        badRange(KeyRange.newBuilder().setFrom(utf8("b")).setTo(utf8("b")), "range.to", "'to' must come after 'from'");
        badRange(KeyRange.newBuilder().setPrefix(utf8("a")).setFrom(utf8("b")), "range", "prefix");
        badRange(KeyRange.newBuilder().setTag(utf8("a}b")), "range.tag", "without braces");
        badRange(KeyRange.newBuilder().setTag(utf8("a")).setPrefix(utf8("{b}")), "range.tag", "'b'");
        badRange(
                KeyRange.newBuilder().setPrefix(utf8("x".repeat(1025))),
                "range.prefix",
                "aitta.limits.key-bytes = 1,024");
        assertThat(scans.asked).isEmpty();
    }

    @Test
    void keys_only_leaves_the_values_out_and_times_to_live_are_told() {
        scans.put("a", new Value(new byte[] {1}, 5, System.currentTimeMillis() + 60_000));
        var full = kv.scanPage(whole().build()).getEntries(0);
        assertThat(full.getRemainingMillis()).isBetween(1L, 60_000L);
        assertThat(full.getVersion()).isEqualTo(5);
        var bare = kv.scanPage(whole().setKeysOnly(true).build()).getEntries(0);
        assertThat(bare.getValue().isEmpty()).isTrue();
        assertThat(bare.getVersion()).isEqualTo(5);
    }

    @Test
    void a_scan_is_of_one_moment_within_a_partition_while_writes_go_on() {
        scans.put("{t}1", "old");
        scans.put("{t}2", "old");
        scans.put("{t}3", "old");
        var first = kv.scanPage(tagged("t").setLimit(1).build());
        scans.put("{t}2", "new");
        scans.put("{t}25", "new");
        scans.remove("{t}3");
        var rest = kv.scanPage(tagged("t").setCursor(first.getCursor()).build());
        assertThat(rest.getEntriesList())
                .extracting(entry ->
                        entry.getKey().toStringUtf8() + "=" + entry.getValue().toStringUtf8())
                .containsExactly("{t}2=old", "{t}3=old");
    }

    @Test
    void a_moment_that_is_gone_is_told_unless_a_later_one_will_do() {
        scans.put("{t}1", "old");
        scans.put("{t}2", "old");
        var first = kv.scanPage(tagged("t").setLimit(1).build());
        scans.forgetMoments();
        scans.put("{t}3", "new");
        var next = tagged("t").setCursor(first.getCursor());
        refused(() -> kv.scanPage(next.build())).with(Code.FAILED_PRECONDITION, "SCAN_EXPIRED");
        assertThat(kv.scanPage(next.setRelaxed(true).build()).getEntriesList())
                .extracting(entry -> entry.getKey().toStringUtf8())
                .containsExactly("{t}2", "{t}3");
    }

    @Test
    void a_cursor_belongs_to_one_table_and_one_range() {
        put("k", 40);
        ByteString cursor = kv.scanPage(whole().setLimit(3).build()).getCursor();
        refused(() -> kv.scanPage(tagged("t").setCursor(cursor).build()))
                .with(Code.INVALID_ARGUMENT, "BAD_CURSOR")
                .blaming("cursor");
        open.topology.publish(FakeTopology.of(9, "other", 16));
        refused(() -> kv.scanPage(ScanRequest.newBuilder()
                        .setTable("other")
                        .setCursor(cursor)
                        .build()))
                .with(Code.INVALID_ARGUMENT, "BAD_CURSOR")
                .saying("another table");
        refused(() -> stream(
                        whole().setTable("other").setCursor(utf8("rubbish")).build()))
                .with(Code.INVALID_ARGUMENT, "BAD_CURSOR");
    }

    @Test
    void what_was_found_before_a_trouble_is_given_and_the_trouble_comes_with_the_next_page() {
        put("k", 64);
        scans.onScan = ask -> ask.partition().partition() == 5
                ? new ScanAnswer.Refused(new Refusal(Reason.NO_QUORUM, "only a minority"))
                : null;
        var page = kv.scanPage(whole().build());
        assertThat(page.getEntriesCount()).isPositive();
        refused(() -> kv.scanPage(whole().setCursor(page.getCursor()).build()))
                .with(Code.UNAVAILABLE, "NO_QUORUM")
                .toBeRetried();
        scans.onScan = ask -> null;
        var rest = kv.scanPage(whole().setCursor(page.getCursor()).build());
        assertThat(page.getEntriesCount() + rest.getEntriesCount()).isEqualTo(64);
    }

    @Test
    void nothing_is_read_ahead_for_a_client_that_does_not_read() {
        var value = new byte[400_000];
        for (int i = 0; i < 400; i++) {
            scans.put("{big}" + i, new Value(value, 1, 0));
        }
        var client = new Client(1);
        KvGrpc.newStub(open.channel).scan(tagged("big").build(), client);
        Eventually.holds(() -> assertThat(client.pages).hasSize(1));
        // What fits the windows of the connection and the buffers between may be under way, but no more comes to that.
        Eventually.holds(() -> {
            int before = scans.asked.size();
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
            assertThat(scans.asked).hasSize(before);
        });
        assertThat(scans.asked).hasSizeLessThan(40);
        client.request(1_000);
        Eventually.holds(() -> assertThat(client.completed).isTrue());
        assertThat(client.pages.stream().mapToInt(ScanResponse::getEntriesCount).sum())
                .isEqualTo(400);
    }

    @Test
    void the_moment_of_a_client_that_goes_away_is_given_up() {
        var value = new byte[400_000];
        for (int i = 0; i < 400; i++) {
            scans.put("{big}" + i, new Value(value, 1, 0));
        }
        var client = new Client(1);
        KvGrpc.newStub(open.channel).scan(tagged("big").build(), client);
        Eventually.holds(() -> assertThat(client.pages).hasSize(1));
        assertThat(scans.moments).hasSize(1);
        client.cancel();
        Eventually.holds(() -> assertThat(scans.moments).isEmpty());
    }

    @Test
    void a_closing_door_ends_streams_of_scans() throws Exception {
        var value = new byte[400_000];
        for (int i = 0; i < 400; i++) {
            scans.put("{big}" + i, new Value(value, 1, 0));
        }
        var client = new Client(1);
        KvGrpc.newStub(open.channel).scan(tagged("big").build(), client);
        Eventually.holds(() -> assertThat(client.pages).hasSize(1));
        var closed = open.door.close(Duration.ofMillis(500)).toCompletableFuture();
        client.request(1_000);
        Eventually.holds(() -> assertThat(client.failure).isNotNull());
        closed.get(10, TimeUnit.SECONDS);
        assertThat(scans.moments).isEmpty();
    }

    @Test
    void a_table_that_is_not_there_is_said_so_by_a_stream_too() {
        refused(() -> stream(ScanRequest.newBuilder().setTable("nope").build()))
                .with(Code.NOT_FOUND, "TABLE_NOT_FOUND");
    }

    private void badRange(KeyRange.Builder range, String field, String saying) {
        refused(() -> kv.scanPage(whole().setRange(range).build()))
                .with(Code.INVALID_ARGUMENT, "BAD_RANGE")
                .blaming(field)
                .saying(saying);
    }

    private Set<String> put(String prefix, int count) {
        var keys = new TreeSet<String>();
        for (int i = 0; i < count; i++) {
            String key = prefix + (i < 10 ? "0" : "") + i;
            scans.put(key, "v-" + key);
            keys.add(key);
        }
        return keys;
    }

    private List<String> keys(KeyRange.Builder range) {
        return stream(whole().setRange(range).build()).stream()
                .map(entry -> entry.getKey().toStringUtf8())
                .collect(Collectors.toList());
    }

    private List<ScanEntry> stream(ScanRequest request) {
        var entries = new ArrayList<ScanEntry>();
        kv.scan(request).forEachRemaining(page -> entries.addAll(page.getEntriesList()));
        return entries;
    }

    private static ScanRequest.Builder whole() {
        return ScanRequest.newBuilder().setTable("default");
    }

    private static ScanRequest.Builder tagged(String tag) {
        return whole().setRange(KeyRange.newBuilder().setTag(utf8(tag)));
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }

    /** Takes as many pages as it is told to. */
    private static final class Client implements ClientResponseObserver<ScanRequest, ScanResponse> {
        final List<ScanResponse> pages = new CopyOnWriteArrayList<>();
        volatile StatusRuntimeException failure;
        volatile boolean completed;
        private final int wanted;
        private volatile ClientCallStreamObserver<ScanRequest> call;

        Client(int wanted) {
            this.wanted = wanted;
        }

        void request(int more) {
            call.request(more);
        }

        void cancel() {
            call.cancel("the test is done with it", null);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<ScanRequest> stream) {
            call = stream;
            stream.disableAutoRequestWithInitial(wanted);
        }

        @Override
        public void onNext(ScanResponse page) {
            pages.add(page);
        }

        @Override
        public void onError(Throwable error) {
            failure = (StatusRuntimeException) error;
        }

        @Override
        public void onCompleted() {
            completed = true;
        }
    }
}
