package io.aitta.client;

import java.util.Optional;

/**
 * What became of {@link AittaTable#delete(com.google.protobuf.ByteString, DeleteOptions)}.
 *
 * @param applied whether the condition held; nothing was removed if not
 * @param existed whether there was a value before
 * @param version of the value that stays because the condition did not hold; 0 if there is none
 * @param previous what the key held before, if it was asked for and there was something
 */
public record DeleteResult(boolean applied, boolean existed, long version, Optional<VersionedValue> previous) {}
