package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.topology.Refusal.Reason;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** How tables come, change and go, and how many replicas they are to have. */
final class TableRules {
    private static final Pattern TABLE_NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}");

    private TableRules() {}

    // ---- making, altering, dropping -----------------------------------------------------------------------------

    static Decision create(Topology topology, TopologyCommand.CreateTable create) {
        String name = create.name();
        int partitions = create.partitions().orElse(create.defaults().partitions());
        OptionalInt asked = create.replicas();
        Optional<Refusal> refusal = Refusals.because(
                        !TABLE_NAME.matcher(name).matches(), Reason.BAD_TABLE_NAME, badName(name))
                .or(() -> Refusals.because(
                        topology.table(name).isPresent(),
                        Reason.TABLE_EXISTS,
                        "table '" + name + "' exists already; drop it first or choose another name"))
                .or(() -> Refusals.because(
                        partitions < 1 || partitions > TopologyState.MAX_PARTITIONS,
                        Reason.BAD_PARTITIONS,
                        "a table has 1 to " + TopologyState.MAX_PARTITIONS + " partitions, not "
                                + Integer.toUnsignedString(partitions)))
                .or(() -> asked.isPresent() ? badReplicas(asked.getAsInt()) : Optional.empty());
        return refusal.<Decision>map(Decision.Refused::new).orElseGet(() -> place(topology, create, partitions));
    }

    private static Decision place(Topology topology, TopologyCommand.CreateTable create, int partitions) {
        List<Placement.Candidate> usable = candidates(topology, usable(create.up()));
        int wanted = create.replicas().orElse(create.defaults().replicas());
        // What nobody asked for by name is completed when there are nodes for it.
        int placed = create.replicas().isPresent() ? wanted : Math.max(1, Math.min(wanted, usable.size()));
        if (topology.partitionCount() + partitions > TopologyState.MAX_PARTITIONS_OF_CLUSTER
                || tooMany(topology, (long) partitions * wanted)) {
            return Decision.refused(
                    Reason.BAD_PARTITIONS,
                    "the cluster would have more than " + TopologyState.MAX_PARTITIONS_OF_CLUSTER + " partitions or "
                            + TopologyState.MAX_REPLICAS_OF_CLUSTER
                            + " replicas in all tables; ask for fewer or drop a table");
        }
        var places = Placement.place(usable, placed, partitions);
        if (places.isEmpty()) {
            List<NodeId> nodes = usable.stream().map(Placement.Candidate::id).toList();
            return Decision.refused(Reason.NOT_ENOUGH_NODES, notEnoughNodes(create.name(), placed, nodes));
        }
        var table = new TableInfo(create.name(), topology.epoch().next(), partitions, wanted, false, create.options());
        return Decision.accepted(new TopologyEvent.TableCreated(table, places.get()));
    }

    static Decision alter(Topology topology, TopologyCommand.AlterTable alter) {
        Optional<Refusal> refusal =
                Refusals.protectedTable(alter.name(), "altered").or(() -> Refusals.noTable(topology, alter.name()));
        if (refusal.isPresent()) {
            return new Decision.Refused(refusal.get());
        }
        TableOptions before = topology.table(alter.name()).orElseThrow().options();
        var options = new TableOptions(
                alter.defaultTimeToLiveMillis().orElse(before.defaultTimeToLiveMillis()),
                alter.defaultConsistency().orElse(before.defaultConsistency()),
                alter.maxValueBytes().orElse(before.maxValueBytes()));
        return options.equals(before)
                ? Decision.accepted()
                : Decision.accepted(new TopologyEvent.TableAltered(alter.name(), options));
    }

    static Decision drop(Topology topology, TopologyCommand.DropTable drop) {
        return Refusals.protectedTable(drop.name(), "dropped")
                .or(() -> Refusals.noTable(topology, drop.name()))
                .<Decision>map(Decision.Refused::new)
                .orElseGet(() -> Decision.accepted(new TopologyEvent.TableDropped(drop.name())));
    }

    // ---- how many replicas --------------------------------------------------------------------------------------

    static Decision setReplicas(Topology topology, TopologyCommand.SetReplicas set) {
        boolean isMeta = set.table().equals(TopologyState.META_TABLE);
        Optional<Refusal> refusal = (isMeta
                        ? Optional.<Refusal>empty()
                        : Refusals.protectedTable(set.table(), "changed"))
                .or(() -> Refusals.noTable(topology, set.table()))
                .or(() -> badReplicas(set.replicas()))
                .or(() -> Refusals.because(
                        isMeta && set.replicas() % 2 == 0,
                        Reason.BAD_REPLICAS,
                        "table '_meta' has 1, 3, 5 or 7 replicas, not " + set.replicas()
                                + "; an odd number survives as many losses with fewer"));
        if (refusal.isPresent()) {
            return new Decision.Refused(refusal.get());
        }
        TableInfo table = topology.table(set.table()).orElseThrow();
        // To have fewer, no nodes are needed.
        if (set.replicas() > table.replicas()) {
            refusal = tooFewNodes(topology, set)
                    .or(() -> tooManyReplicas(topology, table, set.replicas() - table.replicas()));
        }
        if (refusal.isPresent()) {
            return new Decision.Refused(refusal.get());
        }
        boolean changes = table.replicas() != set.replicas()
                || topology.partitionsOf(table.name()).stream().anyMatch(one -> one.replicasWanted() != 0);
        return changes
                ? Decision.accepted(new TopologyEvent.ReplicasSet(table.name(), set.replicas()))
                : Decision.accepted();
    }

    private static Optional<Refusal> tooFewNodes(Topology topology, TopologyCommand.SetReplicas set) {
        List<NodeId> nodes = topology.nodes().stream()
                .filter(usable(set.up()))
                .map(NodeInfo::id)
                .toList();
        return Refusals.because(
                nodes.size() < set.replicas(),
                Reason.NOT_ENOUGH_NODES,
                notEnoughNodes(set.table(), set.replicas(), nodes));
    }

    static Decision setLearners(Topology topology, TopologyCommand.SetLearners set) {
        Optional<Refusal> refusal = Refusals.protectedTable(set.table(), "given learners")
                .or(() -> Refusals.noTable(topology, set.table()))
                .or(() -> NodeRules.badZone(set.zone()))
                .or(() -> Refusals.because(
                        set.count() < 0 || set.count() > TopologyState.MAX_REPLICAS,
                        Reason.BAD_REPLICAS,
                        "a partition has 0 to " + TopologyState.MAX_REPLICAS + " learners in a zone, not "
                                + Integer.toUnsignedString(set.count())));
        if (refusal.isPresent()) {
            return new Decision.Refused(refusal.get());
        }
        TableInfo table = topology.table(set.table()).orElseThrow();
        int before = table.learners().getOrDefault(set.zone(), 0);
        if (set.count() > before) {
            refusal = notInZone(topology, set).or(() -> tooManyReplicas(topology, table, set.count() - before));
        }
        return refusal.<Decision>map(Decision.Refused::new)
                .orElseGet(() -> set.count() == before
                        ? Decision.accepted()
                        : Decision.accepted(new TopologyEvent.LearnersSet(table.name(), set.zone(), set.count())));
    }

    private static Optional<Refusal> notInZone(Topology topology, TopologyCommand.SetLearners set) {
        var zones = new TreeSet<String>();
        topology.nodes().forEach(node -> zones.add(node.zone()));
        long there = topology.nodes().stream()
                .filter(NodeRules::takesReplicas)
                .filter(node -> node.zone().equals(set.zone()))
                .count();
        return Refusals.because(
                        !zones.contains(set.zone()),
                        Reason.BAD_ZONE,
                        "no node stands in zone '" + set.zone() + "'; zones with nodes: " + String.join(", ", zones))
                .or(() -> Refusals.because(
                        there < set.count(),
                        Reason.NOT_ENOUGH_NODES,
                        set.count() + " learner(s) of a partition need as many nodes in zone '" + set.zone()
                                + "'; there with a weight above 0 and not being drained: " + there
                                + "; start more nodes there or ask for fewer"));
    }

    private static Optional<Refusal> badReplicas(int replicas) {
        return Refusals.because(
                replicas < 1 || replicas > TopologyState.MAX_REPLICAS,
                Reason.BAD_REPLICAS,
                "a partition has 1 to " + TopologyState.MAX_REPLICAS + " replicas, not "
                        + Integer.toUnsignedString(replicas));
    }

    private static Optional<Refusal> tooManyReplicas(Topology topology, TableInfo table, int more) {
        return Refusals.because(
                tooMany(topology, (long) table.partitions() * more),
                Reason.BAD_REPLICAS,
                "the cluster would have more than " + TopologyState.MAX_REPLICAS_OF_CLUSTER
                        + " replicas in all tables; ask for fewer or drop a table");
    }

    private static boolean tooMany(Topology topology, long more) {
        long wanted = 0;
        for (TableInfo table : topology.tables()) {
            int learners = table.learners().values().stream()
                    .mapToInt(Integer::intValue)
                    .sum();
            wanted += (long) table.partitions() * (table.replicas() + learners);
        }
        return wanted + more > TopologyState.MAX_REPLICAS_OF_CLUSTER;
    }

    // ---- the balance --------------------------------------------------------------------------------------------

    static Decision rebalance(Topology topology, TopologyCommand.Rebalance rebalance) {
        if (rebalance.table().isEmpty()) {
            return new Decision.Accepted(balanceDue(topology).stream().toList());
        }
        String name = rebalance.table().get();
        return Refusals.protectedTable(name, "balanced")
                .or(() -> Refusals.noTable(topology, name))
                .<Decision>map(Decision.Refused::new)
                .orElseGet(() -> topology.table(name).orElseThrow().balanceDue()
                        ? Decision.accepted()
                        : Decision.accepted(new TopologyEvent.BalanceDue(List.of(name), true)));
    }

    /** That every table is to be balanced; nothing if that is so already. */
    static Optional<TopologyEvent> balanceDue(Topology topology) {
        List<String> tables = topology.tables().stream()
                .filter(table -> !table.protectedSystem() && !table.balanceDue())
                .map(TableInfo::name)
                .toList();
        return tables.isEmpty() ? Optional.empty() : Optional.of(new TopologyEvent.BalanceDue(tables, true));
    }

    static Decision balanced(Topology topology, TopologyCommand.ReportBalanced report) {
        List<String> tables = report.tables().stream()
                .distinct()
                .filter(name ->
                        topology.table(name).filter(TableInfo::balanceDue).isPresent())
                .toList();
        return tables.isEmpty() ? Decision.accepted() : Decision.accepted(new TopologyEvent.BalanceDue(tables, false));
    }

    static Decision pauseBalancing(Topology topology, TopologyCommand.PauseBalancing pause) {
        return topology.moves().balancingPaused() == pause.paused()
                ? Decision.accepted()
                : Decision.accepted(new TopologyEvent.BalancingPaused(pause.paused()));
    }

    // ---- nodes for tables ---------------------------------------------------------------------------------------

    private static Predicate<NodeInfo> usable(Set<NodeId> up) {
        return node -> up.contains(node.id()) && NodeRules.takesReplicas(node);
    }

    /** Nodes with what they carry of ordinary tables. */
    private static List<Placement.Candidate> candidates(Topology topology, Predicate<NodeInfo> fit) {
        var replicas = new HashMap<NodeId, Integer>();
        var primaries = new HashMap<NodeId, Integer>();
        for (TableInfo table : topology.tables()) {
            if (!table.protectedSystem()) {
                for (PartitionInfo partition : topology.partitionsOf(table.name())) {
                    partition.replicas().forEach(replica -> replicas.merge(replica.node(), 1, Integer::sum));
                    primaries.merge(partition.preferredPrimary(), 1, Integer::sum);
                }
            }
        }
        return topology.nodes().stream()
                .filter(fit)
                .map(node -> new Placement.Candidate(
                        node.id(),
                        node.zone(),
                        node.weight(),
                        replicas.getOrDefault(node.id(), 0),
                        primaries.getOrDefault(node.id(), 0)))
                .toList();
    }

    private static String notEnoughNodes(String table, int replicas, List<NodeId> usable) {
        String names = usable.stream().map(NodeId::value).collect(Collectors.joining(", "));
        return "table '" + table + "' needs " + replicas + " node(s) for " + replicas + " replica(s); up, not being"
                + " drained and with a weight above 0: "
                + (usable.isEmpty() ? "none" : usable.size() + " (" + names + ")")
                + "; start more nodes or ask for fewer replicas";
    }

    private static String badName(String name) {
        String reserved = name.startsWith("_") ? "; names beginning with '_' are the system's own" : "";
        return "table name '" + name
                + "' is not 1 to 64 characters of a-z, A-Z, 0-9, '-', '_' and '.', beginning with a"
                + " letter or a digit" + reserved;
    }
}
