package io.aitta.cli;

import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints a script that teaches a shell our commands. */
@Command(
        name = "completion",
        description = {
            "Prints a script with which a shell completes commands and options.",
            "",
            "The shell reads it at its start, from its own start file; or now, for this session alone."
        },
        footer = {
            "",
            "Examples:",
            "  source <(aitta completion bash)                    now",
            "  aitta completion bash > ~/.aitta-completion        for good: 'source ~/.aitta-completion' in ~/.bashrc",
            "  aitta completion zsh > ~/.aitta-completion         for good: the same in ~/.zshrc"
        })
final class CompletionCommand extends ClusterCommand {
    /** The shells we know. */
    static final class Shells extends ListOfWords {
        Shells() {
            super(List.of("bash", "zsh"));
        }
    }

    @Parameters(paramLabel = "bash|zsh", completionCandidates = Shells.class, description = "The shell.")
    private String shell;

    @Override
    public Integer call() {
        if (!shell.equals("bash") && !shell.equals("zsh")) {
            throw CommandFailed.badInput("there is a script for bash and for zsh, not for " + Values.quoted(shell));
        }
        // One script for both: it finds out by which it is read.
        answers().text(AutoComplete.bash(spec.root().name(), spec.root().commandLine()));
        return ExitStatus.DONE;
    }
}
