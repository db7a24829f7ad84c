package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What every command's {@code --help} owes its reader. */
class HelpTest {
    /** Those that answer with nothing of their own. */
    private static final Set<String> WITHOUT_JSON = Set.of("quickstart", "serve", "repl", "completion", "help");
    /** Where a shell would end the command: a pipe, another command, a redirection, a comment in a column of its own. */
    private static final Pattern END = Pattern.compile("\\s\\|\\s|\\s&&\\s|\\s>\\s|\\)\\s|\\s{3,}");

    static Stream<CommandLine> commands() {
        var all = new ArrayList<CommandLine>();
        try (var atShell = new Cli(surroundings());
                var atPrompt = Cli.forPrompt(surroundings(), Defaults.of(Map.of()))) {
            collect(atShell.commandLine(), all);
            all.add(atPrompt.commandLine().getSubcommands().get("use"));
        }
        return all.stream().filter(command -> command.getCommand() instanceof Callable);
    }

    private static Surroundings surroundings() {
        return new Surroundings(System.in, System.out, System.err, Map.of(), false);
    }

    private static void collect(CommandLine command, List<CommandLine> into) {
        into.add(command);
        command.getSubcommands().values().forEach(sub -> collect(sub, into));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void saysWhatTheCommandDoesInOneLineAndItsOptionsInSentences(CommandLine command) {
        String[] description = command.getCommandSpec().usageMessage().description();
        assertThat(description).isNotEmpty();
        assertThat(description[0]).matches("[A-Z].*\\.").hasSizeLessThan(100);
        command.getCommandSpec().args().forEach(argument -> assertThat(argument.description())
                .as(argument.paramLabel())
                .isNotEmpty()
                .allMatch(line -> line.matches("(?s).*[.)]")));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void saysWhatItsJsonIs(CommandLine command) {
        assertThat(String.join("\n", command.getCommandSpec().usageMessage().footer())
                        .contains("\nJSON: "))
                .isEqualTo(!WITHOUT_JSON.contains(command.getCommandName()));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void hasExamplesThatAreRight(CommandLine command) {
        List<String> lines = examples(command);
        assertThat(lines).isNotEmpty();
        for (String line : lines) {
            for (List<String> words : commandsIn(line)) {
                CommandLine root = command;
                while (root.getParent() != null) {
                    root = root.getParent();
                }
                var fresh = root;
                assertThatCode(() -> fresh.parseArgs(words.toArray(String[]::new)))
                        .as(line)
                        .doesNotThrowAnyException();
            }
        }
    }

    /** Lines that are continued are one. */
    private static List<String> examples(CommandLine command) {
        String footer =
                String.join("\n", command.getCommandSpec().usageMessage().footer());
        String after = footer.substring(footer.indexOf("Examples:") + "Examples:".length());
        return after.replaceAll("\\\\\n\\s*", "")
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
    }

    /** The words of each call of aitta in a line of shell; at a prompt the line is one. */
    private static List<List<String>> commandsIn(String line) {
        if (line.startsWith("  use ")) {
            return List.of(Words.of(line));
        }
        var all = new ArrayList<List<String>>();
        Matcher aitta = Pattern.compile("(?<![\\w'/.-]|xargs )aitta ").matcher(line);
        while (aitta.find()) {
            String rest = line.substring(aitta.end());
            Matcher end = END.matcher(rest);
            all.add(Words.of(end.find() ? rest.substring(0, end.start()) : rest));
        }
        assertThat(all).as(line).isNotEmpty();
        return all;
    }
}
