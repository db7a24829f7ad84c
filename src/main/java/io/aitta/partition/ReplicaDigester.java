package io.aitta.partition;

import io.aitta.core.PartitionId;
import io.aitta.core.kv.Batches;
import io.aitta.core.replication.Command.Data;
import io.aitta.core.replication.Entry;
import io.aitta.partition.ReplicaSteward.DigestTold;
import io.aitta.partition.Stewards.Digest;
import io.aitta.partition.Stewards.Digest.State;
import io.aitta.store.ContentDigest;
import io.aitta.store.ReplicaStore;
import io.aitta.store.StoreException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Reads this node's replicas into digests that can be compared with those of other nodes: each as it was right after the
 * log entry that holds the comparison's marker, whenever this replica comes to apply it, while it goes on.
 *
 * <p>Waiting for a marker costs a look at each entry of that partition, and ends after a minute. One replica is read at a
 * time, as fast as {@link CopyLimits} allows. What was read is kept for five minutes after it was last asked for. Runs on
 * the replicas' threads, since it reads the store.
 */
final class ReplicaDigester extends AbstractBehavior<ReplicaDigester.Command> {
    /** That wait for their marker, or are read or waited for to be read: each may hold up the removal of files. */
    static final int MOST_UNDER_WAY = 64;

    private static final int MOST_KEPT = 1_024;
    private static final int MOST_ASKING = 16;
    private static final int BYTES_AT_ONCE = 1 << 20;
    private static final Duration MARKER_LIMIT = Duration.ofSeconds(60);
    private static final Duration KEPT = Duration.ofMinutes(5);
    private static final Duration TIDY = Duration.ofSeconds(5);

    sealed interface Command {}

    record Ask(ReplicaSteward.DigestAsk what) implements Command {}

    private record Key(PartitionId partition, String comparison) {}

    private record Taken(Key key, ReplicaStore.Snapshot snapshot) implements Command {}

    private record NotTaken(Key key, String why) implements Command {}

    private record NoLonger(Key key, ActorRef<DigestTold> asking) implements Command {}

    private enum Own implements Command {
        READ_ON,
        TIDY
    }

    private static final class Run {
        final Key key;
        final long begunNanos = System.nanoTime();
        final ContentDigest digest = new ContentDigest();
        final List<ActorRef<DigestTold>> asking = new ArrayList<>();
        long askedNanos = begunNanos;
        Runnable stopWaiting = () -> {};
        /** Null before the marker was applied, and when all was read. */
        ReplicaStore.Snapshot snapshot;

        Digest now = new Digest(State.WAITING, 0, 0, null, "");

        Run(Key key) {
            this.key = key;
        }

        boolean isOver() {
            return now.state() == State.DONE || now.state() == State.FAILED;
        }
    }

    private final LocalReplicas replicas;
    private final CopyLimits limits;
    private final TimerScheduler<Command> timers;
    /** The oldest first. */
    private final Map<Key, Run> runs = new LinkedHashMap<>();

    private final Deque<Run> toRead = new ArrayDeque<>();

    static Behavior<Command> create(LocalReplicas replicas, CopyLimits limits) {
        return Behaviors.setup(
                context -> Behaviors.withTimers(timers -> new ReplicaDigester(context, timers, replicas, limits)));
    }

