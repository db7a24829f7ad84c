package io.aitta.client;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.Optional;

/**
 * Why a call did not succeed. There are three kinds, and they differ in what the caller may assume: {@link Refused} and
 * {@link Unavailable} mean that nothing happened, {@link OutcomeUnknown} that it may have happened, or may still.
 */
public abstract sealed class AittaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    private AittaException(String reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** A stable word such as TABLE_NOT_FOUND, fit for programs; the message is for people. */
    public final String reason() {
        return reason;
    }

    /** If another try of the same call may do better: the least time to wait before it. */
    abstract Optional<Duration> retryAfter();

    /** Nothing happened, and (unless its kind is {@link Kind#EXHAUSTED}) the same call will not do better. */
    public static final class Refused extends AittaException {
        private static final long serialVersionUID = 1L;

        /** What has to change before the call can succeed. */
        public enum Kind {
            /** The arguments. */
            BAD_INPUT,
            /** Something named in the arguments does not exist. */
            NOT_FOUND,
            /** The state of the cluster. */
            PRECONDITION,
            /** A limit was reached. */
            EXHAUSTED
        }

        private final Kind kind;
        private final transient Duration retryAfter;
        private final long sessionsFromMillis;
        private final transient ByteString oldestToken;

        Refused(
                Kind kind,
                String reason,
                String message,
                Duration retryAfter,
                long sessionsFromMillis,
                Throwable cause) {
            this(kind, reason, message, retryAfter, sessionsFromMillis, ByteString.EMPTY, cause);
        }

        Refused(
                Kind kind,
                String reason,
                String message,
                Duration retryAfter,
                long sessionsFromMillis,
                ByteString oldestToken,
                Throwable cause) {
            super(reason, message, cause);
            this.kind = kind;
            this.retryAfter = retryAfter;
            this.sessionsFromMillis = sessionsFromMillis;
            this.oldestToken = oldestToken;
        }

        Refused(Kind kind, String reason, String message) {
            this(kind, reason, message, null, 0, null);
        }

        /** With SESSION_EXPIRED: a session that begins at this wall-clock time or later is accepted; 0 if not said. */
        long sessionsFromMillis() {
            return sessionsFromMillis;
        }

        /**
         * Whether the request as such is refused, so that no try of it, early or late, can have been done. What an append
         * comes to depends on what is there, so that VALUE_TOO_LARGE says nothing of other tries.
         */
        boolean isForGood() {
            return kind == Kind.BAD_INPUT && !reason().equals("VALUE_TOO_LARGE");
        }

        /** With TOKEN_EXPIRED: the oldest token from which a watch can go on; else empty. */
        public ByteString oldestToken() {
            return oldestToken == null ? ByteString.EMPTY : oldestToken;
        }

        public Kind kind() {
            return kind;
        }

        @Override
        Optional<Duration> retryAfter() {
            return Optional.ofNullable(retryAfter);
        }
    }

    /** Nothing happened; a later try may do better. The client has already tried until the deadline or its budget's end. */
    public static final class Unavailable extends AittaException {
        private static final long serialVersionUID = 1L;

        private final transient Duration retryAfter;

        Unavailable(String reason, String message, Duration retryAfter, Throwable cause) {
            super(reason, message, cause);
            this.retryAfter = retryAfter;
        }

        Unavailable(String reason, String message) {
            this(reason, message, Duration.ZERO, null);
        }

        @Override
        Optional<Duration> retryAfter() {
            return Optional.ofNullable(retryAfter).or(() -> Optional.of(Duration.ZERO));
        }
    }

    /** It may or may not have happened, or may happen still. */
    public static final class OutcomeUnknown extends AittaException {
        private static final long serialVersionUID = 1L;

        OutcomeUnknown(String message, Throwable cause) {
            super("OUTCOME_UNKNOWN", message, cause);
        }

        OutcomeUnknown(String message) {
            this(message, null);
        }

        @Override
        Optional<Duration> retryAfter() {
            return Optional.of(Duration.ZERO);
        }
    }
}
