package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.ReplicationConfig;
import io.aitta.journal.BinlogPurge;
import io.aitta.journal.BinlogReader;
import io.aitta.metrics.ReplicaMetrics;
import io.aitta.store.Store;
import org.apache.pekko.actor.typed.ActorRef;

/** Everything of the node that its replicas use. */
public record ReplicaWiring(
        NodeId self,
        ReplicationConfig replication,
        ReplicaLimits limits,
        CopyLimits copies,
        Store store,
        BinlogReader binlogs,
        BinlogPurge purge,
        LocalReplicas replicas,
        NodeDirectory directory,
        Placements placements,
        ReplicaRefs refs,
        ActorRef<PeerMail.Command> mail,
        PrimaryListener onPrimary,
        ReplicaMetrics metrics) {
    /** Replicas read and write the store on these threads. */
    public static final String DISPATCHER = "aitta.replica-dispatcher";

    /** Hears of every term in which a replica of this node became primary and has a majority behind it. */
    @FunctionalInterface
    public interface PrimaryListener {
        void elected(PartitionId partition, long term);
    }

    /**
     * @param queuedWrites that wait in front of a replica
     * @param queuedWriteBytes of their operations
     * @param queuedReads that wait for the lease or a primary
     * @param batchOperations in one log entry
     * @param batchBytes in one log entry; a single larger operation makes a batch of its own
     * @param answerBytes of values or outcomes in one answer; a single larger one makes an answer of its own
     */
    public record ReplicaLimits(
            int queuedWrites,
            long queuedWriteBytes,
            int queuedReads,
            int batchOperations,
            int batchBytes,
            int answerBytes) {}
}
