package io.aitta.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.replication.Membership;
import io.aitta.core.topology.EndedMove;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.Move;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.PlannedMove;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.TopologyCommand;
import io.aitta.proto.v1.MigrationPhase;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A replica moves, and at each step of it, one after the other, each of those who have a part in it crashes. {@link
 * ClusterSimulationTest} draws what happens when; here all of it happens, each in a world of its own. More worlds of each:
 * {@code -Daitta.sim.faults=10}.
 */
class MoveFaultsSimulationTest {
    private static final long SECOND = 1_000 * Plan.MS;
    private static final long SEEDS = Long.getLong("aitta.sim.faults", 1);
    /** More than a new replica could be sent as a log: it needs a whole copy. */
    private static final long FILLING = 20;

    private enum Victim {
        ORCHESTRATOR,
        SOURCE,
        TARGET
    }

    private enum Source {
        PRIMARY,
        SECONDARY
    }

    /** How long the victim is away. */
    private enum Away {
        SHORTLY(SECOND / 2),
        /** A move waits for its target for 3 s, and a replica is rebuilt elsewhere after 6 s. */
        LONGER_THAN_A_MOVE_WAITS(5 * SECOND);

        final long nanos;

        Away(long nanos) {
            this.nanos = nanos;
        }
    }

    private record Fault(MigrationPhase step, Victim victim, Source source, Away away, long seed) {
        /** A move is taken back if somebody wants it so, or if its target is away for too long, and for nothing else. */
        Set<EndedMove.Outcome> outcomes() {
            boolean isHopeless = victim == Victim.TARGET && away == Away.LONGER_THAN_A_MOVE_WAITS;
            return switch (step) {
                case TAKING_BACK -> EnumSet.of(EndedMove.Outcome.CANCELLED, EndedMove.Outcome.FAILED);
                // The old replica may be told to go before it is noticed that the new one is away.
                case HANDING_OVER, LEAVING ->
                    isHopeless
                            ? EnumSet.of(EndedMove.Outcome.DONE, EndedMove.Outcome.FAILED)
                            : EnumSet.of(EndedMove.Outcome.DONE);
                default -> EnumSet.of(isHopeless ? EndedMove.Outcome.FAILED : EndedMove.Outcome.DONE);
            };
        }
    }

