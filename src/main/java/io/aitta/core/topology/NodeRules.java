package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.Refusal.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** How nodes come and go, and what can be ordered for them. */
final class NodeRules {
    private static final Pattern ZONE = Pattern.compile("[a-zA-Z0-9_.-]{1,64}");

    private NodeRules() {}

    /** Whether replicas may be placed there, by weight and orders. */
    static boolean takesReplicas(NodeInfo node) {
        return node.weight() > 0 && !node.orders().draining() && !node.orders().lost();
    }

    static Optional<Refusal> badZone(String zone) {
        return Refusals.because(
                !ZONE.matcher(zone).matches(),
                Reason.BAD_ZONE,
                "zone '" + zone + "' is not 1 to 64 characters of a-z, A-Z, 0-9, '-', '_' and '.'");
    }

    static Decision register(Topology topology, TopologyCommand.RegisterNode register) {
        NodeInfo node = register.node();
        Optional<RemovedNode> removed = topology.removed().stream()
                .filter(gone -> gone.incarnation().equals(node.incarnation()))
                .findFirst();
        if (removed.isPresent()) {
            return Decision.refused(
                    Reason.NODE_REMOVED,
                    "node " + removed.get().id() + " was removed from the cluster in epoch "
                            + removed.get().removedEpoch() + " and its data directory is out of date; to use it again,"
                            + " start it with an empty data directory");
        }
        NodeInfo known = topology.node(node.id()).orElse(null);
        if (known == null) {
            var registered = node.withRegisteredEpoch(topology.epoch().next());
            return withBalance(topology, new TopologyEvent.NodeRegistered(registered), true);
        }
        if (!known.incarnation().equals(node.incarnation())) {
            return Decision.refused(Reason.NODE_ID_IN_USE, TopologyState.nodeIdInUse(node.id()));
        }
        var changed = node.withRegisteredEpoch(known.registeredEpoch()).withOrders(known.orders());
        return changed.equals(known)
                ? Decision.accepted()
                : withBalance(topology, new TopologyEvent.NodeChanged(changed), countsOtherwise(known, changed));
    }

    static Decision setWeight(Topology topology, TopologyCommand.SetNodeWeight set) {
        return Refusals.noNode(topology, set.node())
                .or(() -> Refusals.because(
                        set.weight() < 0 || set.weight() > NodeInfo.MAX_WEIGHT,
                        Reason.BAD_WEIGHT,
                        "a node has a weight of 0 to " + NodeInfo.MAX_WEIGHT + ", not "
                                + Integer.toUnsignedString(set.weight())))
                .<Decision>map(Decision.Refused::new)
                .orElseGet(() -> {
                    NodeInfo node = topology.node(set.node()).orElseThrow();
                    return ordered(topology, node, node.orders().withWeight(set.weight()));
                });
    }

    static Decision setZone(Topology topology, TopologyCommand.SetNodeZone set) {
        return Refusals.noNode(topology, set.node())
                .or(() -> badZone(set.zone()))
                .<Decision>map(Decision.Refused::new)
                .orElseGet(() -> {
                    NodeInfo node = topology.node(set.node()).orElseThrow();
                    return ordered(topology, node, node.orders().withZone(set.zone()));
                });
    }

    static Decision drain(Topology topology, TopologyCommand.DrainNode drain) {
        return Refusals.noNode(topology, drain.node())
                .or(() -> drain.replacement().flatMap(replacement -> unfit(topology, drain, replacement)))
                .or(() -> nobodyLeft(topology, drain.node(), drain.up()))
                .or(() -> noRoomLeft(topology, drain.node(), drain.up()))
                .<Decision>map(Decision.Refused::new)
                .orElseGet(() -> {
                    NodeInfo node = topology.node(drain.node()).orElseThrow();
                    return ordered(topology, node, node.orders().drained(drain.replacement()));
                });
    }

    private static Optional<Refusal> unfit(Topology topology, TopologyCommand.DrainNode drain, NodeId replacement) {
        return Refusals.noNode(topology, replacement)
                .or(() -> Refusals.because(
                        replacement.equals(drain.node()),
                        Reason.NOT_ENOUGH_NODES,
                        "node " + replacement + " cannot take its own place; name another node, or none"))
                .or(() -> Refusals.notUp(replacement, drain.up()))
                .or(() -> Refusals.leaving(topology, replacement))
                .or(() -> Refusals.because(
                        topology.node(replacement).orElseThrow().weight() == 0,
                        Reason.NOT_ENOUGH_NODES,
                        "node " + replacement + " has weight 0 and takes no replicas; give it a weight first, or choose"
                                + " another one"));
    }

