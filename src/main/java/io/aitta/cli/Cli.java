package io.aitta.cli;

import io.aitta.client.AittaAdmin;
import io.aitta.client.AittaException;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.Table;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Runs command lines, one after the other, over shared clients; the prompt and the process both stand on it. A failing
 * command never throws: it prints one sentence and gives its exit status. Not thread-safe.
 */
final class Cli implements AutoCloseable {
    private static final Map<String, String> EXIT_CODES = Map.of(
            "0", "done",
            "1", "not found: the key (elsewhere the table, node, ..); or a condition or wait is not met",
            "2", "bad input: the command line is wrong, or a key, value or name is not acceptable",
            "3", "refused or unavailable: nothing happened",
            "4", "outcome unknown: it may or may not have happened");

    private static final int HELP_WIDTH = 100;
    private static final List<String> NOT_AT_A_PROMPT = List.of("quickstart", "serve", "repl");

    private final Surroundings surroundings;
    private Defaults defaults;
    /** Whether command lines come from a prompt or a pipe, which then is not there to be read as data. */
    private final boolean prompt;

    private final Clients clients = new Clients();

    Cli(Surroundings surroundings) {
        this(surroundings, Defaults.of(surroundings.environment()), false);
    }

    private Cli(Surroundings surroundings, Defaults defaults, boolean prompt) {
        this.surroundings = surroundings;
        this.defaults = defaults;
        this.prompt = prompt;
    }

    /** One whose command lines come from standard input. */
    static Cli forPrompt(Surroundings surroundings, Defaults defaults) {
        return new Cli(surroundings, defaults, true);
    }

    /** Runs one command line, its words already apart. */
    int run(String... words) {
        int status = commandLine().execute(words);
        surroundings.out().flush();
        surroundings.err().flush();
        return status;
    }

    /** The commands, fresh: picocli keeps what it parsed in them. */
    CommandLine commandLine() {
        var root = new CommandLine(new Aitta());
        if (prompt) {
            NOT_AT_A_PROMPT.forEach(root.getCommandSpec()::removeSubcommand);
            root.addSubcommand("use", new UseCommand(this::use));
        }
        eachCommand(root, this::prepare);
        root.setOut(new PrintWriter(surroundings.out(), true));
        root.setErr(new PrintWriter(surroundings.err(), true));
        root.setUsageHelpWidth(HELP_WIDTH);
        root.setUsageHelpLongOptionsMaxWidth(30);
        root.setColorScheme(CommandLine.Help.defaultColorScheme(surroundings.colours() ? Ansi.AUTO : Ansi.OFF));
        root.setParameterExceptionHandler((e, args) -> fail(e.getCommandLine(), ExitStatus.BAD_INPUT, sentence(e)));
        root.setExecutionExceptionHandler((e, command, result) -> failed(command, e));
        return root;
    }

    private void use(String table) {
        defaults = new Defaults(defaults.endpoints(), defaults.login(), table, defaults.output(), defaults.timeout());
    }

    /** The table that keys belong to where a command line does not say otherwise. */
    String table() {
        return defaults.table();
    }

    /** For completion at a prompt. Of one thread, as all of this; the names come in the background. */
    Names tableNames() {
        return names(admin -> admin.listTables()
                .thenApply(answer ->
                        answer.getTablesList().stream().map(Table::getName).toList()));
    }

    /** The same of the nodes. */
    Names nodeNames() {
        return names(admin -> admin.listNodes()
                .thenApply(answer ->
                        answer.getNodesList().stream().map(Node::getId).toList()));
    }

    private Names names(Function<AittaAdmin, CompletionStage<List<String>>> question) {
        return new Names(
                () -> {
                    try {
                        return question.apply(clients.of(defaults.parsedEndpoints(), defaults.login())
                                .admin()
                                .withDeadline(defaults.timeout()));
                    } catch (CommandFailed e) {
                        return CompletableFuture.failedFuture(e);
                    }
                },
                System::nanoTime);
    }

