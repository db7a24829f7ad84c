package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.proto.v1.ListMigrationsResponse;
import io.aitta.proto.v1.Migration;
import io.aitta.proto.v1.PlannedMove;
import io.aitta.proto.v1.RebalanceResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/** Moves of replicas as text tables and as JSON. The JSON names are those of aitta.v1 and stay. */
final class MovesReport {
    private static final int BAR = 16;
    private static final DateTimeFormatter WHEN =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

    private MovesReport() {}

    static boolean isOver(Migration migration) {
        return switch (migration.getPhase()) {
            case DONE, CANCELLED, FAILED -> true;
            default -> false;
        };
    }

    static List<Migration> underWay(ListMigrationsResponse answer) {
        return answer.getMigrationsList().stream().filter(m -> !isOver(m)).toList();
    }

    static List<Migration> ended(ListMigrationsResponse answer) {
        return answer.getMigrationsList().stream().filter(MovesReport::isOver).toList();
    }

    /** That nothing is moved and nothing waits for its turn; not so if the orchestrator does not tell. */
    static boolean isQuiet(ListMigrationsResponse answer) {
        return underWay(answer).isEmpty() && answer.hasPlanned() && answer.getPlanned() == 0;
    }

    /** One line on how much is going on. */
    static String summary(ListMigrationsResponse answer) {
        int underWay = underWay(answer).size();
        return (underWay == 0
                        ? "nothing is being moved"
                        : underWay == 1 ? "1 move under way" : underWay + " moves under way")
                + (answer.getPlanned() > 0 ? ", " + answer.getPlanned() + " more planned" : "")
                + (answer.hasPlanned() ? "" : ", and the orchestrator does not tell what is planned")
                + (answer.getBalancingPaused() ? "; balancing is paused" : "");
    }

    /** Those under way, with how far they are. */
    static String progress(List<Migration> migrations) {
        var table = new TextTable("ID", "PARTITION", "MOVE", "CAUSE", "PHASE", "DONE", "LAG", "COPIED");
        for (Migration migration : migrations) {
            table.row(
                    migration.getId(),
                    partition(migration),
                    move(migration),
                    TopologyReport.lower(migration.getCause()),
                    phase(migration),
                    bar(migration),
                    migration.getLag(),
                    copied(migration));
        }
        var text = new StringBuilder(table.toString());
        for (Migration migration : migrations) {
            if (!migration.getMessage().isEmpty()) {
                text.append(migration.getId())
                        .append(": ")
                        .append(migration.getMessage())
                        .append('\n');
            }
        }
        return text.toString();
    }

    /** Those that are over. */
    static String results(List<Migration> migrations) {
        var table = new TextTable("ID", "PARTITION", "MOVE", "CAUSE", "RESULT", "BEGUN (UTC)", "TOOK");
        for (Migration migration : migrations) {
            table.row(
                    migration.getId(),
                    partition(migration),
                    move(migration),
                    TopologyReport.lower(migration.getCause()),
                    phase(migration),
                    when(migration.getBegunMillis()),
                    took(migration));
        }
        var text = new StringBuilder(table.toString());
        for (Migration migration : migrations) {
            if (!migration.getMessage().isEmpty()) {
                text.append(migration.getId())
                        .append(": ")
                        .append(migration.getMessage())
                        .append('\n');
            }
        }
        return text.toString();
    }

    /** One move in one line, as it is now. */
    static String line(Migration migration) {
        var line = new StringBuilder("move " + migration.getId() + ": " + partition(migration) + " " + move(migration)
                + " (" + TopologyReport.lower(migration.getCause()) + ") " + phase(migration));
        if (isOver(migration)) {
            line.append(" after ").append(took(migration));
        } else {
            line.append(", ").append(migration.getPercent()).append(" %");
            if (migration.getLag() > 0) {
                line.append(", lag ").append(migration.getLag());
            }
            if (migration.getCopyBytes() > 0) {
                line.append(", ").append(copied(migration));
            }
        }
        return migration.getMessage().isEmpty()
                ? line.toString()
                : line.append(": ").append(migration.getMessage()).toString();
    }

