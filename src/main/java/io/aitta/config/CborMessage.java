package io.aitta.config;

/** Marks control messages between nodes; they travel as Jackson CBOR (see application.conf). */
public interface CborMessage {}
