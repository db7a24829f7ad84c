package io.aitta.partition;

import com.google.protobuf.ByteString;
import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.hash.KeyHash;
import io.aitta.core.kv.KeySpan;
import io.aitta.partition.Moments.Moment;
import io.aitta.partition.Moments.Taken;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.partition.ScanServer.Reply;
import io.aitta.store.ReplicaStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scans and counts this node's replicas, for the node itself and for others. Each request holds a moment while it reads,
 * so no more of them read at the same time than there may be moments. Thread-safe; reads on the executor's threads.
 */
final class LocalScans {
    /**
     * What one answer holds at most, whatever was asked. Together with one row more of the largest size, and some 26
     * bytes for each row that are neither key nor value, it must fit a message between nodes (2 MiB).
     */
    static final int MAX_ROWS = 8192;

    static final int MAX_BYTES = 768 << 10;

    /** A time before which no key's time is over. */
    private static final long NEVER_OVER = 0;

    private static final Logger log = LoggerFactory.getLogger(LocalScans.class);

    private final NodeId self;
    private final LocalReplicas replicas;
    private final Moments moments;
    private final Executor executor;

    LocalScans(NodeId self, LocalReplicas replicas, Moments moments, Executor executor) {
        this.self = self;
        this.replicas = replicas;
        this.moments = moments;
        this.executor = executor;
    }

    /** Calls {@code reply} once, on this thread or another. */
    void answer(ScanServer.Ask ask, Consumer<Reply> reply) {
        var id = PartitionId.parse(ask.partition());
        long number = ask.moment();
        var replica = replicas.get(id);
        var taken = number != 0 ? moments.take(number, id) : replica == null ? null : moments.open(id);
        if (taken == null) {
            reply.accept(new ScanServer.NotHere(ask.correlation(), null));
        } else if (taken instanceof Taken.Yours yours) {
            execute(ask, replica, yours.moment(), reply);
        } else if (taken == Taken.Gone.INSTANCE) {
            reply.accept(new ScanServer.Gone(ask.correlation()));
        } else {
            reply.accept(new ScanServer.Refused(
                    ask.correlation(),
                    Reason.OVERLOADED,
                    number == 0
                            ? "node " + self + " has its hands full with scans (aitta.scan.moments)"
                            : "another request is going on with the same scan"));
        }
    }

    void giveUp(ScanServer.GiveUp giveUp) {
        moments.giveUp(giveUp.moment(), PartitionId.parse(giveUp.partition()));
    }

    private void execute(ScanServer.Ask ask, LocalReplica replica, Moment moment, Consumer<Reply> reply) {
        try {
            executor.execute(() -> reply.accept(work(ask, replica, moment)));
        } catch (RejectedExecutionException stopped) {
            moments.end(moment);
            reply.accept(new ScanServer.Refused(ask.correlation(), Reason.STOPPING, "node " + self + " is stopping"));
        }
    }

    /** The moment is out of hand before the answer goes out: whoever gets it may come back with it at once. */
    private Reply work(ScanServer.Ask ask, LocalReplica replica, Moment moment) {
        Reply reply = null;
        try {
            if (ask instanceof ScanServer.ScanAsk scan) {
                reply = scan(scan, replica, moment);
            } else if (ask instanceof ScanServer.ChangesAsk changes) {
                reply = changes(changes, replica, moment);
            } else {
                reply = count((ScanServer.CountAsk) ask, replica);
            }
            return reply;
        } catch (RuntimeException failure) {
            log.warn("Reading {} for a scan failed", ask.partition(), failure);
            return new ScanServer.Refused(
                    ask.correlation(),
                    Reason.NO_PRIMARY,
                    "the replica of " + ask.partition() + " on " + self + " could not be read: "
                            + failure.getMessage());
        } finally {
            putDown(moment, ask, reply);
        }
    }

    /** A scan that was over with its first page begins anew if that page is lost; one that went on needs its moment. */
    private void putDown(Moment moment, ScanServer.Ask ask, Reply reply) {
        boolean goesOn = reply instanceof ScanServer.Rows rows && rows.next() != null
                || reply instanceof ScanServer.ChangedRows changed && !changed.last();
        if (goesOn) {
            moments.giveBack(moment);
        } else if (reply != null && !(reply instanceof ScanServer.NotHere) && ask.moment() != 0) {
            moments.finish(moment);
        } else {
            moments.end(moment);
        }
    }

