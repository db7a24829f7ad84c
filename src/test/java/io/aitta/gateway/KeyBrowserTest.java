package io.aitta.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.aitta.proto.v1.BrowseKeysRequest;
import io.aitta.proto.v1.BrowseKeysResponse;
import io.aitta.proto.v1.BrowsedKey;
import java.util.ArrayList;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyBrowserTest {
    private final FakePartitions partitions = new FakePartitions();
    private final FakeTopology topology = new FakeTopology();
    private final KeyBrowser browser = new KeyBrowser(partitions, topology, OpenDoor.LIMITS);

    KeyBrowserTest() {
        topology.publish(FakeTopology.of(3, "default", 16));
    }

    @Test
    void pages_lead_through_all_keys_once() {
        put("user:", 25, "v");
        put("other:", 5, "v");
        var seen = new ArrayList<String>();
        String after = "";
        do {
            var page = page(BrowseKeysRequest.newBuilder()
                    .setTable("default")
                    .setPrefix("user:")
                    .setLimit(10)
                    .setAfter(after));
            assertThat(page.getKeysCount()).isLessThanOrEqualTo(10);
            page.getKeysList().forEach(key -> seen.add(key.getKey()));
            after = page.getNext();
        } while (!after.isEmpty());
        assertThat(seen).hasSize(25).doesNotHaveDuplicates().allMatch(key -> key.startsWith("user:"));
    }

    @Test
    void a_page_has_a_hundred_keys_at_most() {
        put("k", 150, "v");
        assertThat(page(BrowseKeysRequest.newBuilder().setTable("default")).getKeysCount())
                .isEqualTo(100);
    }

    @Test
    void of_a_long_value_the_beginning_is_shown_and_its_size() {
        put("k", 1, "v".repeat(1_000));
        BrowsedKey key =
                page(BrowseKeysRequest.newBuilder().setTable("default")).getKeys(0);
        assertThat(key.getValue()).isEqualTo("v".repeat(128));
        assertThat(key.getShortened()).isTrue();
        assertThat(key.getValueSize()).isEqualTo(1_000);
        assertThat(key.hasRemainingMillis()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "nowhere, '', 10, '', TABLE_NOT_FOUND, ''",
        "default, '', 101, '', BAD_OPTION, limit",
        "default, '', 10, '!', BAD_CURSOR, after",
        "default, '', 10, 'AAAA', BAD_CURSOR, after",
        "default, '\\q', 10, '', BAD_RANGE, prefix",
    })
    void what_is_wrong_is_named(String table, String prefix, int limit, String after, String reason, String field) {
        var failure = catchThrowable(() -> page(BrowseKeysRequest.newBuilder()
                .setTable(table)
                .setPrefix(prefix)
                .setLimit(limit)
                .setAfter(after)));
        assertThat(failure).isInstanceOf(CompletionException.class);
        var refused = (CallRefused) failure.getCause();
        assertThat(refused.reason()).isEqualTo(reason);
        assertThat(refused.field().orElse("")).isEqualTo(field);
    }

    private void put(String prefix, int keys, String value) {
        for (int i = 0; i < keys; i++) {
            partitions.scans.put(prefix + i, value);
        }
    }

    private BrowseKeysResponse page(BrowseKeysRequest.Builder request) {
        return browser.page(request.build(), System.nanoTime() + TimeUnit.SECONDS.toNanos(5))
                .toCompletableFuture()
                .join();
    }
}
