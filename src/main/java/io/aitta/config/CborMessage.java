package io.aitta.config;

/**
 * Marks the control messages that nodes send to each other: they travel as Jackson CBOR. Bound in application.conf, so
 * that a message that forgets the marker fails loudly in the first test that sends it, Java serialization being off.
 * Implementations are records of plain values; what carries data (batches, log entries) is protobuf instead.
 */
public interface CborMessage {}
