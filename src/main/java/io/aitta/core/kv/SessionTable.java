package io.aitta.core.kv;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.RefusedOutcome;
import io.aitta.proto.record.v1.RememberedOutcome;
import io.aitta.proto.record.v1.SessionStamp;
import io.aitta.proto.record.v1.StoredSession;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The sessions of one partition: which operations were applied already, and with what outcome. It is part of the
 * replicated state, so all it does follows from the stamps and the batches' timestamps alone.
 *
 * <p>Promise: an operation with a stamp is applied at most once, for ever, although memory is bounded. What might have
 * been applied and forgotten is refused ({@link RefusalReason#SESSION_EXPIRED}). What happens when memory is short:
 * <ul>
 *   <li>The client acknowledged: sequences below its mark are refused. The mark is kept with the session.
 *   <li>A session has {@link Limits#outcomesPerSession()} unacknowledged outcomes, or
 *       {@link Limits#bytesPerSession()} of them: none is forgotten, the next operation is refused
 *       ({@link RefusalReason#SESSION_FULL}) until the client acknowledges. The first sequence that is not acknowledged
 *       has room kept for it, for nothing can be acknowledged past it: later sequences cannot lock it out.
 *   <li>A session was not used for {@link #MAX_UNUSED_MILLIS}, or there are too many sessions, outcomes or bytes of them:
 *       the session unused for longest goes, mark and all. Then the <em>floor</em>
 *       rises above the time at which that session began, and a session that is not known and began below the floor is
 *       refused, for it may be the forgotten one. Sequence numbers could not tell: they are spread over partitions, so a
 *       partition's first sight of a new client may well be sequence 1000. Only begins told by clients are compared with
 *       one another, so the promise needs no clock to be right. Clocks matter for comfort only: a client whose
 *       clock is late may be refused at first (the refusal says from when on a new session is accepted), and a begin
 *       more than {@link #MAX_AHEAD_MILLIS} in the future is refused lest it raise the floor for all.
 * </ul>
 *
 * <p>Refusals are not remembered and change nothing: they never stand in the way of a later try. Not thread-safe.
 */
public final class SessionTable {
    public static final int MAX_CLIENT_ID_BYTES = 64;

    /** How far a session's begin may be ahead of the batch that brings it. */
    public static final long MAX_AHEAD_MILLIS = 60_000;

    /** A session that wrote nothing for so long, by the batches' timestamps, is forgotten. */
    public static final long MAX_UNUSED_MILLIS = 24 * 3_600_000L;

    /** No outcome is larger: it holds a value at most, or what a transaction may answer. */
    private static final int LARGEST_OUTCOME_BYTES = TransactionRun.MAX_RESULT_BYTES;

    /**
     * A session may go over its own limits by what was admitted just below them, and by what is kept for its first
     * unacknowledged sequence: as much again in number, two outcomes of the largest kind in bytes.
     *
     * @param sessions at most so many are remembered
     * @param outcomesPerSession unacknowledged outcomes of one session
     * @param outcomes at most so many of all sessions together, twice {@code outcomesPerSession} or more
     * @param bytesPerSession bytes of those of one session. A session is one row of the store, which has to fit into one
     *     message between nodes (2 MiB)
     * @param bytes at most so many of all sessions together, more than one session can have
     */
    record Limits(int sessions, int outcomesPerSession, int outcomes, long bytesPerSession, long bytes) {
        /** Some 15 MB of memory for each partition that is driven to its limits. */
        static final Limits DEFAULT = new Limits(1024, 4096, 32_768, 384 << 10, 8 << 20);
    }

    private final Limits limits;
    private final Map<ByteString, Session> sessions = new HashMap<>();
    private final TreeSet<Session> byUse = new TreeSet<>(Session.BY_USE);
    private final Set<ByteString> changed = new LinkedHashSet<>();
    private int outcomes;
    private long bytes;
    private long floorMillis;

    /**
     * @param rows the sessions by client id, as {@link #takeChanges()} gave them
     * @param floorMillis as {@link #floorMillis()} said when they were given
     */
    public SessionTable(Map<ByteString, StoredSession> rows, long floorMillis) {
        this(rows, floorMillis, Limits.DEFAULT);
    }

    SessionTable(Map<ByteString, StoredSession> rows, long floorMillis, Limits limits) {
        this.limits = limits;
        this.floorMillis = floorMillis;
        rows.forEach((client, row) -> {
            var session = new Session(client, row);
            sessions.put(client, session);
            byUse.add(session);
            outcomes += session.outcomes.size();
            bytes += session.bytes;
        });
    }

    /** Every session forgotten so far began before this; 0 if none was forgotten. To be kept beside the rows. */
    public long floorMillis() {
        return floorMillis;
    }

    /** What became of sessions since the last call; empty for one that was forgotten. Keys are client ids. */
    public Map<ByteString, Optional<StoredSession>> takeChanges() {
        var rows = new LinkedHashMap<ByteString, Optional<StoredSession>>();
        for (ByteString client : changed) {
            rows.put(client, Optional.ofNullable(sessions.get(client)).map(Session::toRow));
        }
        changed.clear();
        return rows;
    }

    /** Forgets the sessions that were not used for {@link #MAX_UNUSED_MILLIS}. Looks at no others but one. */
    void forgetUnused(long timestampMillis) {
        while (!byUse.isEmpty() && timestampMillis - byUse.first().lastUsedMillis >= MAX_UNUSED_MILLIS) {
            forget(byUse.first());
        }
    }

    /**
     * The answer to an operation that must not be applied: its first outcome if it was applied before, or a refusal.
     * Empty if it is to be applied, and then {@link #remember remembered}.
     */
    Optional<byte[]> answer(SessionStamp stamp, int keysChecksum, long timestampMillis) {
        var refusal = refusalOf(stamp, timestampMillis);
        if (refusal.isPresent()) {
            return refusal.map(Outcome::toByteArray);
        }
        var session = sessions.get(stamp.getClientId());
        if (session == null) {
            return Optional.empty();
        }
        var known = session.outcomes.get(Place.of(stamp));
        if (known == null) {
            return hasRoom(session, stamp) ? Optional.empty() : Optional.of(full());
        }
        if (known.getKeysChecksum() != keysChecksum) {
            return Optional.of(RefusalReason.SESSION_REUSED
                    .outcome("sequence " + stamp.getSequence() + ", item " + stamp.getItem()
                            + " was used for other keys; every operation needs its own")
                    .toByteArray());
        }
        use(session, stamp, timestampMillis);
        return Optional.of(known.getOutcome().toByteArray());
    }

    private boolean hasRoom(Session session, SessionStamp stamp) {
        var kept = session.keptAfter(stamp.getAcknowledgedBelow());
        boolean first = stamp.getSequence() == stamp.getAcknowledgedBelow();
        return first
                ? kept.outcomes < 2 * limits.outcomesPerSession
                        && kept.bytes < limits.bytesPerSession + LARGEST_OUTCOME_BYTES
                : kept.outcomes < limits.outcomesPerSession && kept.bytes < limits.bytesPerSession;
    }

    private byte[] full() {
        return RefusalReason.SESSION_FULL
                .outcome("the session has " + limits.outcomesPerSession
                        + " unacknowledged outcomes in this partition, or " + limits.bytesPerSession
                        + " bytes of them; raise acknowledged_below")
                .toByteArray();
    }

    /** Keeps the outcome of an operation that was applied. */
    void remember(SessionStamp stamp, int keysChecksum, byte[] outcome, long timestampMillis) {
        var session = sessions.get(stamp.getClientId());
        if (session == null) {
            // A copy: the stamp's bytes are a view of the whole batch.
            var client = ByteString.copyFrom(stamp.getClientId().toByteArray());
            session = new Session(client, StoredSession.getDefaultInstance());
            sessions.put(client, session);
        }
        use(session, stamp, timestampMillis);
        session.outcomes.put(
                Place.of(stamp),
                RememberedOutcome.newBuilder()
                        .setSequence(stamp.getSequence())
                        .setItem(stamp.getItem())
                        .setKeysChecksum(keysChecksum)
                        .setOutcome(UnsafeByteOperations.unsafeWrap(outcome))
                        .build());
        outcomes++;
        bytes += outcome.length;
        session.bytes += outcome.length;
        while (sessions.size() > limits.sessions || outcomes > limits.outcomes || bytes > limits.bytes) {
            forget(byUse.first() == session ? byUse.higher(session) : byUse.first());
        }
    }

    private Optional<Outcome> refusalOf(SessionStamp stamp, long timestampMillis) {
        int idBytes = stamp.getClientId().size();
        if (idBytes == 0
                || idBytes > MAX_CLIENT_ID_BYTES
                || stamp.getSequence() < 1
                || stamp.getAcknowledgedBelow() < 0) {
            return Optional.of(RefusalReason.INVALID_SESSION.outcome("a session needs a client id of 1 to "
                    + MAX_CLIENT_ID_BYTES + " bytes (16 random ones) and a sequence from 1"));
        }
        if (stamp.getStartedMillis() < 0 || stamp.getStartedMillis() - timestampMillis > MAX_AHEAD_MILLIS) {
            return Optional.of(RefusalReason.SESSION_AHEAD.outcome("the session claims to have begun at "
                    + Long.toUnsignedString(stamp.getStartedMillis()) + " ms, and it is " + timestampMillis
                    + " ms; set the client's clock"));
        }
        var session = sessions.get(stamp.getClientId());
        if (session == null && stamp.getStartedMillis() < floorMillis) {
            return Optional.of(RefusalReason.SESSION_EXPIRED.outcome(RefusedOutcome.newBuilder()
                    .setMessage("the session may have been forgotten; begin a new one under a new client id")
                    .setSessionsFromMillis(floorMillis)));
        }
        long acknowledgedBelow = session == null ? 0 : session.acknowledgedBelow;
        if (stamp.getSequence() < Math.max(acknowledgedBelow, stamp.getAcknowledgedBelow())) {
            return Optional.of(RefusalReason.SESSION_EXPIRED.outcome(RefusedOutcome.newBuilder()
                    .setMessage("the client has acknowledged sequence " + stamp.getSequence()
                            + ", and its outcome was forgotten")
                    .setSessionsFromMillis(floorMillis)));
        }
        return Optional.empty();
    }

    private void use(Session session, SessionStamp stamp, long timestampMillis) {
        byUse.remove(session);
        session.lastUsedMillis = timestampMillis;
        byUse.add(session);
        session.startedMillis = Math.max(session.startedMillis, stamp.getStartedMillis());
        var before = session.kept();
        session.acknowledge(stamp.getAcknowledgedBelow());
        outcomes -= before.outcomes - session.outcomes.size();
        bytes -= before.bytes - session.bytes;
        changed.add(session.client);
    }

    private void forget(Session session) {
        byUse.remove(session);
        sessions.remove(session.client);
        outcomes -= session.outcomes.size();
        bytes -= session.bytes;
        floorMillis = Math.max(floorMillis, session.startedMillis + 1);
        changed.add(session.client);
    }

    /** How much is remembered of a session. */
    private record Kept(int outcomes, long bytes) {}

    private record Place(long sequence, int item) implements Comparable<Place> {
        static Place of(SessionStamp stamp) {
            return new Place(stamp.getSequence(), stamp.getItem());
        }

        @Override
        public int compareTo(Place other) {
            int bySequence = Long.compare(sequence, other.sequence);
            return bySequence != 0 ? bySequence : Integer.compareUnsigned(item, other.item);
        }
    }

    private static final class Session {
        // The client id decides between sessions used at the same time, so that all replicas forget the same one.
        static final Comparator<Session> BY_USE = Comparator.<Session>comparingLong(session -> session.lastUsedMillis)
                .thenComparing(session -> session.client, ByteString.unsignedLexicographicalComparator());

        final ByteString client;
        final TreeMap<Place, RememberedOutcome> outcomes = new TreeMap<>();
        long lastUsedMillis;
        long acknowledgedBelow;
        long startedMillis;
        /** Of all its outcomes. */
        long bytes;

        Session(ByteString client, StoredSession row) {
            this.client = client;
            lastUsedMillis = row.getLastUsedMillis();
            acknowledgedBelow = row.getAcknowledgedBelow();
            startedMillis = row.getStartedMillis();
            for (RememberedOutcome outcome : row.getOutcomesList()) {
                outcomes.put(new Place(outcome.getSequence(), outcome.getItem()), outcome);
                bytes += outcome.getOutcome().size();
            }
        }

        /** What is left when everything below a sequence is acknowledged. */
        Kept keptAfter(long below) {
            if (below <= acknowledgedBelow) {
                return kept();
            }
            // What goes is counted, as it is mostly little.
            var going = outcomes.headMap(new Place(below, 0));
            return new Kept(outcomes.size() - going.size(), bytes - bytesOf(going));
        }

        Kept kept() {
            return new Kept(outcomes.size(), bytes);
        }

        void acknowledge(long below) {
            if (below > acknowledgedBelow) {
                acknowledgedBelow = below;
                var going = outcomes.headMap(new Place(below, 0));
                bytes -= bytesOf(going);
                going.clear();
            }
        }

        private static long bytesOf(Map<Place, RememberedOutcome> outcomes) {
            long sum = 0;
            for (RememberedOutcome outcome : outcomes.values()) {
                sum += outcome.getOutcome().size();
            }
            return sum;
        }

        StoredSession toRow() {
            return StoredSession.newBuilder()
                    .setLastUsedMillis(lastUsedMillis)
                    .setAcknowledgedBelow(acknowledgedBelow)
                    .addAllOutcomes(outcomes.values())
                    .setStartedMillis(startedMillis)
                    .build();
        }
    }
}
