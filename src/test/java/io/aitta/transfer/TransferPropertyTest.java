package io.aitta.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.aitta.client.ScanEntry;
import io.aitta.client.ScanPage;
import io.aitta.client.VersionedValue;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/** What comes out of a table goes into another one unchanged, however often it is killed on the way. */
class TransferPropertyTest {
    private Path dir;
    private Path file;

    @BeforeTry
    void makeDirectory() throws IOException {
        dir = Files.createTempDirectory("aitta-transfer");
        file = dir.resolve("rows");
    }

    @AfterTry
    void removeDirectory() throws IOException {
        try (var files = Files.list(dir)) {
            for (Path one : files.toList()) {
                Files.delete(one);
            }
        }
        Files.delete(dir);
    }

    /** A kill, as the code under test sees it: from nowhere. */
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @Provide
    Arbitrary<Map<ByteString, VersionedValue>> tables() {
        Arbitrary<ByteString> bytes = Arbitraries.oneOf(
                Arbitraries.bytes().array(byte[].class).ofMaxSize(20).map(ByteString::copyFrom),
                Arbitraries.strings()
                        .withChars(",\"\n\r #\\\u0000\ufeff;'\t")
                        .withCharRange('a', 'c')
                        .ofMaxLength(12)
                        .map(ByteString::copyFromUtf8),
                Arbitraries.strings().ofMaxLength(8).map(ByteString::copyFromUtf8));
        Arbitrary<VersionedValue> values = Combinators.combine(
                        bytes,
                        Arbitraries.longs()
                                .between(1, 1L << 40)
                                .map(Duration::ofMillis)
                                .optional())
                .as((value, life) -> new VersionedValue(value, 1, life));
        return Arbitraries.maps(bytes.filter(key -> !key.isEmpty()), values).ofMaxSize(30);
    }

    private static TreeMap<ByteString, VersionedValue> sorted(Map<ByteString, VersionedValue> table) {
        var sorted = new TreeMap<ByteString, VersionedValue>(ByteString.unsignedLexicographicalComparator());
        sorted.putAll(table);
        return sorted;
    }

    /** Pages of three rows; it is killed when so many were asked for. */
    private static TableExport.Pages pages(TreeMap<ByteString, VersionedValue> table, int[] left) {
        return cursor -> {
            if (left[0]-- == 0) {
                throw new Killed();
            }
            var entries = table.tailMap(cursor, cursor.isEmpty()).entrySet().stream()
                    .limit(3)
                    .map(entry -> new ScanEntry(entry.getKey(), entry.getValue()))
                    .toList();
            boolean last =
                    entries.isEmpty() || entries.get(entries.size() - 1).key().equals(table.lastKey());
            return CompletableFuture.completedFuture(new ScanPage(
                    entries,
                    last ? ByteString.EMPTY : entries.get(entries.size() - 1).key()));
        };
    }

    private void export(TableExport.Pages pages, RowFormat format, boolean resume, long markNanos) throws IOException {
        try (var out = resume ? ExportFile.resume(file, "all").orElseThrow() : ExportFile.begin(file, "all")) {
            assertThat(new TableExport(pages, format, out, told -> {}, markNanos).run())
                    .isTrue();
        }
    }

    /** Takes rows over until it is killed; then what it was asked to write may be written or not. */
    private final class Target implements TableImport.Writer {
        final Map<ByteString, VersionedValue> rows = new TreeMap<>(ByteString.unsignedLexicographicalComparator());
        final Random random;
        int left;

        Target(Random random, int left) {
            this.random = random;
            this.left = left;
        }

        @Override
        public CompletionStage<Boolean> write(Row row) {
            if (left-- == 0) {
                throw new Killed();
            }
            var life = row.remainingMillis();
            rows.put(
                    row.key(),
                    new VersionedValue(
                            row.value(),
                            1,
                            life.isPresent() ? Optional.of(Duration.ofMillis(life.getAsLong())) : Optional.empty()));
            return CompletableFuture.completedFuture(true);
        }
    }

    @Property(tries = 100)
    void aTableComesBackAsItWasFromAFileThatWasKilledAndGoneOnWithOnBothWays(
            @ForAll("tables") Map<ByteString, VersionedValue> table, @ForAll RowFormat format, @ForAll Random random)
            throws IOException {
        var source = sorted(table);
        boolean resume = false;
        while (true) {
            int[] left = {resume && random.nextInt(4) == 0 ? -1 : random.nextInt(6)};
            try {
                export(pages(source, left), format, resume, random.nextBoolean() ? 0 : Long.MAX_VALUE);
                break;
            } catch (Killed e) {
                // Whatever was written after the last mark, and half a row.
                Files.write(file, new byte[random.nextInt(20)], StandardOpenOption.APPEND);
                resume = true;
            }
        }
        assertThat(ExportFile.sidecarOf(file)).doesNotExist();

        var target = new Target(random, random.nextInt(40));
        for (boolean again = false; ; again = true) {
            try (var in = Files.newInputStream(file)) {
                var result = importer(target).run(in, format, again);
                assertThat(result.whole()).isTrue();
                assertThat(result.failed()).isZero();
                assertThat(result.rows()).isEqualTo(source.size());
                break;
            } catch (Killed e) {
                target.left = -1;
            }
        }
        assertThat(target.rows).isEqualTo(source);
        assertThat(TableImport.sidecarOf(file)).doesNotExist();
    }

    private TableImport importer(TableImport.Writer writer) {
        return new TableImport(writer, false, Optional.of(TableImport.sidecarOf(file)), "t", failure -> {}, rows -> {});
    }

    @Example
    void anExportOfOtherRowsIsNotGoneOnWith() throws IOException {
        ExportFile.begin(file, "table a").close();
        assertThatThrownBy(() -> ExportFile.resume(file, "table b"))
                .hasMessageContaining("was begun as table a; it cannot be gone on with as table b");
        Files.delete(ExportFile.sidecarOf(file));
        assertThat(ExportFile.resume(file, "table a")).isEmpty();
    }

    @Example
    void theLastOfManyRowsOfAKeyStays() throws IOException {
        var text = new StringBuilder();
        var late = new ArrayList<CompletableFuture<Boolean>>();
        var written = new TreeMap<String, String>();
        for (int i = 0; i < 40; i++) {
            text.append("{\"key\":\"k" + i % 3 + "\",\"value\":\"" + i + "\"}\n");
        }
        var work = new TableImport(
                row -> {
                    // Two writes of one key under way could overtake one another.
                    assertThat(late.stream().filter(future -> !future.isDone()).count())
                            .isLessThan(3);
                    var future = new CompletableFuture<Boolean>();
                    late.add(future);
                    written.put(row.key().toStringUtf8(), row.value().toStringUtf8());
                    CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS).execute(() -> future.complete(true));
                    return future;
                },
                false,
                Optional.empty(),
                "t",
                failure -> {},
                rows -> {});
        var result = work.run(new ByteArrayInputStream(text.toString().getBytes()), RowFormat.JSONL, false);
        assertThat(result.written()).isEqualTo(40);
        assertThat(written).isEqualTo(Map.of("k0", "39", "k1", "37", "k2", "38"));
    }
}