    private static Optional<Refusal> nobodyLeft(Topology topology, NodeId drained, Set<NodeId> up) {
        boolean somebody = topology.nodes().stream()
                .anyMatch(node -> !node.id().equals(drained) && up.contains(node.id()) && takesReplicas(node));
        return Refusals.because(
                !somebody,
                Reason.NOT_ENOUGH_NODES,
                "node " + drained + " is the last one that can hold replicas; start another one first, or undrain one"
                        + " (it must be up and have a weight above 0)");
    }

    /** Replicas that were short of nodes before are no reason: only what this drain itself would leave without a place. */
    private static Optional<Refusal> noRoomLeft(Topology topology, NodeId drained, Set<NodeId> up) {
        return Places.takenByDraining(topology, drained, up).map(room -> {
            String table = room.table();
            String wanted = "node " + drained + " cannot be drained: table '" + table + "' wants " + room.wanted();
            int fewer = table.equals(TopologyState.META_TABLE) ? Upkeep.odd(room.places()) : room.places();
            String message = room.zone()
                    .map(zone -> wanted + " learner(s) of each partition in zone '" + zone + "', and " + room.places()
                            + " node(s) there would be left for them (up, with a weight above 0 and without another"
                            + " replica of it); start another one there first, or lower the number: aitta table"
                            + " set-learners " + table + " " + zone + " " + room.places())
                    .orElseGet(() -> wanted + " replicas of each partition, and " + room.places()
                            + " node(s) would be left that can hold them (up, not being drained and with a weight"
                            + " above 0); start another one first, or lower the number: aitta table set-replicas "
                            + table + " " + fewer);
            return new Refusal(Reason.NOT_ENOUGH_NODES, message);
        });
    }

    static Decision undrain(Topology topology, TopologyCommand.UndrainNode undrain) {
        Optional<Refusal> refusal = Refusals.noNode(topology, undrain.node());
        if (refusal.isPresent()) {
            return new Decision.Refused(refusal.get());
        }
        NodeInfo node = topology.node(undrain.node()).orElseThrow();
        return ordered(topology, node, node.orders().undrained());
    }

    static Decision remove(Topology topology, TopologyCommand.RemoveNode remove) {
        NodeId id = remove.node();
        Optional<Refusal> refusal = Refusals.noNode(topology, id)
                .or(() -> Refusals.because(
                        topology.nodes().size() == 1,
                        Reason.NOT_ENOUGH_NODES,
                        "node " + id + " is the last one of the cluster and cannot be removed"));
        if (refusal.isPresent()) {
            return new Decision.Refused(refusal.get());
        }
        if (topology.partitionsOn(id).isEmpty()) {
            return withBalance(topology, new TopologyEvent.NodeRemoved(id), true);
        }
        return notToBeGivenUp(topology, remove)
                .<Decision>map(Decision.Refused::new)
                .orElseGet(() -> {
                    NodeInfo node = topology.node(id).orElseThrow();
                    return ordered(topology, node, node.orders().givenUp());
                });
    }

    private static Optional<Refusal> notToBeGivenUp(Topology topology, TopologyCommand.RemoveNode remove) {
        NodeId id = remove.node();
        int held = topology.partitionsOn(id).size();
        return Refusals.because(
                        !remove.force(),
                        Reason.NODE_NOT_EMPTY,
                        "node " + id + " holds " + held + " replica(s); drain it and wait until it is empty, or use"
                                + " --force if it is gone for good")
                .or(() -> Refusals.because(
                        remove.up().contains(id),
                        Reason.NODE_IS_UP,
                        "node " + id + " is up and holds " + held + " replica(s); drain it and remove it when it is"
                                + " empty, or stop it first"))
                .or(() -> Refusals.because(
                        topology.partition(PartitionId.META)
                                .filter(meta -> meta.voters().equals(List.of(id)))
                                .isPresent(),
                        Reason.NOT_ENOUGH_NODES,
                        "node " + id + " alone holds the topology (table '_meta'); without it the cluster cannot be"
                                + " changed any more: start it again"));
    }

    // ---- what follows -------------------------------------------------------------------------------------------

    private static Decision ordered(Topology topology, NodeInfo node, NodeOrders orders) {
        if (orders.equals(node.orders())) {
            return Decision.accepted();
        }
        NodeInfo after = node.withOrders(orders);
        boolean isBack = node.orders().draining() && !orders.draining();
        return withBalance(
                topology, new TopologyEvent.NodeOrdered(node.id(), orders), isBack || countsOtherwise(node, after));
    }

    private static boolean countsOtherwise(NodeInfo before, NodeInfo after) {
        return before.weight() != after.weight() || !before.zone().equals(after.zone());
    }

    private static Decision withBalance(Topology topology, TopologyEvent event, boolean due) {
        var events = new ArrayList<TopologyEvent>(List.of(event));
        if (due) {
            TableRules.balanceDue(topology).ifPresent(events::add);
        }
        return new Decision.Accepted(events);
    }
}
