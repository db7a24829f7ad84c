package io.aitta.orchestrator;

import io.aitta.config.CborMessage;
import io.aitta.core.topology.KnownCluster;

/** What is said to a node's registrar. */
public sealed interface RegistrarMessage {
    /** The node belongs to the cluster. */
    record Welcome(KnownCluster cluster) implements RegistrarMessage, CborMessage {}

    /** The node must not run as it is. The reason is stable. */
    record Rejected(String reason, String message) implements RegistrarMessage, CborMessage {}

    // What it says to itself.

    record SayHello() implements RegistrarMessage {}

    record OrchestratorMoved() implements RegistrarMessage {}

    /** The topology says so. */
    record MetaSeen(KnownCluster cluster) implements RegistrarMessage {}

    record Remembered(KnownCluster cluster) implements RegistrarMessage {}

    record CannotRemember(String message) implements RegistrarMessage {}
}
