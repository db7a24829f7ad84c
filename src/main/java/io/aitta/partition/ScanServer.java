package io.aitta.partition;

import io.aitta.config.CborMessage;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Reason;
import java.time.Duration;
import java.util.List;
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
 * A node's end of what nodes say to each other about scans and counts: takes in what other nodes ask of this one's
 * replicas, and what they answer. It only hands on: {@link LocalScans} does the reading.
 */
public final class ScanServer extends AbstractBehavior<ScanServer.Command> {
    /** The actor's name under the user guardian; part of the protocol between nodes. */
    public static final String NAME = "scan-server";

    private static final Duration SWEEP = Duration.ofSeconds(1);

    public sealed interface Command {}

    /** Something that one replica is to tell. */
    sealed interface Ask extends Command, CborMessage {
        String partition();

        Level level();

        long correlation();

        ActorRef<Reply> replyTo();

        /** 0: a new one, of which the level is asked. */
        default long moment() {
            return 0;
        }
    }

    /**
     * @param tag null: all keys
     * @param after null: from the beginning
     * @param moment 0: a new one, of which the level is asked
     */
    record ScanAsk(
            String partition,
            Level level,
            byte[] from,
            byte[] to,
            byte[] tag,
            byte[] after,
            int maxRows,
            int maxBytes,
            boolean keysOnly,
            boolean expired,
            long moment,
            long correlation,
            ActorRef<Reply> replyTo)
            implements Ask {}

    /** For what changed up to a moment. */
    record ChangesAsk(
            String partition,
            Level level,
            long after,
            int maxBytes,
            long moment,
            long correlation,
            ActorRef<Reply> replyTo)
            implements Ask {}

    record CountAsk(String partition, Level level, byte[] from, byte[] to, long correlation, ActorRef<Reply> replyTo)
            implements Ask {}

    /** The moment is not needed any more. */
    record GiveUp(String partition, long moment) implements Command, CborMessage {}

    private enum Sweep implements Command {
        INSTANCE
    }

    /** A {@link ReadLevel} between nodes. */
    record Level(boolean strong, long index, long maxStalenessMillis) {
        static Level of(ReadLevel level) {
            if (level instanceof ReadLevel.Session session) {
                return new Level(false, session.index(), 0);
            }
            return level instanceof ReadLevel.Eventual eventual
                    ? new Level(false, 0, eventual.maxStalenessMillis())
                    : new Level(true, 0, 0);
        }

        ReadLevel toReadLevel() {
            if (strong) {
                return ReadLevel.STRONG;
            }
            return index > 0 ? new ReadLevel.Session(index) : new ReadLevel.Eventual(maxStalenessMillis);
        }
    }

    /** What a node tells about its replica. */
    sealed interface Reply extends Command, CborMessage {
        long correlation();
    }

    /**
     * Rows of a scan, as columns: field names for each row would take more room than most rows.
     *
     * @param next null: nothing comes after, and the moment is kept only in case this page is asked for again
     */
    record Rows(
            long correlation,
            List<byte[]> keys,
            List<byte[]> values,
            long[] versions,
            long[] expiries,
            byte[] next,
            long moment,
            long index,
            long term,
            long timestampMillis)
            implements Reply {}

    /**
     * Changes.
     *
     * @param changes encoded by {@link ChangesCodec}; null: they are not all kept any more
     * @param last nothing comes after, and the moment is kept only in case these are asked for again
     */
    record ChangedRows(
            long correlation, byte[] changes, boolean last, long moment, long index, long term, long timestampMillis)
            implements Reply {}

    record Counted(long correlation, long keys, long bytes, boolean exact, long index) implements Reply {}

    /** There is no replica here that may answer at this level. @param primary who may, as far as known; else null */
    record NotHere(long correlation, String primary) implements Reply {}

    /** The moment is not kept any more. */
    record Gone(long correlation) implements Reply {}

    record Refused(long correlation, Reason reason, String message) implements Reply {}

    private final LocalScans scans;
    private final Moments moments;
    private final Consumer<Reply> replies;

    /** @param replies told what other nodes answer; must not block */
    static Behavior<Command> create(LocalScans scans, Moments moments, Consumer<Reply> replies) {
        return Behaviors.setup(
                context -> Behaviors.withTimers(timers -> new ScanServer(context, timers, scans, moments, replies)));
    }

    private ScanServer(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            LocalScans scans,
            Moments moments,
            Consumer<Reply> replies) {
        super(context);
        this.scans = scans;
        this.moments = moments;
        this.replies = replies;
        timers.startTimerWithFixedDelay(Sweep.INSTANCE, SWEEP);
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Ask.class, this::onAsk)
                .onMessage(Reply.class, this::onReply)
                .onMessage(GiveUp.class, this::onGiveUp)
                .onMessage(Sweep.class, sweep -> onSweep())
                .onSignal(PostStop.class, stop -> onPostStop())
                .build();
    }

    private Behavior<Command> onAsk(Ask ask) {
        scans.answer(ask, ask.replyTo()::tell);
        return this;
    }

    private Behavior<Command> onReply(Reply reply) {
        replies.accept(reply);
        return this;
    }

    private Behavior<Command> onGiveUp(GiveUp giveUp) {
        scans.giveUp(giveUp);
        return this;
    }

    private Behavior<Command> onSweep() {
        moments.endUnused();
        return this;
    }

    private Behavior<Command> onPostStop() {
        moments.endAll();
        return this;
    }
}
