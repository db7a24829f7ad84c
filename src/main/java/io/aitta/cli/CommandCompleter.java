package io.aitta.cli;

import java.util.List;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Offers the commands that can come next, and once a '-' is typed the options. */
final class CommandCompleter implements Completer {
    private final CommandSpec root;

    CommandCompleter(CommandSpec root) {
        this.root = root;
    }

    @Override
    public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
        CommandSpec command = root;
        for (String word : line.words().subList(0, line.wordIndex())) {
            CommandLine next = command.subcommands().get(word);
            command = next == null ? command : next.getCommandSpec();
        }
        if (line.word().startsWith("-")) {
            for (OptionSpec option : command.options()) {
                if (!option.hidden()) {
                    candidates.add(new Candidate(option.longestName()));
                }
            }
            return;
        }
        command.subcommands().keySet().forEach(name -> candidates.add(new Candidate(name)));
        if (command == root) {
            candidates.add(new Candidate("exit"));
        }
    }
}
