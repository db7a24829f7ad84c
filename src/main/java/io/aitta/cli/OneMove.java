package io.aitta.cli;

import io.aitta.proto.v1.MigrateResponse;
import io.aitta.proto.v1.Migration;
import io.aitta.proto.v1.MigrationPhase;
import java.util.Optional;
import picocli.CommandLine.Mixin;

/** What the commands share that begin one move. */
abstract class OneMove extends OrderCommand {
    @Mixin
    private EpochMixin epoch;

    @Mixin
    private WaitMixin waiting;

    /** The move as it is when it is over. */
    private Migration over;

    abstract MigrateResponse begin(EpochMixin epoch);

    @Override
    int order() {
        boolean wait = waiting.isGiven();
        epoch.expected();
        MigrateResponse answer = begin(epoch);
        Migration move = answer.getMigration();
        if (wait) {
            var progress = progress();
            await(waiting, () -> missing(move, answer.getEpoch(), progress));
            if (over.getPhase() != MigrationPhase.DONE) {
                throw new CommandFailed(ExitStatus.REFUSED_OR_UNAVAILABLE, MovesReport.line(over));
            }
        }
        var json = Answers.object().put("epoch", answer.getEpoch());
        json.set("migration", MovesReport.json(wait ? over : move));
        String what = MovesReport.partition(move) + " " + MovesReport.move(move);
        return answer(
                wait
                        ? MovesReport.line(over)
                        : "move " + move.getId() + " begun: " + what + ", epoch " + answer.getEpoch(),
                json);
    }

    private Optional<String> missing(Migration move, long epoch, MovesProgress progress) {
        var moves = admin().migrations().list(move.getTable(), true);
        if (moves.getEpoch() < epoch) {
            return Optional.of("the node that answers has not heard of the order yet");
        }
        Migration now = moves.getMigrationsList().stream()
                .filter(one -> one.getId() == move.getId())
                .findFirst()
                .orElseThrow(() -> new CommandFailed(
                        ExitStatus.OUTCOME_UNKNOWN,
                        "move " + move.getId() + " is over, but no longer among the last that are remembered; "
                                + "'aitta partition describe " + move.getTable() + " " + move.getPartition()
                                + "' shows what it came to"));
        if (MovesReport.isOver(now)) {
            over = now;
            return Optional.empty();
        }
        progress.tell(
                "waiting for move " + move.getId(),
                moves.toBuilder().clearMigrations().addMigrations(now).build());
        return Optional.of(MovesReport.line(now));
    }
}
