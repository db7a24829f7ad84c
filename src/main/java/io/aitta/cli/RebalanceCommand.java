package io.aitta.cli;

import io.aitta.proto.v1.RebalanceResponse;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Gives every node its share. */
@Command(
        name = "rebalance",
        description = {
            "Moves replicas so that every node carries its share, by as few moves as will do.",
            "",
            "Prints the moves; they are done in the background, and clients notice nothing. This happens by itself"
                    + " when nodes join, leave, or change their weight; what was moved by hand is moved back only by this."
                    + " With --table only the replicas of that table are moved."
        },
        footer = {
            "",
            "JSON: {\"epoch\",\"moves\":[{\"table\",\"partition\",\"from\",\"to\",\"learner\",\"cause\"}],",
            "       \"primaries_to_transfer\",\"done\"}; done is false with --dry-run and without --wait",
            "",
            "Examples:",
            "  aitta rebalance --dry-run",
            "  aitta rebalance --table users --wait",
            "  aitta rebalance pause"
        },
        subcommands = {RebalanceCommand.PauseCommand.class, RebalanceCommand.ResumeCommand.class})
final class RebalanceCommand extends OrderCommand {
    @Option(names = "--dry-run", description = "Only print what would be moved.")
    private boolean dryRun;

    @Mixin
    private EpochMixin epoch;

    @Mixin
    private WaitMixin waiting;

    @Override
    int order() {
        boolean wait = waiting.isGiven();
        if (dryRun && wait) {
            throw CommandFailed.badInput("give either --dry-run or --wait: there is nothing to wait for");
        }
        String table = namedTable(null).orElse("");
        RebalanceResponse plan = dryRun
                ? admin().migrations().planBalance(table)
                : admin().migrations().rebalance(table, epoch.expected());
        if (!json()) {
            answers().text(MovesReport.plan(plan));
            answers().line(summary(plan));
            surroundings().out().flush();
        }
        if (wait) {
            var progress = progress();
            await(waiting, () -> missing(plan, table, progress));
        }
        if (json()) {
            var json = Answers.object().put("epoch", plan.getEpoch());
            MovesReport.putPlan(json, plan);
            answers().json(json.put("done", wait));
        }
        return ExitStatus.DONE;
    }

    private String summary(RebalanceResponse plan) {
        String transfers = plan.getPrimariesToTransfer() == 0
                ? ""
                : ", " + plan.getPrimariesToTransfer() + " primaries to transfer";
        String what = plan.getMovesCount() == 0 ? "nothing to move" : plan.getMovesCount() + " moves";
        return what + transfers + ", epoch " + plan.getEpoch() + (dryRun ? "; nothing was done" : "");
    }

    /** It is balanced once nothing is moved and nothing more would be. */
    private Optional<String> missing(RebalanceResponse ordered, String table, MovesProgress progress) {
        var moves = admin().migrations().list(table, true);
        progress.tell(MovesReport.summary(moves), moves);
        if (moves.getEpoch() < ordered.getEpoch() || !MovesReport.isQuiet(moves)) {
            return Optional.of(MovesReport.summary(moves));
        }
        int more = admin().migrations().planBalance(table).getMovesCount();
        return more == 0 ? Optional.empty() : Optional.of(more + " moves have not begun");
    }

    /** Holds the balance. */
    @Command(
            name = "pause",
            description = {
                "Stops balancing until it is resumed.",
                "",
                "Moves under way are finished. Repairs, drains and orders by hand go on."
            },
            footer = {"", "JSON: {\"epoch\"}", "", "Examples:", "  aitta rebalance pause"})
    static final class PauseCommand extends OrderCommand {
        @Override
        int order() {
            return ordered("balancing is paused", admin().migrations().pauseBalancing(true));
        }
    }

    /** Lets it go on. */
    @Command(
            name = "resume",
            description = "Lets balancing go on after a pause.",
            footer = {"", "JSON: {\"epoch\"}", "", "Examples:", "  aitta rebalance resume"})
    static final class ResumeCommand extends OrderCommand {
        @Override
        int order() {
            return ordered("balancing goes on", admin().migrations().pauseBalancing(false));
        }
    }
}
