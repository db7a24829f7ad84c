package io.aitta.core.kv;

import io.aitta.proto.record.v1.Outcome;

/** An operation cannot be applied to what there is. Thrown before anything of it is kept; costs no stack trace. */
final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final RefusalReason reason;

    Refused(RefusalReason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    /** The same, told of the part of a whole that it happened in. */
    Refused in(String part) {
        return new Refused(reason, part + ": " + getMessage());
    }

    Outcome outcome() {
        return reason.outcome(getMessage());
    }
}
