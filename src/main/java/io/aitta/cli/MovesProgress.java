package io.aitta.cli;

import io.aitta.proto.v1.ListMigrationsResponse;
import io.aitta.proto.v1.Migration;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells how moves go on. On a terminal those under way are a block of lines that is painted over, and each that has ended
 * is a line above it that stays; elsewhere every news is a line. Of one thread.
 */
final class MovesProgress {
    private static final int MOST_ROWS = 16;

    private final PrintStream to;
    private final boolean terminal;
    /** What was last said of each that is under way. */
    private final Map<Long, String> said = new HashMap<>();

    /** Null before the first look: what had ended by then is no news. */
    private Set<Long> ended;

    private String headline = "";
    private int painted;

    MovesProgress(PrintStream to, boolean terminal) {
        this.to = to;
        this.terminal = terminal;
    }

    /**
     * @param answer with those that have ended
     * @param now one line about the whole
     */
    void tell(String now, ListMigrationsResponse answer) {
        List<Migration> over = newlyEnded(answer);
        List<Migration> underWay = MovesReport.underWay(answer);
        if (terminal) {
            repaint(now, over, underWay);
        } else {
            over.forEach(migration -> to.println(MovesReport.line(migration)));
            underWay.forEach(this::sayIfNew);
            if (!now.equals(headline)) {
                headline = now;
                to.println(now);
            }
        }
        to.flush();
    }

    private List<Migration> newlyEnded(ListMigrationsResponse answer) {
        List<Migration> over = MovesReport.ended(answer);
        boolean first = ended == null;
        ended = first ? new HashSet<>() : ended;
        return over.stream()
                .filter(migration -> ended.add(migration.getId()) && !first)
                .toList();
    }

    private void sayIfNew(Migration migration) {
        String state = MovesReport.phase(migration) + migration.getPercent() / 10 + migration.getMessage();
        if (!state.equals(said.put(migration.getId(), state))) {
            to.println(MovesReport.line(migration));
        }
    }

    private void repaint(String now, List<Migration> over, List<Migration> underWay) {
        var text = new StringBuilder();
        over.forEach(migration -> text.append(MovesReport.line(migration)).append('\n'));
        var block = new StringBuilder(now).append('\n');
        if (!underWay.isEmpty()) {
            block.append(MovesReport.progress(underWay.subList(0, Math.min(MOST_ROWS, underWay.size()))));
        }
        if (underWay.size() > MOST_ROWS) {
            block.append("and ").append(underWay.size() - MOST_ROWS).append(" more\n");
        }
        to.print(Painting.over(painted, text.append(block).toString()));
        painted = Painting.lines(block.toString());
    }
}
