package io.aitta.client;

/** What became of one key of {@link AittaTable#multiDelete}. */
public sealed interface DeleteOutcome {
    /** @param existed whether there was a value before */
    record Deleted(boolean existed) implements DeleteOutcome {}

    /** Not removed, or perhaps removed: the kind of error says which. */
    record Failed(AittaException error) implements DeleteOutcome {}
}
