package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;

/** The way to any replica of the cluster. Thread-safe. */
@FunctionalInterface
public interface ReplicaRefs {
    /** The replica's reference; it need not have been started, nor need its node be there. */
    Ref of(PartitionId partition, NodeId node);

    /** Where to tell something to a replica. */
    @FunctionalInterface
    interface Ref {
        void tell(Replica.Command message);
    }
}
