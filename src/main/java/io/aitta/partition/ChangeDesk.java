package io.aitta.partition;

import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;

/** {@link ChangeAccess} by way of the node's {@link ChangeServer}. */
public final class ChangeDesk implements ChangeAccess {
    private final ActorRef<ChangeServer.Command> server;

    public ChangeDesk(ActorRef<ChangeServer.Command> server) {
        this.server = server;
    }

    @Override
    public Asked where(PartitionId partition, Consumer<Answer> then) {
        return ask(partition, new ChangeQuestion(ChangeQuestion.WHERE, KeySpan.ALL, 0, false, then));
    }

    @Override
    public Asked changes(PartitionId partition, long afterIndex, KeySpan span, int maxBytes, Consumer<Answer> then) {
        if (afterIndex < 0) {
            throw new IllegalArgumentException("a log index is at least 0, not " + afterIndex);
        }
        return ask(partition, new ChangeQuestion(afterIndex, span, maxBytes, false, then));
    }

    private Asked ask(PartitionId partition, ChangeQuestion question) {
        server.tell(new ChangeServer.Ask(partition, question));
        return question;
    }
}
