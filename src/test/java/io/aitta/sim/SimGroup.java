package io.aitta.sim;

import io.aitta.core.PartitionId;
import io.aitta.core.replication.Membership;

/** A partition's group as one who sees everything sees it. */
final class SimGroup {
    final PartitionId id;
    final Safety safety;
    /** The newest that is committed. */
    private Membership membership;

    SimGroup(PartitionId id, Membership founders) {
        this.id = id;
        this.membership = founders;
        this.safety = new Safety((committed, term) -> membership = committed);
    }

    Membership membership() {
        return membership;
    }
}
