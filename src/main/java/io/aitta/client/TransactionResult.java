package io.aitta.client;

import java.util.List;
import java.util.Optional;

/**
 * What became of a {@link Transaction}.
 *
 * @param succeeded whether all conditions held, so that the operations of {@code then} were done; else those of
 *     {@code otherwise} were
 * @param version of all keys written by it; 0 if it wrote nothing
 * @param steps what came of each operation that was done, in the order given
 */
public record TransactionResult(boolean succeeded, long version, List<Step> steps) {
    public TransactionResult {
        steps = List.copyOf(steps);
    }

    /** What came of one operation. */
    public sealed interface Step {
        /** Of get. Empty if the key had no value. */
        record Got(Optional<VersionedValue> value) implements Step {}

        /** Of set. */
        record Set(boolean existed, long version) implements Step {}

        /** Of delete. */
        record Deleted(boolean existed) implements Step {}

        /** Of append. @param length of the value then, in bytes */
        record Appended(long version, long length) implements Step {}

        /** Of increment. @param value the number then */
        record Incremented(long version, long value) implements Step {}

        /** Of expire. @param version 0 if the key had no value */
        record Expired(boolean existed, long version) implements Step {}

        /** Of persist. @param version 0 if the key had no value */
        record Persisted(boolean existed, long version) implements Step {}
    }

    /**
     * What the get at this position, counted from 0, found.
     *
     * @throws IndexOutOfBoundsException if no operation was done there
     * @throws IllegalArgumentException if it was another one
     */
    public Optional<VersionedValue> got(int position) {
        return step(position, Step.Got.class).value();
    }

    /** What came of the append at this position; fails as {@link #got}. */
    public Step.Appended appended(int position) {
        return step(position, Step.Appended.class);
    }

    /** What came of the increment at this position; fails as {@link #got}. */
    public Step.Incremented incremented(int position) {
        return step(position, Step.Incremented.class);
    }

    /**
     * What came of the operation at a position.
     *
     * @throws IndexOutOfBoundsException if no operation was done there
     * @throws IllegalArgumentException if it was of another kind
     */
    public <T extends Step> T step(int position, Class<T> kind) {
        Step step = steps.get(position);
        if (!kind.isInstance(step)) {
            throw new IllegalArgumentException("the operation at " + position + " came to " + step + ", not "
                    + kind.getSimpleName() + (succeeded ? "" : "; the conditions did not hold"));
        }
        return kind.cast(step);
    }
}
