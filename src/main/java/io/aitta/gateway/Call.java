package io.aitta.gateway;

import io.aitta.config.GrpcSettings;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/**
 * What came with a request beside its message, and what is learned of it.
 *
 * @param deadlineNanos on {@link System#nanoTime()}'s clock
 */
record Call(long deadlineNanos, CallFacts facts) {
    private static final int MAX_TIMEOUT_DIGITS = 8;

    /** One that did not come through the gRPC door, and is not counted as if it had. */
    static Call inside(long deadlineNanos) {
        return new Call(deadlineNanos, new CallFacts(null, Origin.UNKNOWN, System.nanoTime()));
    }

    /** @throws ProblemException if the deadline is malformed, or the message comes compressed */
    static Call of(HttpRequest request, GrpcSettings settings, CallFacts facts) {
        long timeout = settings.defaultDeadline().toNanos();
        for (HttpHeader header : request.getHeaders()) {
            String name = header.lowercaseName();
            if (name.equals("grpc-timeout")) {
                timeout = Math.min(nanos(header.value()), settings.maxDeadline().toNanos());
            } else if (name.equals("grpc-encoding") && !header.value().equals("identity")) {
                throw Problem.of(
                                ErrorReason.COMPRESSION_UNSUPPORTED,
                                "messages compressed with '" + Text.shortened(header.value())
                                        + "' are not taken; send them with grpc-encoding identity")
                        .asException();
            }
        }
        return new Call(facts.begunNanos + timeout, facts);
    }

    boolean isExpired() {
        return System.nanoTime() - deadlineNanos >= 0;
    }

    long remainingNanos() {
        return Math.max(0, deadlineNanos - System.nanoTime());
    }

    /** Reads a grpc-timeout header: 1 to 8 digits and a unit. */
    static long nanos(String timeout) {
        int digits = timeout.length() - 1;
        if (digits < 1 || digits > MAX_TIMEOUT_DIGITS) {
            throw malformed(timeout);
        }
        long amount = 0;
        for (int i = 0; i < digits; i++) {
            char digit = timeout.charAt(i);
            if (digit < '0' || digit > '9') {
                throw malformed(timeout);
            }
            amount = amount * 10 + (digit - '0');
        }
        TimeUnit unit =
                switch (timeout.charAt(digits)) {
                    case 'H' -> TimeUnit.HOURS;
                    case 'M' -> TimeUnit.MINUTES;
                    case 'S' -> TimeUnit.SECONDS;
                    case 'm' -> TimeUnit.MILLISECONDS;
                    case 'u' -> TimeUnit.MICROSECONDS;
                    case 'n' -> TimeUnit.NANOSECONDS;
                    default -> throw malformed(timeout);
                };
        return unit.toNanos(amount);
    }

    private static ProblemException malformed(String timeout) {
        return Problem.inField(
                        ErrorReason.BAD_DEADLINE,
                        "grpc-timeout",
                        "grpc-timeout '" + Text.shortened(timeout)
                                + "' is not 1 to 8 digits and a unit of H, M, S, m, u or n, such as 500m")
                .asException();
    }
}
