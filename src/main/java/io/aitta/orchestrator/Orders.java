package io.aitta.orchestrator;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.Move;
import io.aitta.core.topology.PlannedMove;
import io.aitta.core.topology.Planner;
import io.aitta.core.topology.Refusal;
import io.aitta.core.topology.Refusal.Reason;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** What people order, in the topology's own words. Stateless. */
final class Orders {
    /** Either of them. */
    sealed interface Meant {
        record Command(TopologyCommand command) implements Meant {}

        /** It speaks of something that is not there. */
        record Refused(Refusal refusal) implements Meant {}
    }

    private Orders() {}

    /**
     * @param up nodes that can be reached now
     * @param nowMillis since 1970
     */
    static Meant meant(Order order, Topology topology, Set<NodeId> up, long nowMillis) {
        if (order instanceof Order.SetNodeWeight weight) {
            return command(new TopologyCommand.SetNodeWeight(weight.node(), weight.weight()));
        } else if (order instanceof Order.SetNodeZone zone) {
            return command(new TopologyCommand.SetNodeZone(zone.node(), zone.zone()));
        } else if (order instanceof Order.DrainNode drain) {
            return command(new TopologyCommand.DrainNode(drain.node(), drain.replacement(), up));
        } else if (order instanceof Order.UndrainNode undrain) {
            return command(new TopologyCommand.UndrainNode(undrain.node()));
        } else if (order instanceof Order.RemoveNode remove) {
            return command(new TopologyCommand.RemoveNode(remove.node(), remove.force(), up));
        } else if (order instanceof Order.SetReplicas replicas) {
            return command(new TopologyCommand.SetReplicas(replicas.table(), replicas.replicas(), up));
        } else if (order instanceof Order.SetLearners learners) {
            return command(new TopologyCommand.SetLearners(learners.table(), learners.zone(), learners.count()));
        } else if (order instanceof Order.CancelMove cancel) {
            return command(new TopologyCommand.CancelMove(cancel.id()));
        } else if (order instanceof Order.PauseBalancing pause) {
            return command(new TopologyCommand.PauseBalancing(pause.paused()));
        } else if (order instanceof Order.Rebalance rebalance) {
            return rebalance(rebalance, topology);
        }
        return ofPartition(order, topology, up, nowMillis);
    }

    private static Meant ofPartition(Order order, Topology topology, Set<NodeId> up, long nowMillis) {
        if (order instanceof Order.MoveReplica move) {
            return move(move, topology, up, nowMillis);
        } else if (order instanceof Order.PreferPrimary prefer) {
            return prefer(prefer, topology, up);
        }
        var recover = (Order.RecoverPartition) order;
        var at = Place.of(topology, recover.table(), recover.partition());
        return at.refusal != null
                ? refused(at.refusal)
                : command(new TopologyCommand.RecoverPartition(at.partition, recover.survivors(), up, nowMillis));
    }

    private static Meant rebalance(Order.Rebalance rebalance, Topology topology) {
        return stale(rebalance.expectedEpoch(), topology)
                .orElseGet(() -> command(new TopologyCommand.Rebalance(rebalance.table())));
    }

    private static Optional<Meant> stale(OptionalLong expected, Topology topology) {
        return expected.isEmpty() || expected.getAsLong() == topology.epoch().value()
                ? Optional.empty()
                : Optional.of(refused(
                        Reason.STALE_EPOCH,
                        "this was asked for epoch " + Long.toUnsignedString(expected.getAsLong())
                                + ", and the topology is at epoch " + topology.epoch() + " by now; look again"));
    }

    private static Meant move(Order.MoveReplica move, Topology topology, Set<NodeId> up, long nowMillis) {
        var at = Place.of(topology, move.table(), move.partition());
        if (at.refusal != null) {
            return refused(at.refusal);
        }
        var stale = stale(move.expectedEpoch(), topology);
        if (stale.isPresent()) {
            return stale.get();
        }
        if (move.from().isEmpty() && move.to().isEmpty()) {
            return refused(
                    Reason.NODE_NOT_FOUND, "a move needs a node that gets a replica, one that loses it, or both");
        }
        if (move.from().equals(move.to())) {
            return refused(
                    Reason.ALREADY_A_REPLICA,
                    "node " + move.to().get() + " cannot give its replica of " + at.partition + " to itself");
        }
        var role = move.learner() ? ReplicaInfo.Role.LEARNER : ReplicaInfo.Role.VOTER;
        var planned = new PlannedMove(at.partition, move.to(), move.from(), role, Move.Cause.ORDERED);
        return command(new TopologyCommand.OrderMove(Epoch.ZERO, planned, up, nowMillis));
    }

    private static Meant prefer(Order.PreferPrimary prefer, Topology topology, Set<NodeId> up) {
        var at = Place.of(topology, prefer.table(), prefer.partition());
        if (at.refusal != null) {
            return refused(at.refusal);
        }
        List<NodeId> voters = topology.partition(at.partition).orElseThrow().voters();
        if (!voters.contains(prefer.node())) {
            return refused(
                    Reason.NOT_A_REPLICA,
                    "node " + prefer.node() + " is no voter of " + at.partition + "; its voters are on " + voters);
        }
        if (!up.contains(prefer.node())) {
            return refused(
                    Reason.NODE_NOT_UP, "node " + prefer.node() + " cannot be reached now; it cannot become primary");
        }
        return command(
                new TopologyCommand.PreferPrimaries(List.of(new Planner.Preference(at.partition, prefer.node()))));
    }

    private static Meant command(TopologyCommand command) {
        return new Meant.Command(command);
    }

    private static Meant refused(Reason reason, String message) {
        return refused(new Refusal(reason, message));
    }

    private static Meant refused(Refusal refusal) {
        return new Meant.Refused(refusal);
    }

    /** Where a partition is, or why it is nowhere; the other is null. */
    private record Place(PartitionId partition, Refusal refusal) {
        static Place of(Topology topology, String name, int number) {
            Optional<TableInfo> table = topology.table(name);
            if (table.isEmpty()) {
                return new Place(null, new Refusal(Reason.TABLE_NOT_FOUND, "there is no table '" + name + "'"));
            }
            int partitions = table.get().partitions();
            if (number < 0 || number >= partitions) {
                String range = partitions == 1 ? "partition 0 only" : "partitions 0 to " + (partitions - 1);
                return new Place(
                        null,
                        new Refusal(
                                Reason.PARTITION_NOT_FOUND, "table '" + name + "' has " + range + ", not " + number));
            }
            return new Place(table.get().partition(number), null);
        }
    }
}
