package io.aitta.core.topology;

import io.aitta.core.NodeId;

/** A node that belonged to the cluster once. Its data directory cannot come back: what it holds is out of date. */
public record RemovedNode(NodeId id, String incarnation, Epoch removedEpoch) {}
