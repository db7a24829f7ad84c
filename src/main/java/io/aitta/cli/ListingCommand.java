package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Mixin;

/**
 * What the {@code list} commands share: an answer of the cluster with an epoch, as a table of text or as JSON.
 *
 * @param <A> the answer
 */
abstract class ListingCommand<A> extends ClusterCommand {
    @Mixin
    private FollowMixin follow;

    abstract A ask();

    abstract long epoch(A answer);

    abstract String text(A answer);

    abstract void put(ObjectNode json, A answer);

    @Override
    public final Integer call() {
        return follow.print(this, () -> {
            A answer = ask();
            if (!json()) {
                return text(answer);
            }
            var json = Answers.object().put("epoch", epoch(answer));
            put(json, answer);
            return Answers.lineOf(json);
        });
    }
}
