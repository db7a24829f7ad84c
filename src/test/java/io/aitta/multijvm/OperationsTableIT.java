package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.cli.Shell;
import io.aitta.proto.v1.AdminGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** README's table of operations: each line is run, in order, against three nodes, and prints what the table says. */
@Timeout(480)
class OperationsTableIT {
    private static final Path README = Path.of("README.md");
    private static final String BEGIN = "<!-- operations: begin -->";
    private static final String END = "<!-- operations: end -->";
    private static final Pattern CODE = Pattern.compile("`([^`]*)`");
    private static final Pattern EXIT = Pattern.compile("exit (\\d)");
    /** How operations are called in the API; those that stream requests or changes have commands of their own. */
    private static final List<String> DATA_OPERATIONS = List.of(
            "Get",
            "Set",
            "Delete",
            "Append",
            "Increment",
            "Expire",
            "Persist",
            "TimeToLive",
            "Exists",
            "MultiGet",
            "MultiSet",
            "MultiDelete",
            "Transaction",
            "Scan",
            "DeleteRange",
            "Flush",
            "Count");

    /**
     * One row of the table.
     *
     * @param command without the program's name
     * @param prints what stands for all it prints
     */
    private record Row(String operation, String command, Pattern prints, int status) {
        static Row of(String line) {
            String[] cells = line.split("\\|");
            assertThat(cells).as(line).hasSizeGreaterThanOrEqualTo(4);
            String command = codes(cells[2]).get(0);
            assertThat(command).startsWith("aitta ");
            Matcher exit = EXIT.matcher(cells[3]);
            return new Row(
                    cells[1].strip(),
                    command.substring("aitta ".length()),
                    pattern(codes(cells[3])),
                    exit.find() ? Integer.parseInt(exit.group(1)) : 0);
        }

        private static List<String> codes(String cell) {
            return CODE.matcher(cell).results().map(found -> found.group(1)).toList();
        }

        private static Pattern pattern(List<String> lines) {
            String all = lines.stream().map(line -> line + "\n").collect(Collectors.joining());
            return Pattern.compile(
                    Arrays.stream(all.split("…", -1)).map(Pattern::quote).collect(Collectors.joining(".*")),
                    Pattern.DOTALL);
        }
    }

    @RegisterExtension
    private final Stage stage = new Stage();

    @Test
    void everyLinePrintsWhatTheTableSays() throws IOException {
        List<Row> rows = rows();
        var cluster = stage.cluster(Cluster.Plan.of(3)).start();
        cluster.awaitWhole();
        var shell = new Shell(
                cluster.nodes().stream().map(node -> node.endpoint().toString()).collect(Collectors.joining(",")));
        var softly = new SoftAssertions();
        for (Row row : rows) {
            var result = shell.runLine("--timeout 30s " + row.command);
            softly.assertThat(result.out().replace('\t', ' '))
                    .as("aitta %s%n%s", row.command, result.err())
                    .matches(row.prints);
            softly.assertThat(result.status())
                    .as("exit status of aitta %s", row.command)
                    .isEqualTo(row.status);
        }
        softly.assertAll();
        stage.say("%d lines of the table are as it says", rows.size());
    }

    @Test
    void noOperationOfTheApiIsLeftOut() throws IOException {
        var named = rows().stream().map(row -> row.operation.split("\\W", 2)[0]).toList();
        assertThat(named).containsAll(DATA_OPERATIONS);
        assertThat(named)
                .containsAll(AdminGrpc.getServiceDescriptor().getMethods().stream()
                        .filter(method -> method.getType() == MethodType.UNARY)
                        .map(MethodDescriptor::getBareMethodName)
                        .toList());
    }

    private static List<Row> rows() throws IOException {
        String readme = Files.readString(README);
        String table = readme.substring(readme.indexOf(BEGIN) + BEGIN.length(), readme.indexOf(END));
        return table.lines()
                .filter(line -> line.startsWith("|"))
                .skip(2)
                .map(Row::of)
                .toList();
    }
}
