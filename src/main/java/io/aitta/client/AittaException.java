package io.aitta.client;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
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
        private final transient Map<String, String> metadata;

        Refused(
                Kind kind,
                String reason,
                String message,
                Duration retryAfter,
                Map<String, String> metadata,
                Throwable cause) {
            super(reason, message, cause);
            this.kind = kind;
            this.retryAfter = retryAfter;
            this.metadata = Map.copyOf(metadata);
        }

        Refused(Kind kind, String reason, String message) {
            this(kind, reason, message, null, Map.of(), null);
        }

        /** What the reason is about, for programs, such as the limit that was passed; by the names the API has for it. */
        public Map<String, String> metadata() {
            return metadata;
        }

        /** With SESSION_EXPIRED: a session that begins at this wall-clock time or later is accepted; 0 if not said. */
        long sessionsFromMillis() {
            try {
                return Long.parseLong(metadata.getOrDefault("sessions_from_millis", "0"));
            } catch (NumberFormatException e) {
                return 0; // as good as nothing said: the session begins by our own clock
            }
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
            try {
                return ByteString.copyFrom(Base64.getDecoder().decode(metadata.getOrDefault("oldest_token", "")));
            } catch (IllegalArgumentException e) {
                return ByteString.EMPTY; // as good as nothing said
            }
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
