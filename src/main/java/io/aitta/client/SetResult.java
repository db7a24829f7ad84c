package io.aitta.client;

import java.util.Optional;

/**
 * What became of {@link AittaTable#set(com.google.protobuf.ByteString, com.google.protobuf.ByteString, SetOptions)}.
 *
 * @param applied whether the condition held; nothing was written if not
 * @param version the version the key has now: of this write, or of the value that stays; 0 if there is none
 * @param previous what the key held before, if it was asked for and there was something
 */
public record SetResult(boolean applied, long version, Optional<VersionedValue> previous) {}
