package io.aitta.client;

/** Failures for tests outside of this package, which cannot make them. */
public final class Failing {
    private Failing() {}

    public static AittaException unavailable(String reason, String message) {
        return new AittaException.Unavailable(reason, message);
    }

    public static AittaException refused(String reason, String message) {
        return new AittaException.Refused(AittaException.Refused.Kind.PRECONDITION, reason, message);
    }
}
