package io.aitta.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What a command sees of the world outside.
 *
 * @param in standard input, as bytes
 * @param out answers, and nothing else; as bytes, text in UTF-8
 * @param err errors and progress
 * @param environment the environment variables
 * @param terminal whether both input and output are a terminal
 */
record Surroundings(
        InputStream in, PrintStream out, PrintStream err, Map<String, String> environment, boolean terminal) {
    /** Whether what is for people may be in colour: at a terminal, unless NO_COLOR says no (no-color.org). */
    boolean colours() {
        return terminal && environment.getOrDefault("NO_COLOR", "").isEmpty();
    }

    static Surroundings ofProcess() {
        // System.out would write text in the locale's encoding, and a value's bytes one by one.
        var out = new PrintStream(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)), false, StandardCharsets.UTF_8);
        var err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        return new Surroundings(System.in, out, err, System.getenv(), System.console() != null);
    }
}
