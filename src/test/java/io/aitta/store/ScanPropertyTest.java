package io.aitta.store;

import static io.aitta.store.Writes.open;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Batches;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.Operations;
import io.aitta.core.kv.Value;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever is stored, and however it is asked for, a scan gives what a sorted map would. */
class ScanPropertyTest {
    private static final long NOW = 1000;

    private static Path directory;
    private static RocksStore store;
    private static int tries;

    @BeforeContainer
    static void begin() throws java.io.IOException {
        directory = Files.createTempDirectory("aitta-store");
        store = open(directory);
    }

    @AfterContainer
    static void end() throws java.io.IOException {
        store.close();
        try (var files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }

    record Cell(ByteString key, ByteString value, int timeToLive) {}

    @Property(tries = 300)
    void pagesTogetherAreWhatASortedMapHolds(
            @ForAll("cells") List<Cell> cells,
            @ForAll("spans") KeySpan span,
            @ForAll("keys") ByteString after,
            @ForAll boolean fromTheBeginning,
            @ForAll @IntRange(min = 1, max = 5) int maxRows,
            @ForAll @IntRange(min = 1, max = 12) int maxBytes,
            @ForAll @IntRange(max = 3) int unwanted,
            @ForAll boolean keysOnly,
            @ForAll @IntRange(max = 20) int later) {
        var replica = store.replica(new PartitionId("t", 1, tries++));
        var model = new TreeMap<ByteString, Cell>(ByteString.unsignedLexicographicalComparator());
        for (Cell cell : cells) {
            long index = replica.mark().getAppliedIndex() + 1;
            replica.apply(
                    index,
                    1,
                    Batches.encode(NOW, List.of(Operations.set(cell.key, cell.value, cell.timeToLive, null))));
            model.put(cell.key, cell);
        }
        model.values()
                .removeIf(cell -> !span.contains(cell.key)
                        || cell.key.byteAt(0) == unwanted
                        || cell.timeToLive != 0 && cell.timeToLive <= later);
        if (!fromTheBeginning) {
            model.headMap(after, true).clear();
        }
        var found = new ArrayList<Map.Entry<ByteString, ByteString>>();
        try (var view = replica.view()) {
            var next = fromTheBeginning ? null : after;
            do {
                var page = view.scan(
                        span, next, key -> key.byteAt(0) != unwanted, maxRows, maxBytes, keysOnly, NOW + later);
                assertThat(page.rows().size()).isLessThanOrEqualTo(maxRows);
                page.rows().forEach(row -> found.add(Map.entry(row.key(), bytes(row.value()))));
                next = page.next();
            } while (next != null);
        }
        var expected = new ArrayList<Map.Entry<ByteString, ByteString>>();
        model.values().forEach(cell -> expected.add(Map.entry(cell.key, keysOnly ? ByteString.EMPTY : cell.value)));
        assertThat(found).isEqualTo(expected);
        store.drop(new PartitionId("t", 1, tries - 1));
    }

    private static ByteString bytes(Value value) {
        return ByteString.copyFrom(value.bytes());
    }

    @Provide
    Arbitrary<ByteString> keys() {
        // Bytes at both ends, where an order of signed numbers would show.
        return Arbitraries.bytes()
                .between((byte) -2, (byte) 2)
                .array(byte[].class)
                .ofMinSize(1)
                .ofMaxSize(3)
                .map(ByteString::copyFrom);
    }

    @Provide
    Arbitrary<KeySpan> spans() {
        var bounds = keys().injectNull(0.3).map(key -> key == null ? ByteString.EMPTY : key);
        return Combinators.combine(bounds, bounds).as(KeySpan::new);
    }

    @Provide
    Arbitrary<List<Cell>> cells() {
        return Combinators.combine(
                        keys(),
                        Arbitraries.of("", "x", "yyyyyy").map(ByteString::copyFromUtf8),
                        Arbitraries.integers().between(0, 15))
                .as(Cell::new)
                .list()
                .ofMaxSize(30);
    }
}
