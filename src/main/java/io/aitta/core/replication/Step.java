package io.aitta.core.replication;

import io.aitta.core.NodeId;
import java.util.ArrayList;
import java.util.List;

/**
 * What the core wants done after one input, in this order: {@link #before} is carried out and {@link #early} is sent;
 * then {@link #events} are made durable, all or none, and evolved; only then {@link #late} is sent and {@link #effects}
 * are carried out. No other input may be decided until the events are evolved; then {@link ReplicaCore#persisted} follows.
 */
public final class Step {
    /** A message for a peer. */
    public record Outgoing(NodeId to, PeerMessage message) {}

    private final List<Effect> before = new ArrayList<>(0);
    private final List<Outgoing> early = new ArrayList<>(2);
    private final List<BinlogEvent> events = new ArrayList<>(1);
    private final List<Outgoing> late = new ArrayList<>(2);
    private final List<Effect> effects = new ArrayList<>(2);

    public List<Effect> before() {
        return before;
    }

    /** Messages that promise nothing which the events are needed for. */
    public List<Outgoing> early() {
        return early;
    }

    public List<BinlogEvent> events() {
        return events;
    }

    public List<Outgoing> late() {
        return late;
    }

    public List<Effect> effects() {
        return effects;
    }

    @Override
    public String toString() {
        return "Step[before=" + before + ", early=" + early + ", events=" + events + ", late=" + late + ", effects="
                + effects + "]";
    }
}
