package io.aitta.core.topology;

/**
 * A move that is over.
 *
 * @param message a sentence for people; empty if there is nothing to say
 * @param endedMillis wall-clock time of the orchestrator that ended it, since 1970
 */
public record EndedMove(Move move, Outcome outcome, String message, long endedMillis) {
    /** Stable: the names are part of the public API. */
    public enum Outcome {
        DONE,
        /** Taken back because somebody asked for it. */
        CANCELLED,
        /** Taken back because it could not be done. */
        FAILED
    }
}
