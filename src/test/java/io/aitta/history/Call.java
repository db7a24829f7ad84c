package io.aitta.history;

/**
 * One operation from its call to its end.
 *
 * @param answer what the client was told; null if it was told nothing
 * @param returnedNanos {@link #OPEN} if the client never learnt the outcome: the operation may have happened at any time
 *     after its call, or never
 */
public record Call(int id, String process, Operation operation, long invokedNanos, long returnedNanos, Answer answer) {
    public static final long OPEN = Long.MAX_VALUE;

    public boolean isOpen() {
        return returnedNanos == OPEN;
    }

    @Override
    public String toString() {
        var end = isOpen() ? "outcome unknown" : answer + " at " + returnedNanos;
        return "#" + id + " " + process + " " + operation + " at " + invokedNanos + " -> " + end;
    }
}
