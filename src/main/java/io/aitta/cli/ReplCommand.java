package io.aitta.cli;

import picocli.CommandLine.Command;

/** A prompt on a cluster that is there. */
@Command(
        name = "repl",
        description = {
            "Opens a prompt on a cluster.",
            "",
            "All commands but quickstart, serve and repl, without 'aitta' before them; quoting as in a shell ('a b', "
                    + "\"a b\", \\); blank lines and lines that begin with # are left out. 'use TABLE' chooses the table "
                    + "that keys belong to, and the prompt shows it. Tab completes commands, options and tables; "
                    + "'help COMMAND' explains. The lines of before are kept in ~/.aitta_history. A command that fails "
                    + "does not end it; Ctrl-C ends a command; exit, quit or Ctrl-D end it.",
            "",
            "Global options hold for all of its commands that do not say otherwise. Where stdin is not a terminal, the "
                    + "commands that come from it are run, and the exit code is that of the last."
        },
        footer = {
            "",
            "Examples:",
            "  aitta repl",
            "  aitta --endpoints 10.0.0.1:7400 -t orders repl",
            "  printf 'use orders\\nget 42\\n' | aitta -o json repl"
        })
final class ReplCommand extends ClusterCommand {
    @Override
    public Integer call() {
        return runPrompt();
    }
}
