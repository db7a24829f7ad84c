package io.aitta.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * Takes a line apart as a shell would: blanks separate; '...' keeps everything; "..." keeps everything but \" and \\;
 * a backslash elsewhere keeps the next character; # at the beginning of a line makes it a comment.
 */
final class Words {
    private final String line;
    private final List<String> words = new ArrayList<>();
    /** Null between words, so that '' is a word. */
    private StringBuilder word;

    private int at;

    private Words(String line) {
        this.line = line;
    }

    /** The words; none for a blank line or a comment. A quote that is not closed is bad input. */
    static List<String> of(String line) {
        return line.strip().startsWith("#") ? List.of() : new Words(line).split();
    }

    private List<String> split() {
        while (at < line.length()) {
            char c = line.charAt(at++);
            if (Character.isWhitespace(c)) {
                endWord();
            } else if (c == '\'' || c == '"') {
                quoted(c);
            } else if (c == '\\') {
                inWord().append(escaped());
            } else {
                inWord().append(c);
            }
        }
        endWord();
        return words;
    }

    private void quoted(char quote) {
        StringBuilder target = inWord();
        while (at < line.length()) {
            char c = line.charAt(at++);
            if (c == quote) {
                return;
            }
            boolean escape = quote == '"' && c == '\\' && at < line.length() && "\"\\".indexOf(line.charAt(at)) >= 0;
            target.append(escape ? line.charAt(at++) : c);
        }
        throw CommandFailed.badInput("a quote (" + quote + ") is not closed");
    }

    private char escaped() {
        if (at == line.length()) {
            throw CommandFailed.badInput("the line ends with a backslash; write \\\\ for the character itself");
        }
        return line.charAt(at++);
    }

    private StringBuilder inWord() {
        if (word == null) {
            word = new StringBuilder();
        }
        return word;
    }

    private void endWord() {
        if (word != null) {
            words.add(word.toString());
            word = null;
        }
    }
}