    private ReplicaDigester(
            ActorContext<Command> context, TimerScheduler<Command> timers, LocalReplicas replicas, CopyLimits limits) {
        super(context);
        this.replicas = replicas;
        this.limits = limits;
        this.timers = timers;
        timers.startTimerWithFixedDelay(Own.TIDY, TIDY);
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Ask.class, this::onAsk)
                .onMessage(Taken.class, this::onTaken)
                .onMessage(NotTaken.class, this::onNotTaken)
                .onMessage(NoLonger.class, this::onNoLonger)
                .onMessageEquals(Own.READ_ON, this::onReadOn)
                .onMessageEquals(Own.TIDY, this::onTidy)
                .onSignal(PostStop.class, stop -> onPostStop())
                .build();
    }

    // ---- asked --------------------------------------------------------------------------------------------------

    private Behavior<Command> onAsk(Ask ask) {
        var what = ask.what();
        var key = new Key(what.partition(), what.comparison());
        var run = runs.get(key);
        if (run == null && !what.begin()) {
            what.replyTo().tell(new DigestTold(Digest.failed("it was not told to take part in this comparison")));
        } else if (run == null) {
            what.replyTo().tell(new DigestTold(begin(key)));
        } else if (what.begin() || run.isOver() || run.asking.size() >= MOST_ASKING) {
            run.askedNanos = System.nanoTime();
            what.replyTo().tell(new DigestTold(run.now));
        } else {
            run.askedNanos = System.nanoTime();
            run.asking.add(what.replyTo());
            long margin = Math.min(100, what.limitMillis() / 4);
            timers.startSingleTimer(
                    what.replyTo(),
                    new NoLonger(key, what.replyTo()),
                    Duration.ofMillis(Math.max(1, what.limitMillis() - margin)));
        }
        return this;
    }

    private Digest begin(Key key) {
        var replica = replicas.get(key.partition());
        if (replica == null) {
            return Digest.failed("it is not there");
        }
        if (replica.status().isEmpty()) {
            return Digest.failed("it has not been recovered, or has failed");
        }
        if (runs.values().stream().filter(run -> !run.isOver()).count() >= MOST_UNDER_WAY) {
            return Digest.failed("its node takes part in " + MOST_UNDER_WAY + " comparisons already; try again later");
        }
        var run = new Run(key);
        var marker = Stewards.marker(key.comparison());
        var self = getContext().getSelf();
        var look = new Consumer<Entry>() {
            @Override
            public void accept(Entry entry) {
                if (entry.command() instanceof Data data && Batches.holds(data.batch(), marker)) {
                    replica.notOnApplied(this);
                    self.tell(take(key, replica));
                }
            }
        };
        run.stopWaiting = () -> replica.notOnApplied(look);
        replica.onApplied(look);
        runs.put(key, run);
        return run.now;
    }

    /** On the thread that applies. That the store fails is the replica's to deal with, when it applies the next entry. */
    private static Command take(Key key, LocalReplica replica) {
        try {
            return new Taken(key, replica.store().snapshot());
        } catch (StoreException failure) {
            return new NotTaken(key, failure.getMessage());
        }
    }

    private Behavior<Command> onNoLonger(NoLonger noLonger) {
        var run = runs.get(noLonger.key());
        if (run != null && run.asking.remove(noLonger.asking())) {
            noLonger.asking().tell(new DigestTold(run.now));
        }
        return this;
    }

    // ---- reading ------------------------------------------------------------------------------------------------

    private Behavior<Command> onTaken(Taken taken) {
        var run = runs.get(taken.key());
        if (run == null || run.isOver()) {
            taken.snapshot().close();
            return this;
        }
        var mark = taken.snapshot().mark();
        run.snapshot = taken.snapshot();
        run.now = new Digest(State.READING, mark.getAppliedIndex(), mark.getAppliedTerm(), null, "");
        toRead.add(run);
        if (toRead.size() == 1) {
            getContext().getSelf().tell(Own.READ_ON);
        }
        return this;
    }

    private Behavior<Command> onNotTaken(NotTaken notTaken) {
        var run = runs.get(notTaken.key());
        if (run != null) {
            end(run, Digest.failed(notTaken.why()));
        }
        return this;
    }

    private Behavior<Command> onReadOn() {
        var run = toRead.peek();
        if (run == null) {
            return this;
        }
        long before = run.digest.bytes();
        boolean more = !run.isOver() && read(run);
        if (!more) {
            toRead.poll();
        }
        if (!toRead.isEmpty()) {
            long pause = limits.nanosAfterCompared((int) (run.digest.bytes() - before), System.nanoTime());
            if (pause > 0) {
                timers.startSingleTimer(Own.READ_ON, Own.READ_ON, Duration.ofNanos(pause));
            } else {
                getContext().getSelf().tell(Own.READ_ON);
            }
        }
        return this;
    }

    private boolean read(Run run) {
        try {
            if (run.snapshot.readInto(run.digest, BYTES_AT_ONCE)) {
                return true;
            }
            var content = run.digest.of(run.snapshot.mark());
            end(run, new Digest(State.DONE, run.now.index(), run.now.term(), content, ""));
        } catch (StoreException failure) {
            getContext().getLog().warn("Reading {} to compare it failed", run.key.partition(), failure);
            end(run, Digest.failed(failure.getMessage()));
        }
        return false;
    }

    private void end(Run run, Digest digest) {
        run.now = digest;
        run.stopWaiting.run();
        if (run.snapshot != null) {
            run.snapshot.close();
            run.snapshot = null;
        }
        run.asking.forEach(asking -> {
            timers.cancel(asking);
            asking.tell(new DigestTold(digest));
        });
        run.asking.clear();
    }

    // ---- tidying ------------------------------------------------------------------------------------------------

    private Behavior<Command> onTidy() {
        long now = System.nanoTime();
        for (Run run : List.copyOf(runs.values())) {
            if (run.now.state() == State.WAITING && now - run.begunNanos > MARKER_LIMIT.toNanos()) {
                end(
                        run,
                        Digest.failed("it has not applied the entry to compare at within " + MARKER_LIMIT.toSeconds()
                                + " s: it lags too far behind, or was given a whole copy"));
            }
            if (now - run.askedNanos > KEPT.toNanos() || run.isOver() && runs.size() > MOST_KEPT) {
                end(run, Digest.failed("nobody asked for it any more"));
                runs.remove(run.key);
            }
        }
        return this;
    }

    private Behavior<Command> onPostStop() {
        runs.values().forEach(run -> end(run, Digest.failed("its node is stopping")));
        return this;
    }
}
