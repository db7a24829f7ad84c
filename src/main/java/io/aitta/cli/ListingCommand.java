package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What the {@code list} commands share: an answer of the cluster with an epoch, as a table of text or as JSON.
 *
 * @param <A> the answer
 */
abstract class ListingCommand<A> extends ClusterCommand {
    abstract A ask();

    abstract long epoch(A answer);

    abstract String text(A answer);

    abstract void put(ObjectNode json, A answer);

    @Override
    public final Integer call() {
        A answer = ask();
        if (json()) {
            var json = Answers.object().put("epoch", epoch(answer));
            put(json, answer);
            answers().json(json);
        } else {
            answers().text(text(answer));
        }
        return ExitStatus.DONE;
    }
}