    static String partition(Migration migration) {
        return migration.getTable() + "/" + migration.getPartition();
    }

    static String move(Migration migration) {
        return move(migration.getFrom(), migration.getTo(), migration.getLearner());
    }

    /** {@code n1 -> n4}, {@code +n4}, {@code -n1}. */
    private static String move(String from, String to, boolean learner) {
        String target = to + (learner && !to.isEmpty() ? " (learner)" : "");
        if (from.isEmpty()) {
            return "+" + target;
        }
        return to.isEmpty() ? "-" + from : from + " -> " + target;
    }

    static String phase(Migration migration) {
        return TopologyReport.lower(migration.getPhase()).replace('_', ' ');
    }

    private static String bar(Migration migration) {
        int percent = Math.min(100, migration.getPercent());
        int filled = percent * BAR / 100;
        return "[" + "=".repeat(filled) + " ".repeat(BAR - filled) + "] " + percent + " %";
    }

    private static String copied(Migration migration) {
        return migration.getCopyBytes() == 0
                ? "-"
                : Sizes.about(migration.getCopiedBytes()) + " of " + Sizes.about(migration.getCopyBytes());
    }

    static String when(long millis) {
        return WHEN.format(Instant.ofEpochMilli(millis));
    }

    private static String took(Migration migration) {
        long millis = Math.max(0, migration.getEndedMillis() - migration.getBegunMillis());
        // Of what takes long, nobody wants to know the milliseconds.
        return Times.shown(Duration.ofMillis(millis < 10_000 ? millis : millis / 1_000 * 1_000));
    }

    static String plan(RebalanceResponse plan) {
        var table = new TextTable("PARTITION", "MOVE", "CAUSE");
        for (PlannedMove move : plan.getMovesList()) {
            table.row(
                    move.getTable() + "/" + move.getPartition(),
                    move(move.getFrom(), move.getTo(), move.getLearner()),
                    TopologyReport.lower(move.getCause()));
        }
        return plan.getMovesCount() == 0 ? "" : table.toString();
    }

    static void putPlan(ObjectNode json, RebalanceResponse plan) {
        ArrayNode moves = json.putArray("moves");
        for (PlannedMove move : plan.getMovesList()) {
            moves.addObject()
                    .put("table", move.getTable())
                    .put("partition", move.getPartition())
                    .put("from", move.getFrom())
                    .put("to", move.getTo())
                    .put("learner", move.getLearner())
                    .put("cause", TopologyReport.lower(move.getCause()));
        }
        json.put("primaries_to_transfer", plan.getPrimariesToTransfer());
    }

    static ObjectNode json(ListMigrationsResponse answer) {
        ObjectNode json = Answers.object().put("epoch", answer.getEpoch());
        putMigrations(json, answer.getMigrationsList());
        return json.put("planned", answer.hasPlanned() ? answer.getPlanned() : null)
                .put("balancing_paused", answer.getBalancingPaused());
    }

    static void putMigrations(ObjectNode json, List<Migration> migrations) {
        ArrayNode array = json.putArray("migrations");
        migrations.forEach(migration -> array.add(json(migration)));
    }

    static ObjectNode json(Migration migration) {
        return Answers.object()
                .put("id", migration.getId())
                .put("table", migration.getTable())
                .put("partition", migration.getPartition())
                .put("from", migration.getFrom())
                .put("to", migration.getTo())
                .put("learner", migration.getLearner())
                .put("cause", TopologyReport.lower(migration.getCause()))
                .put("phase", TopologyReport.lower(migration.getPhase()))
                .put("percent", migration.getPercent())
                .put("lag", migration.getLag())
                .put("copied_bytes", migration.getCopiedBytes())
                .put("copy_bytes", migration.getCopyBytes())
                .put("message", migration.getMessage())
                .put("begun_millis", migration.getBegunMillis())
                .put("ended_millis", migration.getEndedMillis());
    }
}
