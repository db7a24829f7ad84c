package io.aitta.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code help table create} as another way to say {@code table create --help}. Picocli's own clashes with our -h. */
@Command(
        name = "help",
        description = "Prints the help of a command.",
        footer = {"", "Examples:", "  aitta help", "  aitta help table create"})
final class HelpCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "The command (default: aitta itself).")
    private List<String> words = List.of();

    @Override
    public Integer call() {
        CommandLine command = spec.root().commandLine();
        for (String word : words) {
            CommandLine next = command.getSubcommands().get(word);
            if (next == null) {
                throw CommandFailed.badInput(
                        "there is no command " + Values.quoted(String.join(" ", words)) + "; 'aitta help' lists them");
            }
            command = next;
        }
        command.usage(command.getOut());
        return ExitStatus.DONE;
    }
}
