package io.aitta.client;

import io.aitta.client.AittaException.Refused;
import io.aitta.proto.v1.Session;

/**
 * The session of a client's writes. A store remembers sessions for a limited time; when it says that ours is forgotten
 * (SESSION_EXPIRED), another takes its place. Thread-safe.
 */
final class Sessions {
    private static final String EXPIRED = "SESSION_EXPIRED";

    private WriteSession current = new WriteSession(System.currentTimeMillis());

    /** A number for a new write. */
    synchronized Ticket begin() {
        return new Ticket(current);
    }

    private synchronized void replace(WriteSession old, long notBeforeMillis) {
        if (current == old) {
            current = new WriteSession(Math.max(System.currentTimeMillis(), notBeforeMillis));
        }
    }

    /** The place of one write in its session. Used by one call, whose steps follow one another. */
    final class Ticket {
        private WriteSession session;
        private long sequence;
        private boolean renewed;

        private Ticket(WriteSession session) {
            this.session = session;
            this.sequence = session.begin();
        }

        Session stamp() {
            return session.stamp(sequence);
        }

        /** To be called once the write will not be sent again. */
        void end() {
            session.end(sequence);
        }

        /** If an error says that the session is forgotten, later writes get another one. Says whether it was so. */
        boolean expiredBy(AittaException error) {
            if (!(error instanceof Refused refused) || !refused.reason().equals(EXPIRED)) {
                return false;
            }
            replace(session, refused.sessionsFromMillis());
            return true;
        }

        /** Moves the write, which must not have been applied, to the new session. Possible once. */
        boolean renew() {
            if (renewed) {
                return false;
            }
            renewed = true;
            session.end(sequence);
            synchronized (Sessions.this) {
                session = current;
            }
            sequence = session.begin();
            return true;
        }
    }
}
