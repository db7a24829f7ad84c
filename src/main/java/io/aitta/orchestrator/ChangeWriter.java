package io.aitta.orchestrator;

import io.aitta.core.topology.EpochChange;
import io.aitta.core.topology.Topology;
import io.aitta.orchestrator.MetaStore.Resolved;
import io.aitta.orchestrator.MetaStore.Written;
import io.aitta.orchestrator.Orchestrator.Surroundings;
import org.apache.pekko.actor.typed.javadsl.ActorContext;

/**
 * One change on its way to {@code _meta}, until what became of it is certain.
 *
 * <p>A write whose outcome is unknown is looked up. While it stays open, the very same change is written again: should the
 * first one arrive late, it is the same change and its epoch is taken only once. Used by the orchestrator's thread alone.
 */
final class ChangeWriter {
    /** What a step has shown. */
    sealed interface Result {
        /** Nothing is certain yet, or nothing is under way. */
        record Open() implements Result {}

        /**
         * The change is an epoch.
         *
         * @param now of that epoch, or a later one if another orchestrator has changed it since
         * @param since the requests that became epochs meanwhile
         */
        record Landed(EpochChange change, Topology now, RecentRequests since) implements Result {}

        /** The change has not happened and never will: another took its epoch. */
        record Lost(Topology now, RecentRequests since) implements Result {}

        /** The change has not happened and never will: it was given up before {@code _meta} took it. */
        record Dropped() implements Result {}
    }

    private static final Result OPEN = new Result.Open();
    private static final String NOT_ANSWERED = "_meta has not answered yet";

    private final Surroundings its;
    private final ActorContext<OrchestratorMessage> context;
    // Null if none is under way.
    private EpochChange change;
    private Topology after;
    // A write had an unknown outcome, and that has not been settled.
    private boolean isOpen;
    // Of the last write; null while one is under way or being looked up.
    private Written.Refused refusal;
    private boolean isGivenUp;
    private String obstacle = NOT_ANSWERED;

    ChangeWriter(Surroundings its, ActorContext<OrchestratorMessage> context) {
        this.its = its;
        this.context = context;
    }

    boolean isBusy() {
        return change != null;
    }

    /** Why the change under way is not finished. */
    String obstacle() {
        return obstacle;
    }

    /** @param after the topology with the change */
    void begin(EpochChange change, Topology after) {
        this.change = change;
        this.after = after;
        isOpen = false;
        isGivenUp = false;
        obstacle = NOT_ANSWERED;
        write();
    }

    /**
     * Nobody waits for the change any more.
     *
     * @return why it has not happened, and never will; null if it may have, and goes on until that is certain
     */
    Written.Refused giveUp() {
        if (mayHaveHappened()) {
            isGivenUp = true;
            return null;
        }
        Written.Refused why = refusal;
        end();
        return why;
    }

    Result onWritten(Written written) {
        if (change == null) {
            return OPEN;
        }
        if (written instanceof Written.Done) {
            var landed = new Result.Landed(change, after, new RecentRequests());
            end();
            return landed;
        }
        if (written instanceof Written.Refused refused) {
            refusal = refused;
            obstacle = refused.message();
            if (isGivenUp && !isOpen) {
                end();
                return new Result.Dropped();
            }
            its.retryLater();
            return OPEN;
        }
        if (written instanceof Written.Unknown unknown) {
            isOpen = true;
            obstacle = unknown.message();
        }
        resolve();
        return OPEN;
    }

    Result onResolved(Resolved resolved) {
        if (change == null) {
            return OPEN;
        }
        if (resolved instanceof Resolved.Landed landed) {
            var result = new Result.Landed(change, landed.now(), landed.since());
            end();
            return result;
        }
        if (resolved instanceof Resolved.Lost lost) {
            end();
            return new Result.Lost(lost.now(), lost.since());
        }
        its.retryLater();
        return OPEN;
    }

    /**
     * The pause after a refusal, or an unsettled look, is over.
     *
     * @return false: nothing has happened and nothing is under way any more; whoever wants the change decides it anew
     */
    boolean retry() {
        if (change == null || mayHaveHappened()) {
            if (change != null) {
                write();
            }
            return true;
        }
        end();
        return false;
    }

    private boolean mayHaveHappened() {
        return isOpen || refusal == null;
    }

    private void end() {
        change = null;
        after = null;
        its.timers.cancel(new OrchestratorMessage.RetryNow());
    }

    private void write() {
        refusal = null;
        context.pipeToSelf(
                its.meta.append(change, after),
                (written, failure) -> new OrchestratorMessage.WriteFinished(
                        failure == null ? written : new Written.Unknown(failure.toString())));
    }

    private void resolve() {
        context.pipeToSelf(
                its.meta.resolve(change),
                (resolved, failure) -> new OrchestratorMessage.ResolveFinished(
                        failure == null ? resolved : new Resolved.Failed(failure.toString())));
    }
}
