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

/**
 * Runs commands line by line: from a prompt with history and completion where there is a terminal, else from standard
 * input. A failing command does not end it.
 */
final class Prompt {
    private static final String PROMPT = "aitta> ";
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
            LineReader reader = LineReaderBuilder.builder()
                    .terminal(terminal)
                    .appName("aitta")
                    .completer(new CommandCompleter(cli.commandLine().getCommandSpec()))
                    .variable(LineReader.HISTORY_FILE, Path.of(System.getProperty("user.home"), HISTORY_FILE))
                    .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                    .build();
            boolean more = true;
            while (more) {
                more = goesOnAfter(readLine(reader));
            }
        }
    }

    /** Ctrl-C clears a line that was begun, and ends the prompt on an empty one; so does Ctrl-D. */
    private static String readLine(LineReader reader) {
        try {
            return reader.readLine(PROMPT);
        } catch (UserInterruptException e) {
            return e.getPartialLine().isBlank() ? "exit" : "";
        } catch (EndOfFileException e) {
            return "exit";
        }
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
