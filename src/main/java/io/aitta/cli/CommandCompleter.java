package io.aitta.cli;

import java.util.List;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Offers what can come next: commands, each with what it does; once a '-' is typed options, with what they mean; the
 * words an option takes; tables where a table is meant.
 */
final class CommandCompleter implements Completer {
    private static final String TABLE = "TABLE";
    private static final int MOST_OF_DESCRIPTION = 70;

    private final CommandSpec root;
    private final TableNames tables;

    CommandCompleter(CommandSpec root, TableNames tables) {
        this.root = root;
        this.tables = tables;
    }

    @Override
    public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
        List<String> before = line.words().subList(0, line.wordIndex());
        CommandSpec command = commandOf(before);
        String last = before.isEmpty() ? "" : before.get(before.size() - 1);
        OptionSpec waiting = command.optionsMap().get(last);
        if (waiting != null && waiting.arity().max() > 0) {
            offerWords(waiting, candidates);
        } else if (line.word().startsWith("-")) {
            offerOptions(command, candidates);
        } else {
            offerCommands(helped(command, before), candidates);
            command.positionalParameters().forEach(parameter -> offerWords(parameter, candidates));
        }
    }

    private CommandSpec commandOf(List<String> words) {
        CommandSpec command = root;
        for (String word : words) {
            CommandLine next = command.subcommands().get(word);
            command = next == null ? command : next.getCommandSpec();
        }
        return command;
    }

    /** What comes after help is a command again. */
    private CommandSpec helped(CommandSpec command, List<String> before) {
        return command.userObject() instanceof HelpCommand
                ? commandOf(before.subList(before.indexOf(command.name()) + 1, before.size()))
                : command;
    }

    private void offerCommands(CommandSpec command, List<Candidate> candidates) {
        command.subcommands()
                .forEach((name, sub) -> candidates.add(candidate(
                        name, first(sub.getCommandSpec().usageMessage().description()))));
        if (command == root) {
            candidates.add(candidate("exit", "Ends the prompt."));
        }
    }

    private static void offerOptions(CommandSpec command, List<Candidate> candidates) {
        for (OptionSpec option : command.options()) {
            if (!option.hidden()) {
                candidates.add(candidate(option.longestName(), first(option.description())));
            }
        }
    }

    private void offerWords(ArgSpec argument, List<Candidate> candidates) {
        if (argument.paramLabel().equals(TABLE)) {
            tables.known().forEach(name -> candidates.add(candidate(name, null)));
        } else if (argument.completionCandidates() != null) {
            argument.completionCandidates().forEach(word -> candidates.add(candidate(word, null)));
        }
    }

    private static Candidate candidate(String word, String description) {
        return new Candidate(word, word, null, description, null, null, true);
    }

    /** Of a description the first line, or as much of it as fits beside the word; null if there is none. */
    private static String first(String[] description) {
        if (description.length == 0) {
            return null;
        }
        String text = description[0];
        return text.length() <= MOST_OF_DESCRIPTION ? text : text.substring(0, MOST_OF_DESCRIPTION - 3) + "...";
    }
}
