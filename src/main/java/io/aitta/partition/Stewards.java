package io.aitta.partition;

import com.google.protobuf.ByteString;
import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Operations;
import io.aitta.core.topology.PartitionReport;
import io.aitta.core.topology.StepOrder;
import io.aitta.store.ContentDigest;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The way to the replicas of any node for those who look after them: the orchestrator, and whoever asks how things are.
 * Every node has one steward that answers. Thread-safe. The stages never fail: a node that does not answer within {@code
 * limit}, or is no member of the cluster, gives an empty answer. They complete on threads that must not be blocked.
 */
public interface Stewards {
    /** How those of the partitions stand whose primary is on the node; others are left out. */
    CompletionStage<List<PartitionReport>> reports(NodeId node, Collection<PartitionId> partitions, Duration limit);

    /**
     * Has orders carried out by the node that they name as primary, which must be {@code node} for all of them.
     *
     * @return for each order that was declined, and each whose outcome is not known within the limit, why; those that were
     *     begun are left out
     */
    CompletionStage<List<Declined>> perform(NodeId node, List<StepOrder> orders, Duration limit);

    /** @param reason one of {@link io.aitta.core.replication.Effect.Reason}, NO_REPLICA, OTHER_TERM, NOT_WANTED (by the
     *     topology that the node knows) or NO_ANSWER */
    record Declined(StepOrder order, String reason, String message) {}

    /**
     * How the node's replicas stand, in whatever role.
     *
     * @param partitions empty: all of them
     */
    CompletionStage<Optional<NodeReport>> describe(NodeId node, Collection<PartitionId> partitions, Duration limit);

    /** What the node tells of itself beside its replicas. */
    CompletionStage<Optional<Vitals>> vitals(NodeId node, Duration limit);

    /**
     * Has the node's replica read as it is right after the log entry that holds the {@link #marker} of this comparison, which
     * is to be written when all have been told. Answers at once. Told again, it does nothing.
     */
    CompletionStage<Optional<Digest>> beginDigest(
            NodeId node, PartitionId partition, String comparison, Duration limit);

    /** How far that is. Answers when it is over, or when the limit is near. */
    CompletionStage<Optional<Digest>> digest(NodeId node, PartitionId partition, String comparison, Duration limit);

    /** The operation to write, which changes nothing. */
    static byte[] marker(String comparison) {
        return Operations.marker(ByteString.copyFromUtf8("comparison " + comparison));
    }

    /**
     * @param epoch of the topology that the node knows
     * @param clockAheadMillis its wall clock beside this node's
     * @param clockUncertaintyMillis by how much that may be wrong at most, either way
     * @param disks where it keeps its data
     */
    record Vitals(NodeId node, long epoch, long clockAheadMillis, long clockUncertaintyMillis, List<Disk> disks) {}

    record Disk(String path, long freeBytes, long totalBytes) {}

    /**
     * What a replica holds, or why that is not known.
     *
     * @param index as of this log entry; 0: it has not been reached
     * @param content null unless {@code state} is DONE
     * @param message if FAILED: why
     */
    record Digest(State state, long index, long term, ContentDigest.Content content, String message) {
        public enum State {
            /** For the marker. */
            WAITING,
            READING,
            DONE,
            FAILED
        }

        public static Digest failed(String why) {
            return new Digest(State.FAILED, 0, 0, null, why);
        }
    }

    /**
     * What a node tells of itself.
     *
     * @param storeBytes on disk
     * @param journalBytes on disk
     * @param handOvers the last hand-overs of primaries that began here, at most 1,000, in nanoseconds from the moment when
     *     requests began to wait to the moment when they went on to the new primary
     */
    record NodeReport(
            NodeId node,
            List<ReplicaReport> replicas,
            long storeBytes,
            long journalBytes,
            double writesPerSecond,
            double readsPerSecond,
            long uptimeMillis,
            List<Long> handOvers) {
        NodeReport with(List<ReplicaReport> others) {
            return new NodeReport(
                    node, others, storeBytes, journalBytes, writesPerSecond, readsPerSecond, uptimeMillis, handOvers);
        }
    }

    /**
     * One replica.
     *
     * @param primary whom it takes for the primary
     * @param failed not recovered yet, or its binlog has failed; all that follows is 0 then
     * @param lastTerm of its last entry
     * @param copiedBytes of a whole copy that is being fetched
     * @param copyBytes of that copy in all, as far as known; 0: none is being fetched
     * @param slowedDown writers are throttled
     */
    record ReplicaReport(
            PartitionId partition,
            boolean failed,
            Role role,
            Optional<NodeId> primary,
            long term,
            long lastIndex,
            long lastTerm,
            long appliedIndex,
            long copiedBytes,
            long copyBytes,
            boolean transferring,
            boolean slowedDown) {}

    enum Role {
        PRIMARY,
        SECONDARY,
        LEARNER
    }
}
