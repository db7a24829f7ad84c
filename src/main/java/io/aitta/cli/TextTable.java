package io.aitta.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows in columns, at most {@value #WIDTH} characters wide where that can be had by shortening the widest column. */
final class TextTable {
    static final int WIDTH = 100;
    private static final String GAP = "  ";
    private static final int NARROWEST = 8;

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
                String cell = cut(row[i], widths[i]);
                String padding = " ".repeat(widths[i] - cell.length());
                line.append(i == 0 ? "" : GAP).append(numeric[i] ? padding + cell : cell + padding);
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
        int tooWide = Arrays.stream(widths).sum() + GAP.length() * (widths.length - 1) - WIDTH;
        while (tooWide > 0) {
            int widest = 0;
            for (int i = 1; i < widths.length; i++) {
                widest = widths[i] > widths[widest] ? i : widest;
            }
            if (widths[widest] <= NARROWEST) {
                break;
            }
            widths[widest]--;
            tooWide--;
        }
        return widths;
    }

    private static String cut(String cell, int width) {
        return cell.length() <= width ? cell : cell.substring(0, width - 1) + "…";
    }
}
