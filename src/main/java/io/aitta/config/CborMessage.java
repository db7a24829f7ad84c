package io.aitta.config;

/** Marks control messages between nodes: they travel as Jackson CBOR. */
public interface CborMessage {}
