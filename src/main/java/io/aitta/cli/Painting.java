package io.aitta.cli;

/** A block of lines on a terminal that is painted over. */
final class Painting {
    private static final String ERASE_BELOW = "\u001b[J";
    /** A line that is too long for the terminal is cut off by it: else the block would be higher than it has lines. */
    private static final String NO_WRAP = "\u001b[?7l";

    private static final String WRAP = "\u001b[?7h";

    private Painting() {}

    /** @param before lines of the block as it was last printed; 0: it was not */
    static String over(int before, String block) {
        return (before > 0 ? "\u001b[" + before + "A\r" : "\r") + ERASE_BELOW + NO_WRAP + block + WRAP;
    }

    static int lines(String block) {
        return (int) block.chars().filter(c -> c == '\n').count();
    }
}
