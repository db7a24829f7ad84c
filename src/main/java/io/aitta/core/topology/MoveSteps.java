package io.aitta.core.topology;

/**
 * What comes next in a move, by how the partition's group stands. Pure: any orchestrator finds the same.
 *
 * <pre>
 *   AddLearner, full copy and catch-up, (SlowDown), Promote, (Transfer if the primary is to go), Remove, done
 * </pre>
 */
public final class MoveSteps {
    private MoveSteps() {}

    /** What is to be done next. */
    public sealed interface Next {
        /** Tell the primary. */
        record Tell(StepOrder order) implements Next {}

        /** Write to the topology; a partition's promotion or a move's end. */
        record Write(TopologyCommand command) implements Next {}

        /** Nothing for now. @param why a few words for people, such as "copying" */
        record Wait(String why) implements Next {}
    }

    /** @param report of the partition's present primary */
    public static Next next(Move move, PartitionReport report) {
        throw new UnsupportedOperationException("not written yet");
    }
}
