package io.aitta.client;

import com.google.protobuf.ByteString;

/**
 * A key that was found.
 *
 * @param value with no bytes if only keys were asked for; its version is told all the same
 */
public record ScanEntry(ByteString key, VersionedValue value) {}
