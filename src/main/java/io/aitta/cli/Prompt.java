package io.aitta.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/**
 * Runs commands line by line: from a prompt with history and completion where there is a terminal, else from standard
 * input. A failing command does not end it.
 */
final class Prompt {
    private static final String DEFAULT_TABLE = "default";
    private static final String HISTORY_FILE = ".aitta_history";

    private final Cli cli;
    private final Surroundings surroundings;
    private int status = ExitStatus.DONE;

    Prompt(Cli cli, Surroundings surroundings) {
        this.cli = cli;
        this.surroundings = surroundings;
    }

    /** Returns the exit status of the last command; 0 if there was none. */
    int run() {
        try {
            if (surroundings.terminal()) {
                fromTerminal();
            } else {
                fromPipe();
            }
        } catch (IOException e) {
            throw CommandFailed.badInput("commands cannot be read: " + e.getMessage());
        }
        return status;
    }

    private void fromPipe() throws IOException {
        var lines = new BufferedReader(new InputStreamReader(surroundings.in(), StandardCharsets.UTF_8));
        String line = lines.readLine();
        while (line != null && goesOnAfter(line)) {
            line = lines.readLine();
        }
    }

    private void fromTerminal() throws IOException {
        try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
            at(terminal);
        }
    }

    /** The prompt at a terminal, until its user has enough. */
    void at(Terminal terminal) {
        Names tables = cli.tableNames();
        Names nodes = cli.nodeNames();
        LineReader reader = LineReaderBuilder.builder()
                .terminal(terminal)
                .appName("aitta")
                .completer(new CommandCompleter(cli.commandLine().getCommandSpec(), tables, nodes))
                .variable(LineReader.HISTORY_FILE, Path.of(home(), HISTORY_FILE))
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .build();
        Thread running = Thread.currentThread();
        // While a command runs. While a line is read, the reader has its own.
        terminal.handle(Terminal.Signal.INT, signal -> running.interrupt());
        boolean more = true;
        while (more) {
            tables.known();
            nodes.known();
            more = goesOnAfter(readLine(reader));
            if (Thread.interrupted()) {
                surroundings.err().println();
            }
        }
    }

    private String home() {
        return surroundings.environment().getOrDefault("HOME", System.getProperty("user.home"));
    }

    /** Ctrl-C clears a line that was begun, and ends the prompt on an empty one; so does Ctrl-D. */
    private String readLine(LineReader reader) {
        try {
            return reader.readLine(prompt());
        } catch (UserInterruptException e) {
            return e.getPartialLine().isBlank() ? "exit" : "";
        } catch (EndOfFileException e) {
            return "exit";
        }
    }

    /** With the table, unless it is the one that everybody begins with. */
    private String prompt() {
        String table = cli.table().equals(DEFAULT_TABLE) ? "" : ":" + cli.table();
        return surroundings.colours()
                ? new AttributedStringBuilder()
                        .styled(AttributedStyle.BOLD.foreground(AttributedStyle.CYAN), "aitta" + table)
                        .append("> ")
                        .toAnsi()
                : "aitta" + table + "> ";
    }

    private boolean goesOnAfter(String line) {
        List<String> words;
        try {
            words = Words.of(line);
        } catch (CommandFailed e) {
            surroundings.err().println("aitta: " + e.getMessage());
            status = e.status();
            return true;
        }
        if (words.isEmpty()) {
            return true;
        }
        if (words.size() == 1 && (words.get(0).equals("exit") || words.get(0).equals("quit"))) {
            return false;
        }
        status = cli.run(words.toArray(String[]::new));
        return true;
    }
}
