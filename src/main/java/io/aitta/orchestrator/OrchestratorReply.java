package io.aitta.orchestrator;

import io.aitta.config.CborMessage;
import java.util.OptionalInt;

/** What became of a change that was asked of the orchestrator. */
public sealed interface OrchestratorReply extends CborMessage {
    /**
     * @param epoch in which it took effect
     * @param partitionsNotReady of a created table: those without a primary when this was said; else 0
     */
    record Done(long epoch, int partitionsNotReady) implements OrchestratorReply {}

    /** Nothing happened. The reason is stable. */
    record Refused(String reason, String message) implements OrchestratorReply {}

    /** It may have happened, or may still. */
    record Unknown(String message) implements OrchestratorReply {}

    /** @param movesPlanned how many more wait for their turn; empty: that has not been worked out yet */
    record Status(OptionalInt movesPlanned) implements OrchestratorReply {}
}
