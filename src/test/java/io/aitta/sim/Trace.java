package io.aitta.sim;

import java.util.ArrayDeque;

/** The last lines of what happened in a world. */
final class Trace {
    private static final int LINES = 200;

    private final ArrayDeque<String> lines = new ArrayDeque<>();

    void add(long nanos, String format, Object... values) {
        lines.add(String.format("%10.3f ms  ", nanos / 1e6) + String.format(format, values));
        if (lines.size() > LINES) {
            lines.poll();
        }
    }

    @Override
    public String toString() {
        return String.join("\n", lines);
    }
}