    private Reply scan(ScanServer.ScanAsk ask, LocalReplica replica, Moment moment) {
        if (!open(ask, replica, moment)) {
            return notHere(ask, replica);
        }
        var page = moment.view()
                .scan(
                        span(ask.from(), ask.to()),
                        ask.after() == null ? null : ByteString.copyFrom(ask.after()),
                        wanted(ask.tag()),
                        Math.min(ask.maxRows(), MAX_ROWS),
                        Math.min(ask.maxBytes(), MAX_BYTES),
                        ask.keysOnly(),
                        ask.expired() ? NEVER_OVER : System.currentTimeMillis());
        return rows(ask, page, moment);
    }

    /** Whether the moment has a view; one that is new gets it now, if the replica may answer. */
    private static boolean open(ScanServer.Ask ask, LocalReplica replica, Moment moment) {
        if (moment.view() == null) {
            at(ask.level().toReadLevel(), replica, () -> replica.store().view(), ReplicaStore.View::close)
                    .ifPresent(moment::opened);
        }
        return moment.view() != null;
    }

    private Reply changes(ScanServer.ChangesAsk ask, LocalReplica replica, Moment moment) {
        if (!open(ask, replica, moment)) {
            return notHere(ask, replica);
        }
        var mark = moment.view().mark();
        var found = moment.view().changes(ask.after(), Math.min(ask.maxBytes(), MAX_BYTES));
        return new ScanServer.ChangedRows(
                ask.correlation(),
                found.map(ChangesCodec::encode).orElse(null),
                found.isEmpty() || found.get().lookedAtTo() >= mark.getAppliedIndex(),
                moment.number(),
                mark.getAppliedIndex(),
                mark.getAppliedTerm(),
                mark.getTimestampMillis());
    }

    private Reply count(ScanServer.CountAsk ask, LocalReplica replica) {
        record Found(ReplicaStore.Estimate estimate, long index) {}
        var found = at(
                ask.level().toReadLevel(),
                replica,
                () -> {
                    long index = replica.store().mark().getAppliedIndex();
                    return new Found(
                            replica.store().estimate(span(ask.from(), ask.to()), System.currentTimeMillis()), index);
                },
                unused -> {});
        return found.<Reply>map(counted -> new ScanServer.Counted(
                        ask.correlation(),
                        counted.estimate().keys(),
                        counted.estimate().bytes(),
                        counted.estimate().exact(),
                        counted.index()))
                .orElseGet(() -> notHere(ask, replica));
    }

    /**
     * Reads, if the replica may answer at a level. The lease is looked at before and after, as with reads of keys.
     *
     * @param otherwise told what was read if it turns out that it may not be used
     */
    private static <T> Optional<T> at(
            ReadLevel level, LocalReplica replica, Supplier<T> reading, Consumer<T> otherwise) {
        var before = replica.status().orElse(null);
        boolean leased = before != null && before.mayRead(System.nanoTime());
        if (!leased && !replica.isFreshEnough(level)) {
            return Optional.empty();
        }
        var read = reading.get();
        var after = replica.status().orElse(null);
        boolean still =
                leased && after != null && after.term().equals(before.term()) && after.mayRead(System.nanoTime());
        if (!still && !replica.isFreshEnough(level)) {
            otherwise.accept(read);
            return Optional.empty();
        }
        return Optional.of(read);
    }

    private ScanServer.NotHere notHere(ScanServer.Ask ask, LocalReplica replica) {
        return new ScanServer.NotHere(
                ask.correlation(), replica.primary().map(NodeId::value).orElse(null));
    }

    private static ScanServer.Rows rows(ScanServer.ScanAsk ask, ReplicaStore.Page page, Moment moment) {
        var mark = moment.view().mark();
        int count = page.rows().size();
        var keys = new ArrayList<byte[]>(count);
        var values = new ArrayList<byte[]>(count);
        long[] versions = new long[count];
        long[] expiries = new long[count];
        for (int i = 0; i < count; i++) {
            var row = page.rows().get(i);
            keys.add(row.key().toByteArray());
            values.add(row.value().bytes());
            versions[i] = row.value().version();
            expiries[i] = row.value().expiresAtMillis();
        }
        return new ScanServer.Rows(
                ask.correlation(),
                keys,
                values,
                versions,
                expiries,
                page.next() == null ? null : page.next().toByteArray(),
                moment.number(),
                mark.getAppliedIndex(),
                mark.getAppliedTerm(),
                mark.getTimestampMillis());
    }

    private static Predicate<ByteString> wanted(byte[] tag) {
        return tag == null
                ? key -> true
                : key -> KeyHash.tagOf(key.toByteArray())
                        .filter(own -> Arrays.equals(own, tag))
                        .isPresent();
    }

    private static KeySpan span(byte[] from, byte[] to) {
        return new KeySpan(ByteString.copyFrom(from), ByteString.copyFrom(to));
    }
}