    private void prepare(CommandLine command) {
        if (command.getCommand() instanceof ClusterCommand cluster) {
            cluster.attach(surroundings, defaults, clients, prompt);
        } else if (command.getCommand() instanceof QuickstartCommand quickstart) {
            quickstart.attach(surroundings, defaults);
        }
        var usage = command.getCommandSpec().usageMessage();
        usage.exitCodeListHeading("%nExit codes:%n");
        usage.exitCodeList(EXIT_CODES.keySet().stream()
                .sorted()
                .collect(Collectors.toMap(code -> code, EXIT_CODES::get, (a, b) -> a, LinkedHashMap::new)));
        usage.synopsisSubcommandLabel("COMMAND");
        usage.sortOptions(false);
        usage.descriptionHeading("%n");
        usage.parameterListHeading("%nParameters:%n");
        usage.optionListHeading("%nOptions:%n");
        usage.commandListHeading("%nCommands:%n");
    }

    private static void eachCommand(CommandLine command, Consumer<CommandLine> action) {
        action.accept(command);
        command.getSubcommands().values().forEach(sub -> eachCommand(sub, action));
    }

    private int failed(CommandLine command, Exception e) {
        if (e instanceof CommandFailed failure) {
            return fail(command, failure.status(), failure.getMessage());
        }
        if (e instanceof AittaException failure) {
            String hint =
                    switch (failure.reason()) {
                        case "UNREACHABLE" ->
                            "; start nodes with 'aitta quickstart', or say with --endpoints where they are";
                        case "NO_TOKEN" -> "; say with --token-file where yours is";
                        default -> "";
                    };
            return fail(command, ExitStatus.of(failure), describe(failure) + hint);
        }
        surroundings.err().println("aitta: this is a defect of aitta; please report it with what follows");
        e.printStackTrace(surroundings.err());
        return ExitStatus.OUTCOME_UNKNOWN;
    }

    /** A failure of the cluster in one sentence, with the reason that programs and searches know it by. */
    static String describe(AittaException failure) {
        String kind = failure instanceof AittaException.Unavailable
                ? "unavailable: "
                : failure instanceof AittaException.OutcomeUnknown ? "outcome unknown: " : "";
        return kind + failure.getMessage() + " (" + failure.reason() + ")";
    }

    private int fail(CommandLine command, int status, String sentence) {
        surroundings.out().flush();
        surroundings.err().println(command.getCommandSpec().qualifiedName() + ": " + sentence);
        return status;
    }

    private static String sentence(ParameterException e) {
        String seeHelp = "; see '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'";
        if (e instanceof UnmatchedArgumentException unmatched) {
            return unmatched(unmatched, seeHelp);
        }
        if (e instanceof MissingParameterException missing
                && missing.getMissing().stream().noneMatch(ArgSpec::isOption)) {
            return "missing "
                    + missing.getMissing().stream().map(ArgSpec::paramLabel).collect(Collectors.joining(" and "))
                    + seeHelp;
        }
        String message = e.getMessage();
        return Character.toLowerCase(message.charAt(0)) + message.substring(1);
    }

    private static String unmatched(UnmatchedArgumentException e, String seeHelp) {
        String word = e.getUnmatched().get(0);
        CommandSpec command = e.getCommandLine().getCommandSpec();
        List<String> similar;
        String what;
        if (e.isUnknownOption()) {
            what = "unknown option ";
            similar = Suggestions.of(word, command.optionsMap().keySet());
        } else {
            boolean takesOthers = command.subcommands().isEmpty()
                    || !command.positionalParameters().isEmpty();
            what = takesOthers ? "unexpected argument " : "unknown command ";
            similar = Suggestions.of(word, command.subcommands().keySet());
        }
        if (similar.isEmpty()) {
            String dashes = e.isUnknownOption() ? " (put -- before a key or value that begins with '-')" : "";
            return what + Values.quoted(word) + dashes + seeHelp;
        }
        return what + Values.quoted(word) + "; did you mean "
                + similar.stream().map(Values::quoted).collect(Collectors.joining(" or ")) + "?";
    }

    /** What a command says that is only a heading for others. */
    static String missingCommand(CommandSpec group) {
        return "missing command: one of "
                + String.join(", ", group.subcommands().keySet()) + "; see '" + group.qualifiedName() + " --help'";
    }

    @Override
    public void close() {
        clients.close();
        surroundings.out().flush();
    }
}
