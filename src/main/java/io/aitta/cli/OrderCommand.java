package io.aitta.cli;

import io.aitta.client.AittaException.Refused;
import io.aitta.proto.v1.ChangeResponse;
import java.time.Duration;
import java.util.Optional;

/**
 * What the commands share that are about something by name: a node, a table, a partition, a move. To them it is what a key
 * is to {@code get}: that it does not exist is exit code 1.
 */
abstract class OrderCommand extends ClusterCommand {
    abstract int order();

    @Override
    public final Integer call() {
        try {
            return order();
        } catch (Refused e) {
            throw TableCommand.orNotFound(e);
        }
    }

    /** Says what was ordered. */
    final int ordered(String sentence, ChangeResponse answer) {
        return answer(
                sentence + ", epoch " + answer.getEpoch(), Answers.object().put("epoch", answer.getEpoch()));
    }

    /** The table that this command line names, as an operand or by --table; what holds for keys otherwise does not count. */
    final Optional<String> namedTable(String operand) {
        Optional<String> option = ((Aitta) spec.root().userObject()).namedTable();
        if (operand != null && option.filter(name -> !name.equals(operand)).isPresent()) {
            throw CommandFailed.badInput("give the table once, either as " + Values.quoted(operand) + " or as --table "
                    + Values.quoted(option.get()));
        }
        return operand == null ? option : Optional.of(operand);
    }

    /** Waits as the command line says, until nothing is missing. Fails if that takes too long, or by Ctrl-C. */
    final void await(WaitMixin waiting, Waiting.Look look) {
        await(waiting.within(), look);
    }

    /** As above. @param within empty: as long as it takes */
    final void await(Optional<Duration> within, Waiting.Look look) {
        var result = Waiting.until(within, look);
        switch (result.end()) {
            case DONE -> {}
            case TOO_LATE ->
                throw new CommandFailed(
                        ExitStatus.NOT_FOUND,
                        "not done within " + Times.shown(within.orElseThrow()) + ", but it goes on: "
                                + result.missing());
            case INTERRUPTED ->
                throw new CommandFailed(
                        ExitStatus.INTERRUPTED, "no longer waiting, but it goes on: " + result.missing());
        }
    }

    /** Where it is told how something goes on that is waited for: on stderr, for stdout is for the answer. */
    final MovesProgress progress() {
        return new MovesProgress(surroundings().err(), surroundings().terminal());
    }

    /**
     * Asks a person. Where there is none to be asked, the command fails.
     *
     * @param expected what they have to type
     * @param instead the option that says it beforehand
     */
    final void confirm(String question, String expected, String instead) {
        if (!surroundings().terminal()) {
            throw CommandFailed.badInput("nobody can be asked here; add " + instead + " if that is what you want");
        }
        surroundings().out().flush();
        surroundings().err().print(question + " Type " + expected + " to go on: ");
        surroundings().err().flush();
        if (!Typed.line(surroundings().in()).strip().equals(expected)) {
            throw new CommandFailed(ExitStatus.NOT_FOUND, "nothing was done");
        }
    }
}
