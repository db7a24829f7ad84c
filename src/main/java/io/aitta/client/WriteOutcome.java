package io.aitta.client;

/** What became of one entry of {@link AittaTable#multiSet}. */
public sealed interface WriteOutcome {
    /** @param version the version the key has now */
    record Written(long version) implements WriteOutcome {}

    /** Not written, or perhaps written: the kind of error says which. */
    record Failed(AittaException error) implements WriteOutcome {}
}
