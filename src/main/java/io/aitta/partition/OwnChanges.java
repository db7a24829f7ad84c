package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.kv.KeySpan;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * The changes of a replica of this node, read from the store. Between two wishes to follow, applying costs the replica
 * one look at a flag.
 */
final class OwnChanges implements ChangeSource {
    private final NodeId self;
    private final LocalReplica replica;
    private final Runnable listener;
    private final AtomicBoolean wanted = new AtomicBoolean();

    OwnChanges(NodeId self, LocalReplica replica, ActorRef<ChangeTail.Command> tail) {
        this.self = self;
        this.replica = replica;
        this.listener = () -> {
            if (wanted.get() && wanted.compareAndSet(true, false)) {
                tail.tell(ChangeTail.Moved.INSTANCE);
            }
        };
        replica.onMoved(listener);
    }

    LocalReplica replica() {
        return replica;
    }

    long applied() {
        return replica.store().mark().getAppliedIndex();
    }

    @Override
    public NodeId node() {
        return self;
    }

    @Override
    public void where(Consumer<ChangeAccess.Answer> then) {
        then.accept(kept());
    }

    @Override
    public void look(long after, KeySpan span, int maxBytes, Consumer<ChangeAccess.Answer> then) {
        var found = replica.store().changes(after, span, maxBytes);
        then.accept(
                found.<ChangeAccess.Answer>map(ChangeAccess.Answer.Changed::new).orElseGet(this::kept));
    }

    private ChangeAccess.Answer kept() {
        // In this order: what is kept begins no later than what was applied afterwards ends.
        long oldestAfter = replica.store().changesAfter();
        return new ChangeAccess.Answer.Kept(oldestAfter, applied());
    }

    @Override
    public void follow(long after) {
        wanted.set(true);
        if (applied() > after) {
            // It may have moved before the flag was up.
            listener.run();
        }
    }

    @Override
    public void tick() {}

    @Override
    public void close() {
        wanted.set(false);
        replica.notOnMoved(listener);
    }
}
