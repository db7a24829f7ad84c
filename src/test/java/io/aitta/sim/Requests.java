package io.aitta.sim;

import io.aitta.core.NodeId;
import io.aitta.core.replication.LogIndex;
import io.aitta.history.Answer;
import java.util.Optional;

/** What clients ask of a replica, and how it answers: once, or never. */
final class Requests {
    private Requests() {}

    interface Write {
        byte[] batch();

        void done(Answer answer, LogIndex index);

        /** Nothing happened, and nothing will. */
        void refused();
    }

    interface Read {
        String key();

        /** @param applied what the store that answered had applied */
        void done(Optional<String> value, NodeId node, LogIndex applied);

        void refused();
    }
}
