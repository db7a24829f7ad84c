package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.replication.Term;

/** Which node was elected in which term; terms begin at 1. */
public record Primary(Term term, NodeId node) {
    public Primary {
        if (!term.isNewerThan(Term.ZERO)) {
            throw new IllegalArgumentException("no primary is elected in term " + term);
        }
    }
}
