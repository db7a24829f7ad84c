package io.aitta.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What may have been meant by a word that is not known: names at most two slips of the finger away, or begun so. */
final class Suggestions {
    private static final int MOST_SLIPS = 2;
    private static final int MOST = 3;

    private Suggestions() {}

    /** The closest names first, at most three. */
    static List<String> of(String word, Collection<String> names) {
        String typed = word.toLowerCase(Locale.ROOT);
        return names.stream()
                .filter(name -> isClose(typed, name))
                .sorted(Comparator.comparingInt(name -> slips(typed, name)))
                .limit(MOST)
                .toList();
    }

    private static boolean isClose(String typed, String name) {
        boolean begun = typed.length() >= 3 && name.startsWith(typed);
        return begun || slips(typed, name) <= Math.min(MOST_SLIPS, name.length() - 1);
    }

    /** Letters added, left out, replaced or swapped with their neighbour (optimal string alignment distance). */
    private static int slips(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                d[i][j] = Math.min(replaced, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
