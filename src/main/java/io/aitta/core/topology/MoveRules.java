package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.Refusal.Reason;
import io.aitta.core.topology.TopologyCommand.MoveEnd;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** How moves begin, go on and end. What people order is refused with a reason; what no longer fits of a plan is left out. */
final class MoveRules {
    private MoveRules() {}

    // ---- by order -----------------------------------------------------------------------------------------------

    static Decision order(Topology topology, TopologyCommand.OrderMove order) {
        PlannedMove asked = order.move();
        Optional<Refusal> refusal = Refusals.staleEpoch(topology, order.expected())
                .or(() -> Refusals.noPartition(topology, asked.partition()))
                .or(() -> asked.from().flatMap(from -> Refusals.noNode(topology, from)))
                .or(() -> asked.to().flatMap(to -> Refusals.noNode(topology, to)))
                .or(() -> underWay(topology, asked.partition()))
                .or(() -> unfit(topology.partition(asked.partition()).orElseThrow(), asked))
                .or(() -> asked.to()
                        .flatMap(to -> Refusals.notUp(to, order.up()).or(() -> Refusals.leaving(topology, to))));
        if (refusal.isPresent()) {
            return new Decision.Refused(refusal.get());
        }
        PartitionInfo partition = topology.partition(asked.partition()).orElseThrow();
        // A replica that goes elsewhere stays what it is.
        ReplicaInfo.Role role = asked.to().isPresent() && asked.from().isPresent()
                ? partition.replica(asked.from().get()).orElseThrow().role()
                : asked.role();
        var move = new PlannedMove(partition.id(), asked.to(), asked.from(), role, Move.Cause.ORDERED);
        return tooMany(partition, move)
                .or(() -> quorumAtRisk(partition, move, order.up()))
                .<Decision>map(Decision.Refused::new)
                .orElseGet(() -> ordered(topology, partition, move, order.nowMillis()));
    }

    private static Decision ordered(Topology topology, PartitionInfo partition, PlannedMove move, long nowMillis) {
        var events = new ArrayList<TopologyEvent>();
        events.add(new TopologyEvent.MovesBegun(
                List.of(begun(move, topology.moves().begun() + 1, nowMillis))));
        TableInfo table = topology.table(partition.id().table()).orElseThrow();
        int wanted = table.replicasWantedOf(partition);
        int after = votersAfter(partition, move);
        boolean wouldBeUndone =
                move.from().isEmpty() && after > wanted || move.to().isEmpty() && after < wanted;
        if (wouldBeUndone) {
            events.add(new TopologyEvent.ReplicasWanted(partition.id(), after == table.replicas() ? 0 : after));
        }
        return new Decision.Accepted(events);
    }

    private static Optional<Refusal> underWay(Topology topology, PartitionId partition) {
        return Optional.ofNullable(topology.moves().byPartition().get(partition))
                .map(move -> new Refusal(
                        Reason.MOVE_UNDER_WAY,
                        Refusals.name(partition) + " has a move under way, number " + move.id()
                                + "; wait until it is over, or cancel it"));
    }

    private static Optional<Refusal> unfit(PartitionInfo partition, PlannedMove move) {
        return Refusals.because(
                        move.from().isEmpty() && move.to().isEmpty(),
                        Reason.NOT_A_REPLICA,
                        "no node is named; say whose replica of " + Refusals.name(partition.id())
                                + " is to go, or who is to get one, or both")
                .or(() -> move.from().flatMap(from -> Refusals.notAReplica(partition, from)))
                .or(() -> move.to().flatMap(partition::replica).map(held -> alreadyAReplica(partition, held)));
    }

    private static Refusal alreadyAReplica(PartitionInfo partition, ReplicaInfo held) {
        return new Refusal(
                Reason.ALREADY_A_REPLICA,
                "node " + held.node() + " holds a replica of " + Refusals.name(partition.id()) + " already"
                        + (held.role() == ReplicaInfo.Role.LEARNER ? ", a learner" : "") + "; choose a node that holds"
                        + " none");
    }

