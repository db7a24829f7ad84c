package io.aitta.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows in columns, as wide as their widest cell. */
final class TextTable {
    private static final String GAP = "  ";

    private final List<String[]> rows = new ArrayList<>();
    private final boolean[] numeric;

    TextTable(String... headings) {
        rows.add(headings);
        numeric = new boolean[headings.length];
        Arrays.fill(numeric, true);
    }

    /** Adds a row; a column of nothing but numbers is set to the right. */
    TextTable row(Object... cells) {
        String[] row = Arrays.stream(cells).map(String::valueOf).toArray(String[]::new);
        for (int i = 0; i < row.length; i++) {
            numeric[i] &= row[i].chars().allMatch(Character::isDigit);
        }
        rows.add(row);
        return this;
    }

    /** The lines, each ended by a newline. */
    @Override
    public String toString() {
        int[] widths = widths();
        var text = new StringBuilder();
        for (String[] row : rows) {
            var line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                String padding = " ".repeat(widths[i] - row[i].length());
                line.append(i == 0 ? "" : GAP).append(numeric[i] ? padding + row[i] : row[i] + padding);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private int[] widths() {
        int[] widths = new int[numeric.length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        return widths;
    }
}
