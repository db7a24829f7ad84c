package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.Refusal.Reason;
import io.aitta.core.topology.TopologyCommand.PrimaryReport;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Who leads a partition, who should, and what is left when too many of those who could are gone. */
final class PrimaryRules {
    private PrimaryRules() {}

    /** Reports of unknown partitions, of nodes that hold none of them and of terms not newer are no news. */
    static Decision report(Topology topology, TopologyCommand.ReportPrimaries report) {
        var news = new TreeMap<PartitionId, PrimaryReport>();
        for (PrimaryReport one : report.reports()) {
            PartitionInfo partition = topology.partition(one.partition()).orElse(null);
            if (partition == null || !partition.isHeldBy(one.primary().node())) {
                continue;
            }
            PrimaryReport rival = news.get(one.partition());
            Term newest = rival != null ? rival.primary().term() : partition.term();
            if (one.primary().term().isNewerThan(newest)) {
                news.put(one.partition(), one);
            }
        }
        return news.isEmpty()
                ? Decision.accepted()
                : Decision.accepted(new TopologyEvent.PrimariesReported(List.copyOf(news.values())));
    }

    /** All of them, or none if one of them cannot be. */
    static Decision prefer(Topology topology, TopologyCommand.PreferPrimaries prefer) {
        // The last word counts.
        var asked = new TreeMap<PartitionId, Planner.Preference>();
        for (Planner.Preference one : prefer.preferences()) {
            Optional<Refusal> refusal = Refusals.noPartition(topology, one.partition())
                    .or(() -> Refusals.noNode(topology, one.primary()))
                    .or(() -> noVoter(topology.partition(one.partition()).orElseThrow(), one.primary()));
            if (refusal.isPresent()) {
                return new Decision.Refused(refusal.get());
            }
            asked.put(one.partition(), one);
        }
        List<Planner.Preference> news = asked.values().stream()
                .filter(one -> !topology.partition(one.partition())
                        .orElseThrow()
                        .preferredPrimary()
                        .equals(one.primary()))
                .toList();
        return news.isEmpty() ? Decision.accepted() : Decision.accepted(new TopologyEvent.PrimariesPreferred(news));
    }

    private static Optional<Refusal> noVoter(PartitionInfo partition, NodeId node) {
        return Refusals.notAReplica(partition, node)
                .or(() -> Refusals.because(
                        !partition.voters().contains(node),
                        Reason.NOT_A_REPLICA,
                        "node " + node + " holds " + Refusals.name(partition.id())
                                + " as a learner, which cannot be primary; choose a voter: "
                                + Refusals.names(partition.voters())));
    }

    static Decision recover(Topology topology, TopologyCommand.RecoverPartition recover) {
        PartitionId id = recover.partition();
        Optional<Refusal> refusal = Refusals.noPartition(topology, id)
                .or(() -> noSurvivor(topology, recover))
                .or(() -> hasMajority(topology, topology.partition(id).orElseThrow(), recover));
        if (refusal.isPresent()) {
            return new Decision.Refused(refusal.get());
        }
        // In the order of preference that they had.
        List<NodeId> survivors = topology.partition(id).orElseThrow().replicas().stream()
                .map(ReplicaInfo::node)
                .filter(recover.survivors()::contains)
                .toList();
        return Decision.accepted(new TopologyEvent.PartitionRecovered(id, survivors, recover.nowMillis()));
    }

    private static Optional<Refusal> noSurvivor(Topology topology, TopologyCommand.RecoverPartition recover) {
        PartitionInfo partition = topology.partition(recover.partition()).orElseThrow();
        for (NodeId survivor : recover.survivors()) {
            Optional<Refusal> refusal = Refusals.noNode(topology, survivor)
                    .or(() -> Refusals.notAReplica(partition, survivor))
                    .or(() -> Refusals.notUp(survivor, recover.up()));
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return Refusals.because(
                recover.survivors().isEmpty(),
                Reason.NOT_A_REPLICA,
                Refusals.name(partition.id()) + " cannot go on without a survivor; name one that is up: "
                        + Refusals.names(partition.replicas().stream()
                                .map(ReplicaInfo::node)
                                .filter(recover.up()::contains)
                                .toList()));
    }

    /** Counted with who may have become a voter by a move, and have died before anybody could hear of it. */
    private static Optional<Refusal> hasMajority(
            Topology topology, PartitionInfo partition, TopologyCommand.RecoverPartition recover) {
        var voters = new LinkedHashSet<>(partition.voters());
        Move move = topology.moves().byPartition().get(partition.id());
        if (move != null && move.role() == ReplicaInfo.Role.VOTER) {
            move.to().ifPresent(voters::add);
        }
        return Refusals.because(
                MoveRules.isMajority(List.copyOf(voters), recover.up()),
                Reason.RECOVERY_NOT_NEEDED,
                Refusals.name(partition.id()) + " has a majority of voters that are up ("
                        + Refusals.names(partition.voters().stream()
                                .filter(recover.up()::contains)
                                .toList())
                        + " of " + Refusals.names(partition.voters()) + ") and goes on without being recovered");
    }

    static Decision recovered(Topology topology, TopologyCommand.ReportRecovered report) {
        List<PartitionId> news = report.partitions().stream()
                .distinct()
                .filter(id ->
                        topology.partition(id).filter(PartitionInfo::recovering).isPresent())
                .sorted()
                .toList();
        return news.isEmpty() ? Decision.accepted() : Decision.accepted(new TopologyEvent.RecoveriesDone(news));
    }
}