    private static Optional<Refusal> tooMany(PartitionInfo partition, PlannedMove move) {
        if (move.to().isEmpty() || move.from().isPresent()) {
            return Optional.empty();
        }
        List<NodeId> alike = move.role() == ReplicaInfo.Role.VOTER ? partition.voters() : partition.learners();
        return Refusals.because(
                alike.size() >= TopologyState.MAX_REPLICAS,
                Reason.BAD_REPLICAS,
                Refusals.name(partition.id()) + " has " + alike.size() + " "
                        + (move.role() == ReplicaInfo.Role.VOTER ? "voters" : "learners") + ", the most there can be;"
                        + " remove one first");
    }

    /** Every step needs a majority that is up, and must leave one. */
    private static Optional<Refusal> quorumAtRisk(PartitionInfo partition, PlannedMove move, Set<NodeId> up) {
        List<NodeId> voters = partition.voters();
        var after = new HashSet<>(voters);
        move.from().ifPresent(after::remove);
        move.to().filter(to -> move.role() == ReplicaInfo.Role.VOTER).ifPresent(after::add);
        String name = Refusals.name(partition.id());
        return Refusals.because(
                        after.isEmpty(),
                        Reason.QUORUM_AT_RISK,
                        name + " would be left without a voter; add one on another node first")
                .or(() -> Refusals.because(
                        !isMajority(voters, up),
                        Reason.QUORUM_AT_RISK,
                        name + " has no majority now: " + countIn(voters, up) + " of " + voters.size()
                                + " voters are up; bring one back first"))
                .or(() -> Refusals.because(
                        !isMajority(after, up),
                        Reason.QUORUM_AT_RISK,
                        name + " would depend on nodes that are down: " + countIn(after, up) + " of " + after.size()
                                + " voters would be up, no majority; bring one back first, or remove one that is"
                                + " down"));
    }

    static boolean isMajority(Collection<NodeId> voters, Set<NodeId> up) {
        return 2 * countIn(voters, up) > voters.size();
    }

    private static long countIn(Collection<NodeId> voters, Set<NodeId> up) {
        return voters.stream().filter(up::contains).count();
    }

    private static int votersAfter(PartitionInfo partition, PlannedMove move) {
        int voters = partition.voters().size();
        if (move.to().isPresent() && move.role() == ReplicaInfo.Role.VOTER) {
            voters++;
        }
        if (move.from().filter(partition.voters()::contains).isPresent()) {
            voters--;
        }
        return voters;
    }

    // ---- by plan ------------------------------------------------------------------------------------------------

    static Decision begin(Topology topology, TopologyCommand.BeginMoves begin) {
        Optional<Refusal> stale = Refusals.staleEpoch(topology, begin.expected());
        if (stale.isPresent()) {
            return new Decision.Refused(stale.get());
        }
        var taken = new HashSet<>(topology.moves().byPartition().keySet());
        var begun = new ArrayList<Move>();
        for (PlannedMove move : begin.moves()) {
            if (fits(topology, move) && taken.add(move.partition())) {
                begun.add(begun(move, topology.moves().begun() + 1 + begun.size(), begin.nowMillis()));
            }
        }
        return begun.isEmpty()
                ? Decision.accepted()
                : Decision.accepted(new TopologyEvent.MovesBegun(List.copyOf(begun)));
    }

    private static boolean fits(Topology topology, PlannedMove move) {
        PartitionInfo partition = topology.partition(move.partition()).orElse(null);
        return partition != null
                && unfit(partition, move).isEmpty()
                && move.to()
                        .map(to -> topology.node(to)
                                .filter(node -> !node.orders().draining())
                                .isPresent())
                        .orElse(true)
                && tooMany(partition, move).isEmpty()
                && votersAfter(partition, move) > 0;
    }

    private static Move begun(PlannedMove move, long id, long nowMillis) {
        return new Move(id, move.partition(), move.to(), move.from(), move.role(), move.cause(), false, nowMillis);
    }

    // ---- going on and ending ------------------------------------------------------------------------------------

