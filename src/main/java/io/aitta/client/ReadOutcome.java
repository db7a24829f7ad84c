package io.aitta.client;

/** What became of one key of {@link AittaTable#multiGet}. */
public sealed interface ReadOutcome {
    record Found(VersionedValue value) implements ReadOutcome {}

    record Missing() implements ReadOutcome {}

    /** This key could not be read. */
    record Failed(AittaException error) implements ReadOutcome {}
}
