package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Term;
import java.util.List;

/**
 * What a partition's primary is told to do. It does so only while it is primary in that term; being told twice does no
 * harm. Whether it was done, its next {@link PartitionReport} shows.
 */
public sealed interface StepOrder {
    PartitionId partition();

    /** Who is to carry it out. */
    NodeId primary();

    Term term();

    record AddLearner(PartitionId partition, NodeId primary, Term term, NodeId learner) implements StepOrder {}

    record Promote(PartitionId partition, NodeId primary, Term term, NodeId learner) implements StepOrder {}

    record Remove(PartitionId partition, NodeId primary, Term term, NodeId member) implements StepOrder {}

    /** Hand the primary's role to {@code target}. */
    record Transfer(PartitionId partition, NodeId primary, Term term, NodeId target) implements StepOrder {}

    /**
     * Throttle writers as far as needed for the learner to catch up. Ends by itself when it is none any more, when the
     * term ends, or when it was not repeated for some seconds.
     */
    record SlowDown(PartitionId partition, NodeId primary, Term term, NodeId learner) implements StepOrder {}

    /**
     * The majority is gone for good: {@code primary}, a survivor, makes {@code survivors} the whole group and stands for
     * election. {@code term} is ignored. What only the lost ones had is lost.
     */
    record Recover(PartitionId partition, NodeId primary, Term term, List<NodeId> survivors) implements StepOrder {}
}
