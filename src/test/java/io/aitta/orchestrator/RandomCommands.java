package io.aitta.orchestrator;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.EndedMove;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.Move;
import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.PlannedMove;
import io.aitta.core.topology.Planner;
import io.aitta.core.topology.Primary;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.TableOptions;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Commands of all kinds, most of them sensible for a topology, some of them nonsense. Equal seeds give equal commands. */
final class RandomCommands {
    private final Random random;
    private final Topology topology;

    private RandomCommands(Random random, Topology topology) {
        this.random = random;
        this.topology = topology;
    }

    static TopologyCommand next(long seed, Topology topology) {
        var random = new Random(seed);
        random.nextInt();
        return new RandomCommands(random, topology).command();
    }

    private TopologyCommand command() {
        return switch (random.nextInt(26)) {
            case 0, 1 -> new TopologyCommand.RegisterNode(newcomer());
            case 2 ->
                new TopologyCommand.CreateTable(
                        "t" + random.nextInt(3),
                        OptionalInt.of(random.nextInt(4)),
                        random.nextBoolean() ? OptionalInt.of(random.nextInt(9)) : OptionalInt.empty(),
                        TableOptions.DEFAULT,
                        new TopologyCommand.TableDefaults(2, 3),
                        up());
            case 3 ->
                new TopologyCommand.AlterTable(
                        table(), OptionalLong.of(random.nextInt(5)), Optional.empty(), OptionalInt.empty());
            case 4 -> new TopologyCommand.DropTable("t" + random.nextInt(3));
            case 5 -> new TopologyCommand.ReportPrimaries(some(this::report));
            case 6 -> new TopologyCommand.SetNodeWeight(node(), random.nextInt(5) - 1);
            case 7 ->
                new TopologyCommand.SetNodeZone(node(), List.of("a", "b", "?").get(random.nextInt(3)));
            case 8 -> new TopologyCommand.DrainNode(node(), perhaps(this::node), up());
            case 9 -> new TopologyCommand.UndrainNode(node());
            case 10, 11 -> new TopologyCommand.RemoveNode(node(), random.nextBoolean(), up());
            case 12 -> new TopologyCommand.SetReplicas(table(), random.nextInt(9), up());
            case 13 -> new TopologyCommand.SetLearners(table(), random.nextBoolean() ? "a" : "b", random.nextInt(3));
            case 14, 15 -> new TopologyCommand.OrderMove(expected(), planned(), up(), random.nextInt(1_000));
            case 16, 17 -> new TopologyCommand.BeginMoves(expected(), some(this::planned), random.nextInt(1_000));
            case 18 -> new TopologyCommand.CancelMove(move());
            case 19 -> new TopologyCommand.ReportPromoted(some(this::preference));
            case 20, 21 -> new TopologyCommand.EndMoves(some(this::end), random.nextInt(1_000));
            case 22 -> new TopologyCommand.PreferPrimaries(List.of(preference()));
            case 23 ->
                random.nextBoolean()
                        ? new TopologyCommand.Rebalance(perhaps(this::table))
                        : new TopologyCommand.ReportBalanced(some(this::table));
            case 24 ->
                random.nextBoolean()
                        ? new TopologyCommand.PauseBalancing(random.nextBoolean())
                        : new TopologyCommand.ReportRecovered(some(this::partition));
            default -> recover();
        };
    }

    private TopologyCommand recover() {
        PartitionId partition = partition();
        List<NodeId> survivors = topology.partition(partition)
                .map(held -> held.replicas().stream()
                        .map(ReplicaInfo::node)
                        .filter(node -> random.nextInt(3) == 0)
                        .toList())
                .orElse(List.of());
        Set<NodeId> up = random.nextInt(4) == 0 ? up() : Set.copyOf(survivors);
        return new TopologyCommand.RecoverPartition(partition, survivors, up, random.nextInt(1_000));
    }

    private NodeInfo newcomer() {
        String name = "n" + random.nextInt(9);
        return NodeInfo.told(new NodeId(name), "i-" + name + random.nextInt(2), name, 1, 2, 3, "a", random.nextInt(4));
    }

    private NodeId node() {
        List<NodeInfo> nodes = List.copyOf(topology.nodes());
        return random.nextInt(8) == 0
                ? new NodeId("n" + random.nextInt(9))
                : nodes.get(random.nextInt(nodes.size())).id();
    }

    private Set<NodeId> up() {
        return topology.nodes().stream()
                .map(NodeInfo::id)
                .filter(node -> random.nextInt(8) > 0)
                .collect(Collectors.toSet());
    }

    private String table() {
        List<TableInfo> tables = List.copyOf(topology.tables());
        return random.nextInt(8) == 0
                ? "t" + random.nextInt(3)
                : tables.get(random.nextInt(tables.size())).name();
    }

    private PartitionId partition() {
        String name = table();
        long epoch =
                topology.table(name).map(table -> table.createdEpoch().value()).orElse(1L);
        return new PartitionId(name, epoch + (random.nextInt(20) == 0 ? 1 : 0), random.nextInt(3));
    }

    private PlannedMove planned() {
        return new PlannedMove(
                partition(),
                perhaps(this::node),
                perhaps(this::node),
                random.nextInt(3) == 0 ? ReplicaInfo.Role.LEARNER : ReplicaInfo.Role.VOTER,
                Move.Cause.values()[random.nextInt(Move.Cause.values().length)]);
    }

    private Planner.Preference preference() {
        List<Move> underWay = topology.moves().underWay();
        if (!underWay.isEmpty() && random.nextBoolean()) {
            Move move = underWay.get(random.nextInt(underWay.size()));
            return new Planner.Preference(move.partition(), move.to().orElseGet(this::node));
        }
        return new Planner.Preference(partition(), node());
    }

    private TopologyCommand.PrimaryReport report() {
        PartitionId partition = partition();
        NodeId primary = topology.partition(partition)
                .map(held -> held.replicas()
                        .get(random.nextInt(held.replicas().size()))
                        .node())
                .orElseGet(this::node);
        return new TopologyCommand.PrimaryReport(partition, new Primary(new Term(1 + random.nextInt(20)), primary));
    }

    private TopologyCommand.MoveEnd end() {
        var outcomes = EndedMove.Outcome.values();
        return new TopologyCommand.MoveEnd(
                move(),
                random.nextBoolean() ? EndedMove.Outcome.DONE : outcomes[random.nextInt(outcomes.length)],
                random.nextBoolean() ? "" : "why");
    }

    private long move() {
        List<Move> underWay = topology.moves().underWay();
        return underWay.isEmpty() || random.nextInt(8) == 0
                ? random.nextInt(20)
                : underWay.get(random.nextInt(underWay.size())).id();
    }

    private Epoch expected() {
        return switch (random.nextInt(8)) {
            case 0 -> new Epoch(1);
            case 1 -> topology.epoch();
            default -> Epoch.ZERO;
        };
    }

    private <T> Optional<T> perhaps(Supplier<T> one) {
        return random.nextBoolean() ? Optional.of(one.get()) : Optional.empty();
    }

    private <T> List<T> some(Supplier<T> one) {
        var all = new ArrayList<T>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            all.add(one.get());
        }
        return all;
    }
}
