package io.aitta.security;

/** A caller is not let in, or not that far. Without a stack trace: it is an answer, not a fault. Never holds a token. */
public final class AccessDenied extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What the caller lacks; stable words of the API. */
    public enum Reason {
        NO_TOKEN,
        UNKNOWN_TOKEN,
        PERMISSION_DENIED;

        /** Whether it is not known at all who calls. */
        public boolean isUnauthenticated() {
            return this != PERMISSION_DENIED;
        }
    }

    private final Reason reason;

    AccessDenied(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
