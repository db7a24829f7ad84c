package io.aitta.inspect;

/** A directory that cannot be looked at. */
public final class InspectionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean inUse;

    private InspectionException(String message, boolean inUse) {
        super(message);
        this.inUse = inUse;
    }

    static InspectionException nothingThere(String message) {
        return new InspectionException(message, false);
    }

    static InspectionException inUse(String message) {
        return new InspectionException(message, true);
    }

    /** A running node uses it; else there is nothing to look at. */
    public boolean isInUse() {
        return inUse;
    }
}
