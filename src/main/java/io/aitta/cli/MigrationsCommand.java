package io.aitta.cli;

import io.aitta.proto.v1.ListMigrationsResponse;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints what is being moved. */
@Command(
        name = "migrations",
        description = {
            "Prints what is being moved, and how far it is.",
            "",
            "Phases: waiting, copying (a whole copy), catching up (what came since), slowing down (the same, with"
                    + " writers throttled), handing over (of the primary's role), leaving (the old replica goes), taking"
                    + " back; at the end done, cancelled or failed. With --table only the moves of that table."
        },
        footer = {
            "",
            "JSON:"
                    + " {\"epoch\",\"migrations\":[{\"id\",\"table\",\"partition\",\"from\",\"to\",\"learner\",\"cause\":\"repair\"|",
            "       \"ordered\"|\"fill\"|\"drain\"|\"excess\"|\"zone\"|\"balance\",\"phase\":\"waiting\"|\"copying\"|",
            "      "
                    + " \"catching_up\"|\"slowing_down\"|\"handing_over\"|\"leaving\"|\"taking_back\"|\"done\"|\"cancelled\"|",
            "       \"failed\",\"percent\",\"lag\",\"copied_bytes\",\"copy_bytes\",\"message\",\"begun_millis\",",
            "       \"ended_millis\"}],\"planned\",\"balancing_paused\"}; from is \"\" if a replica is added, to if"
                    + " one",
            "       is removed; with --follow such a line whenever something has changed",
            "",
            "Examples:",
            "  aitta migrations",
            "  aitta migrations --all",
            "  aitta migrations --follow --until-done",
            "  aitta -o json migrations | jq '.migrations | length'"
        })
final class MigrationsCommand extends OrderCommand {
    @Option(names = "--all", description = "Those that are over too, at most the last 100.")
    private boolean all;

    @Mixin
    private FollowMixin follow;

    @Option(names = "--until-done", description = "With --follow: end when nothing is under way and nothing planned.")
    private boolean untilDone;

    @Override
    int order() {
        if (untilDone && !follow.isGiven()) {
            throw CommandFailed.badInput("--until-done goes with --follow");
        }
        String table = namedTable(null).orElse("");
        if (follow.isGiven()) {
            var progress =
                    new MovesProgress(surroundings().out(), surroundings().terminal());
            Waiting.until(Optional.empty(), () -> look(table, progress));
            return ExitStatus.DONE;
        }
        var answer = admin().migrations().list(table, all);
        if (json()) {
            answers().json(MovesReport.json(answer));
        } else {
            print(answer);
        }
        return ExitStatus.DONE;
    }

    private void print(ListMigrationsResponse answer) {
        var ended = MovesReport.ended(answer);
        if (!ended.isEmpty()) {
            answers().text(MovesReport.results(ended) + "\n");
        }
        var underWay = MovesReport.underWay(answer);
        if (!underWay.isEmpty()) {
            answers().text(MovesReport.progress(underWay));
        }
        answers().line(MovesReport.summary(answer));
    }

    private Optional<String> look(String table, MovesProgress progress) {
        var answer = admin().migrations().list(table, !json() || all);
        if (!json()) {
            progress.tell(MovesReport.summary(answer), answer);
        } else {
            follow.show(this, Answers.lineOf(MovesReport.json(answer)));
        }
        return untilDone && MovesReport.isQuiet(answer) ? Optional.empty() : Optional.of(MovesReport.summary(answer));
    }
}
