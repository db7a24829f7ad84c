package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.Refusal.Reason;
import io.aitta.core.topology.TopologyCommand.PrimaryReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The rules by which the topology changes. {@link #decide} says what a command would change, {@link #evolve} changes it.
 * What decide accepted, evolve takes; the events of a decision are for the very topology they were decided on.
 */
public final class TopologyState {
    public static final String META_TABLE = PartitionId.META.table();
    public static final int MAX_PARTITIONS = 4_096;
    public static final int MAX_REPLICAS = 7;
    /** In all tables together; with the next limit it keeps a whole topology below 700 kB when encoded. */
    public static final int MAX_PARTITIONS_OF_CLUSTER = 32_768;

    public static final int MAX_REPLICAS_OF_CLUSTER = 131_072;

    private static final Pattern TABLE_NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}");

    private TopologyState() {}

    /** What would change. Nothing is changed by asking. */
    public static Decision decide(Topology topology, TopologyCommand command) {
        if (command instanceof TopologyCommand.FoundCluster found) {
            return found(topology, found);
        } else if (command instanceof TopologyCommand.RegisterNode register) {
            return register(topology, register.node());
        } else if (command instanceof TopologyCommand.CreateTable create) {
            return create(topology, create);
        } else if (command instanceof TopologyCommand.AlterTable alter) {
            return alter(topology, alter);
        } else if (command instanceof TopologyCommand.DropTable drop) {
            return drop(topology, drop.name());
        } else if (command instanceof TopologyCommand.ReportPrimaries report) {
            return report(topology, report.reports());
        }
        throw new IllegalArgumentException("unknown command " + command);
    }

    /**
     * The topology one epoch later.
     *
     * @throws IllegalArgumentException if the events do not fit the topology
     */
    public static Topology evolve(Topology topology, List<TopologyEvent> events) {
        var next = new Draft(topology);
        events.forEach(next::apply);
        return next.finished();
    }

    private static Decision found(Topology topology, TopologyCommand.FoundCluster found) {
        if (topology.epoch().isNewerThan(Epoch.ZERO)) {
            throw new IllegalArgumentException("cluster '" + topology.clusterId() + "' is founded already");
        }
        var events = new ArrayList<TopologyEvent>();
        events.add(new TopologyEvent.ClusterFounded(found.clusterId()));
        for (NodeInfo node : found.nodes()) {
            events.add(new TopologyEvent.NodeRegistered(
                    node.withRegisteredEpoch(topology.epoch().next())));
        }
        int members = found.metaMembers().size();
        events.add(new TopologyEvent.TableCreated(
                new TableInfo(META_TABLE, Epoch.ZERO, 1, members, true), List.of(found.metaMembers())));
        // The first table's epoch is the founding one, so it is decided on the old epoch with the new nodes.
        var withNodes = new Topology(topology.epoch(), found.clusterId(), found.nodes(), Map.of());
        if (create(withNodes, found.firstTable()) instanceof Decision.Accepted table) {
            events.addAll(table.events());
        }
        return new Decision.Accepted(events);
    }

    private static Decision register(Topology topology, NodeInfo node) {
        NodeInfo known = topology.node(node.id()).orElse(null);
        if (known == null) {
            var registered = node.withRegisteredEpoch(topology.epoch().next());
            return new Decision.Accepted(List.of(new TopologyEvent.NodeRegistered(registered)));
        }
        if (!known.incarnation().equals(node.incarnation())) {
            return refused(Reason.NODE_ID_IN_USE, nodeIdInUse(node.id()));
        }
        var changed = node.withRegisteredEpoch(known.registeredEpoch());
        return new Decision.Accepted(
                changed.equals(known) ? List.of() : List.of(new TopologyEvent.NodeChanged(changed)));
    }

    /** The sentence for a node that comes with another data directory than the one the cluster knows it by. */
    public static String nodeIdInUse(NodeId id) {
        return "the cluster knows node " + id + " with another data directory; start it with that directory, or with"
                + " another --node-id: it will be used as a new node";
    }

    private static Decision create(Topology topology, TopologyCommand.CreateTable create) {
        String name = create.name();
        if (!TABLE_NAME.matcher(name).matches()) {
            return refused(Reason.BAD_TABLE_NAME, badName(name));
        }
        if (topology.table(name).isPresent()) {
            return refused(
                    Reason.TABLE_EXISTS, "table '" + name + "' exists already; drop it first or choose another name");
        }
        int partitions = create.partitions().orElse(create.defaults().partitions());
        if (partitions < 1 || partitions > MAX_PARTITIONS) {
            return refused(
                    Reason.BAD_PARTITIONS,
                    "a table has 1 to " + MAX_PARTITIONS + " partitions, not " + Integer.toUnsignedString(partitions));
        }
        OptionalInt asked = create.replicas();
        if (asked.isPresent() && (asked.getAsInt() < 1 || asked.getAsInt() > MAX_REPLICAS)) {
            return refused(
                    Reason.BAD_REPLICAS,
                    "a partition has 1 to " + MAX_REPLICAS + " replicas, not "
                            + Integer.toUnsignedString(asked.getAsInt()));
        }
        return place(topology, create, partitions);
    }

    private static Decision place(Topology topology, TopologyCommand.CreateTable create, int partitions) {
        List<Placement.Candidate> usable =
                candidates(topology, node -> create.up().contains(node.id()) && node.weight() > 0);
        int replicas =
                create.replicas().orElse(Math.max(1, Math.min(create.defaults().replicas(), usable.size())));
        int replicasBefore = topology.partitions().stream()
                .mapToInt(partition -> partition.replicas().size())
                .sum();
        if (topology.partitionCount() + partitions > MAX_PARTITIONS_OF_CLUSTER
                || replicasBefore + partitions * replicas > MAX_REPLICAS_OF_CLUSTER) {
            return refused(
                    Reason.BAD_PARTITIONS,
                    "the cluster would have more than " + MAX_PARTITIONS_OF_CLUSTER + " partitions or "
                            + MAX_REPLICAS_OF_CLUSTER + " replicas in all tables; ask for fewer or drop a table");
        }
        var placed = Placement.place(usable, replicas, partitions);
        if (placed.isEmpty()) {
            return refused(Reason.NOT_ENOUGH_NODES, notEnoughNodes(create.name(), replicas, usable));
        }
        var table =
                new TableInfo(create.name(), topology.epoch().next(), partitions, replicas, false, create.options());
        return new Decision.Accepted(List.of(new TopologyEvent.TableCreated(table, placed.get())));
    }

    private static String notEnoughNodes(String table, int replicas, List<Placement.Candidate> usable) {
        String names = usable.stream().map(node -> node.id().value()).collect(Collectors.joining(", "));
        return "table '" + table + "' needs " + replicas + " node(s) for " + replicas + " replica(s); up and with a"
                + " weight above 0: " + (usable.isEmpty() ? "none" : usable.size() + " (" + names + ")")
                + "; start more nodes or ask for fewer replicas";
    }

    private static String badName(String name) {
        String reserved = name.startsWith("_") ? "; names beginning with '_' are the system's own" : "";
        return "table name '" + name
                + "' is not 1 to 64 characters of a-z, A-Z, 0-9, '-', '_' and '.', beginning with a"
                + " letter or a digit" + reserved;
    }

    private static Decision alter(Topology topology, TopologyCommand.AlterTable alter) {
        return change(topology, alter.name(), "altered", table -> {
            var options = new TableOptions(
                    alter.defaultTimeToLiveMillis().orElse(table.options().defaultTimeToLiveMillis()),
                    alter.defaultConsistency().orElse(table.options().defaultConsistency()),
                    alter.maxValueBytes().orElse(table.options().maxValueBytes()));
            return options.equals(table.options())
                    ? List.of()
                    : List.of(new TopologyEvent.TableAltered(table.name(), options));
        });
    }

    private static Decision drop(Topology topology, String name) {
        return change(topology, name, "dropped", table -> List.of(new TopologyEvent.TableDropped(name)));
    }

    private static Decision change(
            Topology topology, String name, String how, Function<TableInfo, List<TopologyEvent>> events) {
        if (name.startsWith("_")) {
            return refused(Reason.TABLE_PROTECTED, "table '" + name + "' is the system's own and cannot be " + how);
        }
        return topology.table(name)
                .<Decision>map(table -> new Decision.Accepted(events.apply(table)))
                .orElseGet(() -> refused(Reason.TABLE_NOT_FOUND, "there is no table '" + name + "'"));
    }

    /** Reports of unknown partitions, of nodes that hold none of them and of terms not newer are no news. */
    private static Decision report(Topology topology, List<PrimaryReport> reports) {
        var news = new TreeMap<PartitionId, PrimaryReport>();
        for (PrimaryReport report : reports) {
            PartitionInfo partition = topology.partition(report.partition()).orElse(null);
            if (partition == null || !partition.isHeldBy(report.primary().node())) {
                continue;
            }
            PrimaryReport rival = news.get(report.partition());
            Primary newest =
                    rival != null ? rival.primary() : partition.primary().orElse(null);
            if (newest == null || report.primary().term().isNewerThan(newest.term())) {
                news.put(report.partition(), report);
            }
        }
        return new Decision.Accepted(
                news.isEmpty() ? List.of() : List.of(new TopologyEvent.PrimariesReported(List.copyOf(news.values()))));
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

    private static Decision refused(Reason reason, String message) {
        return new Decision.Refused(new Refusal(reason, message));
    }

    /** A topology being changed. */
    private static final class Draft {
        private final Epoch epoch;
        private String clusterId;
        private final Map<NodeId, NodeInfo> nodes = new LinkedHashMap<>();
        private final Map<String, TableInfo> tables = new LinkedHashMap<>();
        private final Map<String, List<PartitionInfo>> partitions = new HashMap<>();

        Draft(Topology from) {
            epoch = from.epoch().next();
            clusterId = from.clusterId();
            from.nodes().forEach(node -> nodes.put(node.id(), node));
            from.tables().forEach(table -> {
                tables.put(table.name(), table);
                partitions.put(table.name(), from.partitionsOf(table.name()));
            });
        }

        void apply(TopologyEvent event) {
            if (event instanceof TopologyEvent.ClusterFounded founded) {
                clusterId = founded.clusterId();
            } else if (event instanceof TopologyEvent.NodeRegistered registered) {
                nodes.put(registered.node().id(), registered.node());
            } else if (event instanceof TopologyEvent.NodeChanged changed) {
                nodes.put(changed.node().id(), changed.node());
            } else if (event instanceof TopologyEvent.TableCreated created) {
                createTable(created);
            } else if (event instanceof TopologyEvent.TableAltered altered) {
                if (tables.computeIfPresent(altered.name(), (name, table) -> table.withOptions(altered.options()))
                        == null) {
                    throw new IllegalArgumentException("the unknown table '" + altered.name() + "' is altered");
                }
            } else if (event instanceof TopologyEvent.TableDropped dropped) {
                tables.remove(dropped.name());
                partitions.remove(dropped.name());
            } else if (event instanceof TopologyEvent.PrimariesReported reported) {
                reported.reports().stream()
                        .collect(Collectors.groupingBy(
                                report -> report.partition().table()))
                        .forEach(this::report);
            } else {
                throw new IllegalArgumentException("unknown event " + event);
            }
        }

        private void createTable(TopologyEvent.TableCreated created) {
            TableInfo table = created.table();
            var held = new ArrayList<PartitionInfo>(table.partitions());
            for (int number = 0; number < created.placement().size(); number++) {
                held.add(PartitionInfo.founded(
                        table.partition(number), created.placement().get(number)));
            }
            if (tables.put(table.name(), table) != null) {
                throw new IllegalArgumentException("table '" + table.name() + "' is created twice");
            }
            partitions.put(table.name(), held);
        }

        private void report(String table, List<PrimaryReport> reports) {
            List<PartitionInfo> held = partitions.get(table);
            if (held == null) {
                throw new IllegalArgumentException("primaries of the unknown table '" + table + "'");
            }
            var changed = new ArrayList<>(held);
            for (PrimaryReport report : reports) {
                int number = report.partition().partition();
                changed.set(number, changed.get(number).withPrimary(report.primary()));
            }
            partitions.put(table, changed);
        }

        Topology finished() {
            var withPartitions = new HashMap<TableInfo, List<PartitionInfo>>();
            tables.values().forEach(table -> withPartitions.put(table, partitions.get(table.name())));
            return new Topology(epoch, clusterId, nodes.values(), withPartitions);
        }
    }
}
