package io.aitta.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** What a person types when asked. */
final class Typed {
    private static final int LONGEST = 1_024;

    private Typed() {}

    /** One line and not a byte more, for what follows it may be the next answer. Without its end; empty at the end of all. */
    static String line(InputStream in) {
        var line = new ByteArrayOutputStream();
        try {
            int next = in.read();
            while (next != -1 && next != '\n' && line.size() < LONGEST) {
                line.write(next);
                next = in.read();
            }
        } catch (IOException e) {
            throw CommandFailed.badInput("the answer cannot be read: " + e.getMessage());
        }
        return line.toString(StandardCharsets.UTF_8);
    }
}
