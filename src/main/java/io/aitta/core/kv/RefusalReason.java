package io.aitta.core.kv;

import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.RefusedOutcome;

/**
 * Why an operation was not applied. The names are part of the API. A refusal changes nothing, so it is never remembered
 * in a session: the same request may be accepted later.
 */
public enum RefusalReason {
    /** The bytes are no operation, or one that lacks its kind or a key. */
    MALFORMED_OPERATION,
    /** An increment met a value that is no number within 64 bits. */
    NOT_A_NUMBER,
    /** An increment would have left the range of signed 64-bit numbers. */
    OVERFLOW,
    /** An append would have made a value larger than a value may be. */
    VALUE_TOO_LARGE,
    /** A transaction would have answered more than {@link TransactionRun#MAX_RESULT_BYTES}. */
    RESPONSE_TOO_LARGE,
    /** The stamp lacks a client id of 1 to {@link SessionTable#MAX_CLIENT_ID_BYTES} bytes or a sequence from 1. */
    INVALID_SESSION,
    /** The session, or this sequence of it, may have been forgotten: whether it was applied before cannot be known. */
    SESSION_EXPIRED,
    /** The session has too many unacknowledged outcomes in this partition, or too large ones. */
    SESSION_FULL,
    /** The session's begin is too far in the future. */
    SESSION_AHEAD,
    /** The sequence and item were used before, for an operation on other keys. */
    SESSION_REUSED;

    Outcome outcome(String message) {
        return outcome(RefusedOutcome.newBuilder().setMessage(message));
    }

    Outcome outcome(RefusedOutcome.Builder details) {
        return Outcome.newBuilder().setRefused(details.setReason(name())).build();
    }
}
