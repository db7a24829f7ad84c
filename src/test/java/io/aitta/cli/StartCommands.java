package io.aitta.cli;

import io.aitta.config.ServeOptions;
import java.util.List;
import picocli.CommandLine;

/** Reads command lines as {@code aitta} does, and starts nothing: for the tests of what is deployed. */
public final class StartCommands {
    private StartCommands() {}

    /** @param words what follows {@code aitta}, beginning with {@code serve}; anything unknown in it throws */
    public static ServeOptions serve(List<String> words) {
        var parsed = new CommandLine(new Aitta()).parseArgs(words.toArray(String[]::new));
        return ((ServeCommand) parsed.subcommand().commandSpec().userObject()).options();
    }

    /** Throws unless it is a command with options and parameters that exist. */
    public static void check(List<String> words) {
        new CommandLine(new Aitta()).parseArgs(words.toArray(String[]::new));
    }
}