    /** All but one of those a move goes through: that writers are throttled, is the shell's doing, which is not here. */
    @ParameterizedTest
    @EnumSource(
            value = MigrationPhase.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"MIGRATION_PHASE_UNSPECIFIED", "UNRECOGNIZED", "SLOWING_DOWN", "DONE", "CANCELLED", "FAILED"})
    void whoeverCrashesAtThisStepTheMoveIsFinishedOrTakenBackAndNothingIsLeftOfIt(MigrationPhase step) {
        var outcomes = new EnumMap<EndedMove.Outcome, Integer>(EndedMove.Outcome.class);
        for (Victim victim : Victim.values()) {
            for (Source source : Source.values()) {
                // Only a primary hands over.
                if (step != MigrationPhase.HANDING_OVER || source == Source.PRIMARY) {
                    for (Away away : Away.values()) {
                        for (long seed = 1; seed <= SEEDS; seed++) {
                            outcomes.merge(outcomeOf(new Fault(step, victim, source, away, seed)), 1, Integer::sum);
                        }
                    }
                }
            }
        }
        System.out.printf("crashes while %s: %s%n", step, outcomes);
    }

    private static EndedMove.Outcome outcomeOf(Fault fault) {
        var trace = new Trace();
        try {
            return new Round(fault, trace).play();
        } catch (AssertionError | RuntimeException broken) {
            throw new AssertionError(fault + ": " + broken + "\n" + trace, broken);
        }
    }

    /** One move in a world of its own. */
    private static final class Round {
        private final Fault fault;
        private final ClusterSimulation world;
        private NodeId source;
        private NodeId target;
        private long id;

        Round(Fault fault, Trace trace) {
            this.fault = fault;
            this.world = ClusterSimulation.withoutCrashes(fault.seed, 1, trace);
        }

        EndedMove.Outcome play() {
            world.runUntil("the partition has data", () -> primary()
                    .filter(member -> member.store().applied().value() > FILLING)
                    .isPresent());
            var before = holders();
            begin();
            if (fault.step == MigrationPhase.CATCHING_UP || fault.step == MigrationPhase.TAKING_BACK) {
                // Until it is known that it needs a copy, it looks like one that catches up.
                world.runUntil("the copy begins", () -> step().equals(Optional.of(MigrationPhase.COPYING)));
            }
            if (fault.step == MigrationPhase.TAKING_BACK) {
                world.submit(new TopologyCommand.CancelMove(id, true));
            }
            world.runUntil(
                    "the move comes to " + fault.step,
                    () -> step().isEmpty() || step().equals(Optional.of(fault.step)));
            assertThat(step()).as("the step at which it is met").contains(fault.step);
            SimNode victim =
                    switch (fault.victim) {
                        case ORCHESTRATOR -> world.orchestrator().host();
                        case SOURCE -> world.node(source);
                        case TARGET -> world.node(target);
                    };
            victim.crash();
            world.scheduler.after(fault.away.nanos, victim::restart);
            world.runUntil("the move ends", () -> step().isEmpty());
            var outcome = world.topology().moves().ended(id).orElseThrow().outcome();
            assertThat(outcome).isIn(fault.outcomes());
            var wanted = new HashSet<>(before);
            if (outcome == EndedMove.Outcome.DONE) {
                wanted.remove(source);
                wanted.add(target);
            }
            assertThat(holders()).isEqualTo(wanted);
            world.end();
            return outcome;
        }

        /** Orders the move, with an orchestrator that has no other part in it. */
        private void begin() {
            PartitionInfo partition = partition();
            NodeId leader = primary().orElseThrow().id();
            source = fault.source == Source.PRIMARY
                    ? leader
                    : partition.voters().stream()
                            .filter(voter -> !voter.equals(leader))
                            .findFirst()
                            .orElseThrow();
            List<SimNode> others = world.nodes().stream()
                    .filter(node -> !partition.isHeldBy(node.id))
                    .toList();
            target = others.get(0).id;
            world.moveOrchestratorTo(others.get(1));
            // Or the balance might want something else at the same time.
            world.submit(new TopologyCommand.PauseBalancing(true));
            world.submit(new TopologyCommand.OrderMove(
                    Epoch.ZERO,
                    new PlannedMove(
                            partition.id(),
                            Optional.of(target),
                            Optional.of(source),
                            ReplicaInfo.Role.VOTER,
                            Move.Cause.ORDERED),
                    world.nodes().stream().map(node -> node.id).collect(Collectors.toSet()),
                    0));
            world.runUntil(
                    "the move begins",
                    () -> !world.topology().moves().underWay().isEmpty());
            id = world.topology().moves().begun();
        }

        /** By what is so, whoever knows it; empty: the move is over. */
        private Optional<MigrationPhase> step() {
            Optional<Move> move = world.topology().moves().underWay(id);
            if (move.isEmpty()) {
                return Optional.empty();
            } else if (move.get().cancelling()) {
                return Optional.of(MigrationPhase.TAKING_BACK);
            }
            Membership members = world.groupOf(partition().id()).membership();
            Optional<SimMember> primary = primary();
            if (!members.contains(target)) {
                return Optional.of(MigrationPhase.WAITING);
            } else if (members.isLearner(target)) {
                return Optional.of(
                        primary.filter(member -> member.givesCopyTo(target)).isPresent()
                                ? MigrationPhase.COPYING
                                : MigrationPhase.CATCHING_UP);
            }
            return Optional.of(
                    primary.filter(member -> member.id().equals(source)).isPresent()
                            ? MigrationPhase.HANDING_OVER
                            : MigrationPhase.LEAVING);
        }

        private PartitionInfo partition() {
            return world.topology().partitionsOf("t").get(0);
        }

        private Set<NodeId> holders() {
            return partition().replicas().stream().map(ReplicaInfo::node).collect(Collectors.toSet());
        }

        private Optional<SimMember> primary() {
            return world.nodes().stream()
                    .filter(SimNode::isRunning)
                    .flatMap(node -> world.member(node.id, partition().id()).stream())
                    .filter(SimMember::isPrimary)
                    .max(Comparator.comparing(member -> member.durable().term()));
        }
    }
}
