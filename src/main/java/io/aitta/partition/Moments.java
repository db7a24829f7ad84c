package io.aitta.partition;

import io.aitta.core.PartitionId;
import io.aitta.store.ReplicaStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * The moments at which a node's replicas are being scanned: each is a view of a store, which costs disk space for as long
 * as it is open. So there are only so many; to make room the one that was unused for longest goes, and one that nobody
 * has used for a while goes anyway. A moment is in one hand at a time. Thread-safe.
 *
 * <p>One whose scan has come to its end is kept a little longer, for a client that never got the last page and asks for it
 * again; it makes room before all others.
 */
final class Moments {
    /** How long at most a moment outlives the last page: as long as a reply that is lost takes to be asked for again. */
    static final Duration KEEP_FINISHED = Duration.ofSeconds(5);

    /** A place for a view. Whoever has it in hand must give it back, or end it. */
    static final class Moment {
        private final long number;
        private final PartitionId partition;
        /** Null until the holder has opened it. Touched by the holder, and by nobody else while there is one. */
        private ReplicaStore.View view;

        private boolean inUse = true;
        /** It was ended while somebody had it in hand, who will close it. */
        private boolean over;

        /** Its last page was read. */
        private boolean finished;

        private long keptUntilNanos;

        private Moment(long number, PartitionId partition) {
            this.number = number;
            this.partition = partition;
        }

        long number() {
            return number;
        }

        ReplicaStore.View view() {
            return view;
        }

        void opened(ReplicaStore.View newView) {
            view = newView;
        }
    }

    /** What became of the wish for a moment. */
    sealed interface Taken {
        /** It is in the caller's hand now. */
        record Yours(Moment moment) implements Taken {}

        /** All are, or this one is, in another's hand. */
        enum InUse implements Taken {
            INSTANCE
        }

        /** It is not kept any more, or never was. */
        enum Gone implements Taken {
            INSTANCE
        }
    }

    private final int max;
    private final long keepNanos;
    private final LongSupplier nanoTime;
    /** By number, the one first that was unused for longest. Those in use stand anywhere. */
    private final Map<Long, Moment> moments = new LinkedHashMap<>();
    /** Begins anywhere, so that a moment of an earlier process is not taken for one of this. */
    private long lastNumber = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE / 2);

    Moments(int max, Duration keep, LongSupplier nanoTime) {
        this.max = max;
        this.keepNanos = keep.toNanos();
        this.nanoTime = nanoTime;
    }

    /** A new one, without a view yet; another may be given up for it. */
    synchronized Taken open(PartitionId partition) {
        if (moments.size() >= max) {
            var unused = oldest(moment -> moment.finished && !moment.inUse).or(() -> oldest(moment -> !moment.inUse));
            if (unused.isEmpty()) {
                return Taken.InUse.INSTANCE;
            }
            end(unused.get());
        }
        var moment = new Moment(++lastNumber, partition);
        moments.put(moment.number, moment);
        return new Taken.Yours(moment);
    }

    /** One that was given back. */
    synchronized Taken take(long number, PartitionId partition) {
        var moment = moments.get(number);
        if (moment == null || !moment.partition.equals(partition)) {
            return Taken.Gone.INSTANCE;
        }
        if (moment.inUse) {
            return Taken.InUse.INSTANCE;
        }
        moment.inUse = true;
        return new Taken.Yours(moment);
    }

    /** Keeps it for later. */
    synchronized void giveBack(Moment moment) {
        moment.finished = false;
        keep(moment, keepNanos);
    }

    /** Keeps it for a little while, as its last page was read. */
    synchronized void finish(Moment moment) {
        moment.finished = true;
        keep(moment, Math.min(keepNanos, KEEP_FINISHED.toNanos()));
    }

    private void keep(Moment moment, long nanos) {
        moment.inUse = false;
        if (moment.over) {
            close(moment);
        } else {
            moment.keptUntilNanos = nanoTime.getAsLong() + nanos;
            moments.remove(moment.number);
            moments.put(moment.number, moment);
        }
    }

    /** Ends one that the caller has in hand, or nobody. */
    synchronized void end(Moment moment) {
        moments.remove(moment.number);
        close(moment);
    }

    /** Ends one by its number, if there is such a moment; one in use goes when it is given back. */
    synchronized void giveUp(long number, PartitionId partition) {
        endAll(moment -> moment.number == number && moment.partition.equals(partition));
    }

    synchronized void endAllOf(PartitionId partition) {
        endAll(moment -> moment.partition.equals(partition));
    }

    synchronized void endAll() {
        endAll(moment -> true);
    }

    synchronized void endUnused() {
        long now = nanoTime.getAsLong();
        endAll(moment -> !moment.inUse && moment.keptUntilNanos - now <= 0);
    }

    /** How many there are. */
    synchronized int size() {
        return moments.size();
    }

    private Optional<Moment> oldest(Predicate<Moment> which) {
        return moments.values().stream().filter(which).findFirst();
    }

    private void endAll(Predicate<Moment> which) {
        for (var moment : new ArrayList<>(moments.values())) {
            if (which.test(moment)) {
                moments.remove(moment.number);
                if (moment.inUse) {
                    moment.over = true;
                } else {
                    close(moment);
                }
            }
        }
    }

    private static void close(Moment moment) {
        if (moment.view != null) {
            moment.view.close();
            moment.view = null;
        }
    }
}
