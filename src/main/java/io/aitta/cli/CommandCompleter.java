package io.aitta.cli;

import java.util.List;
import java.util.Set;
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
 * words an option takes; tables where a table is meant, and nodes where a node is.
 */
final class CommandCompleter implements Completer {
    private static final String TABLE = "TABLE";
    /** How nodes are called in the synopses. */
    private static final Set<String> NODES = Set.of("NODE", "OLD", "NEW", "FROM", "TO");

    private static final int MOST_OF_DESCRIPTION = 70;

    private final CommandSpec root;
    private final Names tables;
    private final Names nodes;

    CommandCompleter(CommandSpec root, Names tables, Names nodes) {
        this.root = root;
        this.tables = tables;
        this.nodes = nodes;
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
            offerOperands(command, before, candidates);
        }
    }

    /** Once the first operand is there, no command can follow. */
    private void offerOperands(CommandSpec command, List<String> before, List<Candidate> candidates) {
        int operands = operands(command, before);
        CommandSpec helped = helped(command, before);
        if (operands == 0 || helped != command) {
            offerCommands(helped, candidates);
        }
        command.positionalParameters().stream()
                .filter(parameter -> parameter.index().contains(operands))
                .forEach(parameter -> offerWords(parameter, candidates));
    }

    /** How many there are already, after the words of the command itself. */
    private int operands(CommandSpec command, List<String> before) {
        int count = 0;
        CommandSpec at = root;
        for (int i = 0; i < before.size(); i++) {
            String word = before.get(i);
            CommandLine next = at == command ? null : at.subcommands().get(word);
            if (next != null) {
                at = next.getCommandSpec();
            } else if (word.startsWith("-")) {
                OptionSpec option = command.optionsMap().get(word);
                i += option != null && option.arity().max() > 0 ? 1 : 0;
            } else if (at == command) {
                count++;
            }
        }
        return count;
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
        } else if (NODES.contains(argument.paramLabel())) {
            nodes.known().forEach(name -> candidates.add(candidate(name, null)));
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
