package io.aitta.partition;

import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import io.aitta.proto.record.v1.Change;
import io.aitta.store.ReplicaStore.Changed;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Asks on and on, as a watch does. */
final class Follower implements Consumer<ChangeAccess.Answer> {
    final List<Changed> seen = new CopyOnWriteArrayList<>();
    volatile ChangeAccess.Answer ended;
    volatile long after;
    volatile boolean paused;
    /** Answered, and has not asked again. */
    private final AtomicBoolean resting = new AtomicBoolean();

    private final ChangeAccess access;
    private final PartitionId partition;
    private final KeySpan span;
    private volatile ChangeAccess.Asked asked;

    Follower(ChangeAccess access, PartitionId partition, long after, KeySpan span) {
        this.access = access;
        this.partition = partition;
        this.after = after;
        this.span = span;
        ask();
    }

    private void ask() {
        asked = access.changes(partition, after, span, 200, this);
    }

    void withdraw() {
        asked.withdraw();
    }

    void goOn() {
        paused = false;
        if (resting.compareAndSet(true, false)) {
            ask();
        }
    }

    @Override
    public void accept(ChangeAccess.Answer answer) {
        if (answer instanceof ChangeAccess.Answer.Changed changed) {
            seen.addAll(changed.changes().entries());
            after = changed.changes().lookedAtTo();
            resting.set(true);
            if (!paused && resting.compareAndSet(true, false)) {
                ask();
            }
        } else {
            ended = answer;
        }
    }

    List<Long> indexes() {
        return seen.stream().map(Changed::index).toList();
    }

    List<String> keys() {
        return seen.stream()
                .flatMap(entry -> entry.changes().getChangesList().stream())
                .map(Change::getKey)
                .map(key -> key.toStringUtf8())
                .toList();
    }
}
