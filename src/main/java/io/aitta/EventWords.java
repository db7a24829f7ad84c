package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.EpochChange;
import io.aitta.core.topology.Move;
import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.NodeOrders;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.TopologyCommand.MoveEnd;
import io.aitta.core.topology.TopologyEvent;
import io.aitta.core.topology.TopologyEvent.BalanceDue;
import io.aitta.core.topology.TopologyEvent.BalancingPaused;
import io.aitta.core.topology.TopologyEvent.ClusterFounded;
import io.aitta.core.topology.TopologyEvent.LearnersSet;
import io.aitta.core.topology.TopologyEvent.MoveCancelled;
import io.aitta.core.topology.TopologyEvent.MovesBegun;
import io.aitta.core.topology.TopologyEvent.MovesEnded;
import io.aitta.core.topology.TopologyEvent.NodeChanged;
import io.aitta.core.topology.TopologyEvent.NodeOrdered;
import io.aitta.core.topology.TopologyEvent.NodeRegistered;
import io.aitta.core.topology.TopologyEvent.NodeRemoved;
import io.aitta.core.topology.TopologyEvent.PartitionRecovered;
import io.aitta.core.topology.TopologyEvent.PrimariesPreferred;
import io.aitta.core.topology.TopologyEvent.PrimariesReported;
import io.aitta.core.topology.TopologyEvent.Promoted;
import io.aitta.core.topology.TopologyEvent.RecoveriesDone;
import io.aitta.core.topology.TopologyEvent.ReplicasSet;
import io.aitta.core.topology.TopologyEvent.ReplicasWanted;
import io.aitta.core.topology.TopologyEvent.TableAltered;
import io.aitta.core.topology.TopologyEvent.TableCreated;
import io.aitta.core.topology.TopologyEvent.TableDropped;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Steps of the topology's history as sentences for people. */
final class EventWords {
    private EventWords() {}

    /** One for each thing that happened; of many alike in one event, one for each of them. */
    static List<String> of(EpochChange change) {
        return change.events().stream().flatMap(event -> of(event).stream()).toList();
    }

    static List<String> of(TopologyEvent event) {
        if (event instanceof PrimariesReported reported) {
            return reported.reports().stream()
                    .map(report -> "node " + report.primary().node() + " is primary of " + name(report.partition())
                            + " in term " + report.primary().term().value())
                    .toList();
        }
        if (event instanceof MovesBegun begun) {
            return begun.moves().stream().map(EventWords::begun).toList();
        }
        if (event instanceof MovesEnded ended) {
            return ended.ends().stream().map(EventWords::ended).toList();
        }
        if (event instanceof Promoted promoted) {
            return promoted.promoted().stream()
                    .map(one ->
                            "the replica of " + name(one.partition()) + " on node " + one.primary() + " became a voter")
                    .toList();
        }
        if (event instanceof PrimariesPreferred preferred) {
            return preferred.preferences().stream()
                    .map(one -> name(one.partition()) + " prefers node " + one.primary() + " as its primary")
                    .toList();
        }
        if (event instanceof RecoveriesDone done) {
            return done.partitions().stream()
                    .map(partition -> name(partition) + " has recovered")
                    .toList();
        }
        return List.of(ofOne(event));
    }

