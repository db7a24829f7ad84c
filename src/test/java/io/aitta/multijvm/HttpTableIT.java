package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The table in docs/HTTP.md: each line is run, in order, by curl against a node of three, and prints what the table says. */
@Timeout(240)
class HttpTableIT {
    private static final Path DOCS = Path.of("docs", "HTTP.md");
    private static final String BEGIN = "<!-- routes: begin -->";
    private static final String END = "<!-- routes: end -->";
    private static final Pattern CODE = Pattern.compile("`([^`]*)`");
    private static final String PORT = "localhost:7402";
    private static final String FOR_NODES = "127.0.0.1:7401";

    private record Row(String operation, String command, Pattern prints) {
        static Row of(String line) {
            String[] cells = line.split("\\|");
            assertThat(cells).as(line).hasSize(4);
            return new Row(cells[1].strip(), codes(cells[2]).get(0), pattern(codes(cells[3])));
        }

        private static List<String> codes(String cell) {
            return CODE.matcher(cell).results().map(found -> found.group(1)).toList();
        }

        private static Pattern pattern(List<String> lines) {
            return Pattern.compile(
                    Arrays.stream(String.join("\n", lines).split("…", -1))
                            .map(Pattern::quote)
                            .collect(Collectors.joining(".*")),
                    Pattern.DOTALL);
        }
    }

    @RegisterExtension
    private final Stage stage = new Stage();

    @Test
    void everyLinePrintsWhatTheTableSaysAndNoneIsMissing() throws IOException {
        assumeThat(run("curl --version").matches("(?s)curl (7\\.(8[2-9]|9)|[89]).*"))
                .as("there is no curl here that knows --json")
                .isTrue();
        var cluster = stage.shared(Cluster.Plan.of(3));
        var node = cluster.node(1);
        List<Row> rows = rows(node);
        cluster.client(Duration.ofSeconds(20))
                .table("default")
                .blocking()
                .set(Load.bytes("greeting"), Load.bytes("hello"));
        var softly = new SoftAssertions();
        softly.assertThat(rows)
                .extracting(row -> row.operation.split("\\W", 2)[0])
                .containsAll(offered(node));
        for (Row row : rows) {
            softly.assertThat(run(row.command).stripTrailing()).as(row.command).matches(row.prints);
        }
        softly.assertAll();
        stage.say("%d lines of the table are as it says", rows.size());
    }

    /** The names of all operations that the port describes. */
    private static List<String> offered(NodeProcess node) throws IOException {
        var document = new ObjectMapper()
                .readTree(node.get("/aitta/v1/openapi.json").orElseThrow().body());
        var names = new ArrayList<>(document.findValuesAsText("operationId"));
        assertThat(names).hasSizeGreaterThan(30);
        return names;
    }

    private static String run(String command) throws IOException {
        var process = new ProcessBuilder("sh", "-c", command)
                .redirectErrorStream(true)
                .start();
        return new String(process.getInputStream().readAllBytes());
    }

    private static List<Row> rows(NodeProcess node) throws IOException {
        String docs = Files.readString(DOCS);
        return docs.substring(docs.indexOf(BEGIN) + BEGIN.length(), docs.indexOf(END))
                .lines()
                .filter(line -> line.startsWith("|"))
                .skip(2)
                .map(line -> line.replace(PORT, node.httpAddress()).replace(FOR_NODES, node.seed()))
                .map(Row::of)
                .toList();
    }
}
