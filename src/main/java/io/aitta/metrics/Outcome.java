package io.aitta.metrics;

import java.util.Locale;

/** How a request ended, as far as metrics tell it apart: the values of the label {@code outcome}. */
public enum Outcome {
    OK,
    /** It asked for what cannot be, or does not fit what there is. */
    REFUSED,
    /** Its caller may not do that. */
    DENIED,
    /** A limit or quota is reached. */
    OVERLOADED,
    /** Nobody could do it now; nothing happened. */
    UNAVAILABLE,
    /** Its deadline passed. */
    LATE,
    /** It may or may not have happened. */
    UNKNOWN,
    /** A fault of the node. */
    FAULT;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** As in the metrics. */
    public String label() {
        return label;
    }

    /** Whether the cluster failed the request, rather than the request the cluster. */
    public boolean isFailure() {
        return this != OK && this != REFUSED && this != DENIED;
    }
}
