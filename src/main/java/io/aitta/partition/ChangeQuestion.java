package io.aitta.partition;

import io.aitta.core.kv.KeySpan;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * A question about the changes of one partition, on its way or waiting. All but the withdrawing belongs to the partition's
 * {@link ChangeTail}.
 */
final class ChangeQuestion implements ChangeAccess.Asked {
    /** As {@link #after}: where does the partition stand? */
    static final long WHERE = -1;

    final KeySpan span;
    final int maxBytes;
    /** Only of this node's own replica, without asking a third node. */
    final boolean ownOnly;
    /** What its asker knows. */
    final long askedAfter;
    /** Everything up to here was looked at, and held nothing. */
    long after;

    private final Consumer<ChangeAccess.Answer> then;
    private volatile boolean over;
    private volatile ActorRef<ChangeTail.Command> waitsAt;

    ChangeQuestion(long after, KeySpan span, int maxBytes, boolean ownOnly, Consumer<ChangeAccess.Answer> then) {
        this.askedAfter = after;
        this.after = after;
        this.span = span;
        this.maxBytes = maxBytes;
        this.ownOnly = ownOnly;
        this.then = then;
    }

    void answer(ChangeAccess.Answer answer) {
        if (!over) {
            over = true;
            then.accept(answer);
        }
    }

    /** Answered, or withdrawn. */
    boolean isOver() {
        return over;
    }

    /** To be called before {@link #isOver} is looked at: of a withdrawal, one of the two then knows. */
    void waitsAt(ActorRef<ChangeTail.Command> tail) {
        waitsAt = tail;
    }

    @Override
    public void withdraw() {
        if (!over) {
            over = true;
            var tail = waitsAt;
            if (tail != null) {
                tail.tell(new ChangeTail.Withdrawn(this));
            }
        }
    }
}