    static Decision cancel(Topology topology, TopologyCommand.CancelMove cancel) {
        Optional<Move> underWay = topology.moves().underWay(cancel.id());
        if (underWay.isEmpty()) {
            return new Decision.Refused(isOver(topology.moves(), cancel.id()));
        }
        Move move = underWay.get();
        if (move.cancelling()) {
            return Decision.accepted();
        }
        PartitionInfo partition = topology.partition(move.partition()).orElseThrow();
        boolean isPromoted = !cancel.evenIfPromoted()
                && move.role() == ReplicaInfo.Role.VOTER
                && move.to().filter(partition.voters()::contains).isPresent();
        if (isPromoted) {
            return Decision.refused(
                    Reason.MOVE_NOT_CANCELLABLE,
                    "move " + move.id() + " is too far to be taken back: node "
                            + move.to().get() + " is a voter already; wait until it is over, and move the replica"
                            + " back");
        }
        var events = new ArrayList<TopologyEvent>(List.of(new TopologyEvent.MoveCancelled(move.id())));
        wantedAgain(topology, move).ifPresent(events::add);
        return new Decision.Accepted(events);
    }

    private static Refusal isOver(Moves moves, long id) {
        if (id <= 0 || id > moves.begun()) {
            return new Refusal(
                    Reason.MOVE_NOT_FOUND,
                    "there is no move " + Long.toUnsignedString(id) + "; list the migrations to see those under way");
        }
        String how = moves.ended(id).map(ended -> " (" + ended.outcome() + ")").orElse("");
        return new Refusal(
                Reason.MOVE_NOT_CANCELLABLE, "move " + id + " is over" + how + "; to undo it, move the replica back");
    }

    /** A move that is taken back takes what it changed of the wanted number with it. */
    private static Optional<TopologyEvent> wantedAgain(Topology topology, Move move) {
        PartitionInfo partition = topology.partition(move.partition()).orElseThrow();
        long present = partition.voters().stream()
                .filter(voter -> !move.to().equals(Optional.of(voter)))
                .count();
        boolean addsVoter = move.from().isEmpty() && move.role() == ReplicaInfo.Role.VOTER;
        boolean removesVoter = move.to().isEmpty()
                && move.from().filter(partition.voters()::contains).isPresent();
        TableInfo table = topology.table(move.partition().table()).orElseThrow();
        int wanted = table.replicasWantedOf(partition);
        boolean isItsDoing = move.cause() == Move.Cause.ORDERED
                && (addsVoter && wanted == present + 1 || removesVoter && wanted == present - 1);
        // What was wanted before can only have been the number there is, or one that the table wants.
        int before = present == table.replicas() ? 0 : (int) present;
        return isItsDoing && partition.replicasWanted() != before
                ? Optional.of(new TopologyEvent.ReplicasWanted(partition.id(), before))
                : Optional.empty();
    }

    /** Of learners that are none, or that nobody knows, it is no news. */
    static Decision promoted(Topology topology, TopologyCommand.ReportPromoted report) {
        List<Planner.Preference> news = report.promoted().stream()
                .distinct()
                .filter(one -> topology.partition(one.partition())
                        .filter(partition -> partition.learners().contains(one.primary()))
                        .isPresent())
                .sorted(Comparator.comparing(Planner.Preference::partition))
                .toList();
        return news.isEmpty() ? Decision.accepted() : Decision.accepted(new TopologyEvent.Promoted(news));
    }

    static Decision end(Topology topology, TopologyCommand.EndMoves end) {
        var ends = new TreeMap<Long, MoveEnd>();
        var events = new ArrayList<TopologyEvent>();
        for (MoveEnd one : end.ends()) {
            Optional<Move> move = topology.moves().underWay(one.id());
            if (move.isPresent()
                    && ends.putIfAbsent(one.id(), one) == null
                    && one.outcome() != EndedMove.Outcome.DONE) {
                wantedAgain(topology, move.get()).ifPresent(events::add);
            }
        }
        if (ends.isEmpty()) {
            return Decision.accepted();
        }
        events.add(new TopologyEvent.MovesEnded(List.copyOf(ends.values()), end.nowMillis()));
        return new Decision.Accepted(events);
    }
}
