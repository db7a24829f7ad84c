package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.client.FakeCluster;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Export and import, between two clusters. */
@Timeout(30)
class TransferCommandsTest {
    private final FakeCluster cluster = new FakeCluster(3);
    private final FakeCluster other = new FakeCluster(1);
    private final Shell shell = new Shell(cluster.endpoints());
    private final Shell there = new Shell(other.endpoints());

    @TempDir
    Path dir;

    @BeforeEach
    void fill() throws Exception {
        for (int i = 0; i < 25; i++) {
            shell.run("set", "user:" + i, "value " + i);
        }
        shell.run("set", "quoted,\"key\"", "two\nlines, \"here\"\r\n");
        shell.run("set", "bytes", "--hex", "fffe00");
        shell.run("set", "empty", "");
    }

    @AfterEach
    void stop() {
        cluster.close();
        other.close();
    }

    private String file(String name) {
        return dir.resolve(name).toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"all.jsonl", "all.csv"})
    void whatIsExportedIsImportedAsItWas(String name) throws Exception {
        var exported = shell.run("export", file(name));
        assertThat(exported.err()).isEmpty();
        assertThat(exported.out()).startsWith("exported 28 rows, ");
        assertThat(exported.status()).isZero();
        var imported = there.run("import", file(name));
        assertThat(imported.err()).isEmpty();
        assertThat(imported.out()).isEqualTo("imported 28 rows\n");
        assertThat(there.run("export", "-", "--format", "jsonl").out())
                .isEqualTo(shell.run("export", "-", "--format", "jsonl").out())
                .contains("{\"key\":\"bytes\",\"value\":\"//4A\",\"encoding\":\"base64\"}\n")
                .hasLineCount(28);
        try (Stream<Path> files = Files.list(dir)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void aPrefixIsExportedAsCsvWithQuotesWhereTheyAreNeeded() {
        assertThat(shell.run("export", "-", "--format", "csv", "--prefix", "quoted")
                        .out())
                .isEqualTo("key,key_encoding,value,encoding,remaining_millis\n"
                        + "\"quoted,\"\"key\"\"\",\"utf-8\",\"two\nlines, \"\"here\"\"\r\n\",\"utf-8\",\"\"\n");
    }

    @Test
    void rowsComeFromAPipeToo() {
        var result = there.withInput("key,value\na,1\nb,2\n").run("import", "-", "--format", "csv", "-o", "json");
        assertThat(result.out()).isEqualTo("{\"rows\":2,\"written\":2,\"kept\":0,\"failed\":0,\"complete\":true}\n");
        assertThat(there.run("get", "b").out()).isEqualTo("2\n");
    }

    @Test
    void aTimeToLiveIsKept() {
        there.withInput("{\"key\":\"a\",\"value\":\"1\",\"remaining_millis\":60000}\n")
                .run("import", "-", "--format", "jsonl");
        assertThat(there.run("get", "a", "-o", "json").out()).contains("\"remaining_millis\":60000}");
    }

    @Test
    void keysThatAreThereStayIfThatIsAskedFor() {
        there.run("set", "a", "old");
        var result = there.withInput("{\"key\":\"a\",\"value\":\"new\"}\n{\"key\":\"b\",\"value\":\"new\"}\n")
                .run("import", "-", "--format", "jsonl", "--if-absent");
        assertThat(result.out()).isEqualTo("imported 1 rows, kept 1\n");
        assertThat(there.run("get", "a").out()).isEqualTo("old\n");
    }

    @Test
    void aRowThatIsWrongIsNamedByFileAndLineAndEndsTheImportOrIsSkipped() throws Exception {
        Path file = Files.writeString(
                dir.resolve("bad.jsonl"),
                "{\"key\":\"a\",\"value\":\"1\"}\n\n{\"key\":\"b\"}\n{\"key\":\"c\",\"value\":\"3\"}\n");
        var stopped = there.run("import", file.toString());
        assertThat(stopped.err())
                .isEqualTo("aitta import: " + file + ":3: there is no value\n"
                        + "aitta import: stopped after 1 rows; --resume goes on from here\n");
        assertThat(stopped.status()).isEqualTo(2);
        assertThat(there.run("exists", "c").status()).isEqualTo(1);

        Files.writeString(
                file, "{\"key\":\"changed\",\"value\":\"1\"}\n\n{\"key\":\"b\"}\n{\"key\":\"c\",\"value\":\"3\"}\n");
        var skipped = there.run("import", file.toString(), "--resume", "--on-error", "skip");
        assertThat(skipped.out()).isEqualTo("imported 1 rows, failed 1\n");
        assertThat(skipped.status()).isEqualTo(2);
        assertThat(there.run("get", "c").out()).isEqualTo("3\n");
        assertThat(there.run("exists", "changed").status()).isEqualTo(1);
    }

    @Test
    void whatTheClusterRefusesIsNamedByFileAndLine() throws Exception {
        Path file = Files.writeString(dir.resolve("rows.csv"), "key,value\na,1\n");
        other.refuseNext(Status.Code.INVALID_ARGUMENT, "VALUE_TOO_LARGE", "too large");
        var result = there.run("import", file.toString());
        assertThat(result.err()).contains(file + ":2: too large (VALUE_TOO_LARGE)\n");
        assertThat(result.status()).isEqualTo(2);
        assertThat(there.run("import", file.toString(), "--resume").out()).isEqualTo("imported 1 rows\n");
    }

    @Test
    void anExportThatFailedIsGoneOnWith() throws Exception {
        String file = file("late.jsonl");
        cluster.refuseNext(Status.Code.INVALID_ARGUMENT, "BAD_CURSOR", "no such cursor");
        var failed = shell.run("export", file);
        assertThat(failed.err()).isEqualTo("aitta export: no such cursor (BAD_CURSOR); --resume goes on from here\n");
        var early = shell.run("import", file);
        assertThat(early.err()).contains("says that the export of this file has not ended");
        assertThat(early.status()).isEqualTo(2);
        assertThat(shell.run("export", file, "--resume").out()).startsWith("exported 28 rows");
        assertThat(shell.run("export", file, "--resume").err()).contains("is whole; there is nothing to go on with");
        assertThat(shell.run("export", file).err()).contains("is there already; add --overwrite to replace it");
        assertThat(shell.run("export", file, "--overwrite").status()).isZero();
        assertThat(Files.readAllLines(Path.of(file))).hasSize(28);
    }

    @Test
    void badInputIsNamed() throws Exception {
        wrong("'x.txt' has does not show in its name; add --format jsonl or --format csv", "export", "x.txt");
        wrong("--format is jsonl or csv, not 'xml'", "import", "x", "--format", "xml");
        wrong("there is no file '/no/such.csv' that can be read", "import", "/no/such.csv");
        wrong("--on-error is stop or skip, not 'wait'", "import", "x.csv", "--on-error", "wait");
        wrong("--resume needs a file", "export", "-", "--format", "csv", "--resume");
        Path csv = Files.writeString(dir.resolve("a.csv"), "name,value\na,1\n");
        wrong("the first line names the columns", "import", csv.toString());
        Files.writeString(csv, "key,value\na,1\nb,2,3\n");
        wrong(csv + ":3: there are 2 columns, but this row has 3", "import", csv.toString());
        Files.write(csv, new byte[] {'k', 'e', 'y', ',', 'v', 'a', 'l', 'u', 'e', '\n', 'a', ',', (byte) 0xff, '\n'});
        wrong("not UTF-8", "import", csv.toString());
    }

    private void wrong(String message, String... words) {
        var result = shell.run(words);
        assertThat(result.err()).contains(message);
        assertThat(result.status()).isEqualTo(2);
    }
}
