package io.aitta.core.replication;

/** Where chance comes from. The core has none of its own. */
@FunctionalInterface
public interface Jitter {
    /** A number from 0 to {@code boundNanos} less one; {@code boundNanos} is above 0. */
    long below(long boundNanos);
}