    private static String ofOne(TopologyEvent event) {
        if (event instanceof ClusterFounded founded) {
            return "cluster " + founded.clusterId() + " was founded";
        } else if (event instanceof NodeRegistered registered) {
            return "node " + described(registered.node()) + " joined";
        } else if (event instanceof NodeChanged changed) {
            return "node " + described(changed.node()) + " told anew where it is";
        } else if (event instanceof NodeOrdered ordered) {
            return "node " + ordered.node() + ": " + described(ordered.orders());
        } else if (event instanceof NodeRemoved removed) {
            return "node " + removed.node() + " was removed";
        } else if (event instanceof TableCreated created) {
            return "table '" + created.table().name() + "' was made, with "
                    + count(created.table().partitions(), "partition") + " of "
                    + count(created.table().replicas(), "replica");
        } else if (event instanceof TableAltered altered) {
            return "table '" + altered.name() + "' has other options";
        } else if (event instanceof TableDropped dropped) {
            return "table '" + dropped.name() + "' was dropped";
        } else if (event instanceof ReplicasSet set) {
            return "table '" + set.table() + "' wants " + count(set.replicas(), "replica") + " of each partition";
        } else if (event instanceof LearnersSet set) {
            return "table '" + set.table() + "' wants " + count(set.count(), "learner") + " of each partition in zone '"
                    + set.zone() + "'";
        } else if (event instanceof ReplicasWanted wanted) {
            return name(wanted.partition()) + " wants "
                    + (wanted.replicas() == 0 ? "as many replicas as its table" : count(wanted.replicas(), "replica"));
        } else if (event instanceof MoveCancelled cancelled) {
            return "migration " + cancelled.id() + " is taken back";
        } else if (event instanceof BalanceDue balance) {
            return tables(balance.tables()) + (balance.due() ? " to be balanced" : " balanced");
        } else if (event instanceof BalancingPaused paused) {
            return paused.paused() ? "balancing was paused" : "balancing goes on";
        } else if (event instanceof PartitionRecovered recovered) {
            return name(recovered.partition()) + " goes on with " + nodes(recovered.survivors())
                    + " alone: what only its other replicas had was given up";
        }
        throw new IllegalArgumentException("an event without words: " + event);
    }

    private static String begun(Move move) {
        String what = move.role() == ReplicaInfo.Role.LEARNER && move.to().isPresent() ? "a learner" : "a replica";
        String way = move.to().isPresent() && move.from().isPresent()
                ? "moves from node " + move.from().get() + " to node "
                        + move.to().get()
                : move.to()
                        .map(to -> "comes to node " + to)
                        .orElseGet(() -> "leaves node " + move.from().orElseThrow());
        return "migration " + move.id() + " begins: " + what + " of " + name(move.partition()) + " " + way + " ("
                + why(move.cause()) + ")";
    }

    private static String why(Move.Cause cause) {
        return switch (cause) {
            case REPAIR -> "a replica was lost";
            case ORDERED -> "ordered";
            case FILL -> "too few replicas";
            case DRAIN -> "its node is drained";
            case EXCESS -> "too many replicas";
            case ZONE -> "for its zone";
            case BALANCE -> "for the balance";
        };
    }

    private static String ended(MoveEnd end) {
        String how =
                switch (end.outcome()) {
                    case DONE -> "is done";
                    case CANCELLED -> "was taken back";
                    case FAILED -> "failed";
                };
        return "migration " + end.id() + " " + how + (end.message().isEmpty() ? "" : ": " + end.message());
    }

    private static String described(NodeInfo node) {
        return node.id() + " (" + node.host() + ":" + node.grpcPort() + ", zone '" + node.zone() + "', weight "
                + node.weight() + ")";
    }

    /** All orders that hold from now on: what was ordered before is not known here. */
    private static String described(NodeOrders orders) {
        var words = new ArrayList<String>();
        if (orders.lost()) {
            words.add("given up for good");
        } else if (orders.draining()) {
            words.add(
                    "drained" + orders.replacedBy().map(to -> " to node " + to).orElse(""));
        }
        orders.weight().ifPresent(weight -> words.add("weight " + weight));
        orders.zone().ifPresent(zone -> words.add("zone '" + zone + "'"));
        return words.isEmpty() ? "no orders any more" : String.join(", ", words);
    }

    private static String tables(List<String> tables) {
        String names = tables.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
        return tables.size() == 1 ? "table " + names + " is" : "tables " + names + " are";
    }

    private static String nodes(List<NodeId> nodes) {
        return (nodes.size() == 1 ? "node " : "nodes ")
                + nodes.stream().map(NodeId::value).collect(Collectors.joining(", "));
    }

    private static String name(PartitionId partition) {
        return partition.table() + "/" + partition.partition();
    }

    private static String count(int count, String thing) {
        return count + " " + thing + (count == 1 ? "" : "s");
    }
}
