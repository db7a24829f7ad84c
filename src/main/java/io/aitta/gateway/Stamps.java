package io.aitta.gateway;

import io.aitta.proto.record.v1.SessionStamp;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.Session;

/** From the session a request came with to the stamps of its operations. */
final class Stamps {
    private Stamps() {}

    /**
     * @param item the operation's place in its request, from 0
     * @return null if the request has no session
     */
    static SessionStamp of(RequestHeader header, int item) {
        if (!header.hasSession()) {
            return null;
        }
        Session session = header.getSession();
        return SessionStamp.newBuilder()
                .setClientId(session.getClientId())
                .setSequence(session.getSequence())
                .setAcknowledgedBelow(session.getAcknowledgedBelow())
                .setStartedMillis(session.getStartedMillis())
                .setItem(item)
                .build();
    }
}
