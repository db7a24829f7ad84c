package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.metrics.Latency;
import io.aitta.metrics.NodeReporter.Figures;
import io.aitta.metrics.NodeReporter.TableTraffic;
import io.aitta.partition.Stewards.NodeReport;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeStatus;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.PartitionState;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.ReplicaState;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.TableStatus;
import io.aitta.proto.v1.Traffic;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Adds up what the nodes told to what {@code GetInfo} answers. Immutable. */
final class InfoReport {
    private final String onlyTable;
    private final List<Partition> partitions;
    private final Map<NodeId, Figures> figures;

    /**
     * @param onlyTable empty: all
     * @param partitions those of the tables wanted, with their state
     * @param figures of the nodes that answered
     */
    InfoReport(String onlyTable, List<Partition> partitions, Map<NodeId, Figures> figures) {
        this.onlyTable = onlyTable;
        this.partitions = partitions;
        this.figures = figures;
    }

    Traffic traffic() {
        return traffic(figures.values(), this::isWanted);
    }

    private boolean isWanted(String table) {
        return onlyTable.isEmpty() || onlyTable.equals(table);
    }

    TableStatus table(Table table) {
        String name = table.getName();
        var status = TableStatus.newBuilder()
                .setTable(name)
                .setPartitions(table.getPartitions())
                .setReplicasWanted(table.getReplicas())
                .setUnderReplicated(table.getUnderReplicated())
                .setTraffic(traffic(figures.values(), name::equals))
                .setStoreBytes(figures.values().stream()
                        .mapToLong(one -> one.storeBytes().getOrDefault(name, 0L))
                        .sum());
        var own = partitions.stream().filter(one -> one.getTable().equals(name)).toList();
        status.setWithoutPrimary((int) own.stream()
                .filter(one -> one.getState() == PartitionState.NO_PRIMARY)
                .count());
        var replicas = own.stream()
                .flatMap(one -> one.getReplicasList().stream())
                .map(Replica::getState)
                .toList();
        return status.setReplicasDown(down(replicas))
                .setMaxLag(maxLag(replicas))
                .build();
    }

    NodeStatus node(Node node, Optional<NodeReport> told) {
        var status = NodeStatus.newBuilder().setNode(node.getId()).setState(node.getState());
        var held = partitions.stream()
                .flatMap(one -> one.getReplicasList().stream())
                .filter(replica -> replica.getNode().equals(node.getId()))
                .toList();
        var states = held.stream().map(Replica::getState).toList();
        status.setPrimaries(count(held, Role.PRIMARY))
                .setSecondaries(count(held, Role.SECONDARY))
                .setLearners(count(held, Role.LEARNER))
                .setReplicasDown(down(states))
                .setMaxLag(maxLag(states));
        told.ifPresent(report -> status.setKeysReadPerSecond(report.readsPerSecond())
                .setOperationsPerSecond(report.writesPerSecond())
                .setStoreBytes(report.storeBytes())
                .setJournalBytes(report.journalBytes())
                .setUptimeMillis(report.uptimeMillis()));
        var load = figures.get(new NodeId(node.getId()));
        if (load != null) {
            put(status, load);
        }
        return status.setAnswered(load != null && told.isPresent()).build();
    }

    private void put(NodeStatus.Builder status, Figures load) {
        status.setTraffic(traffic(List.of(load), this::isWanted))
                .setDiskBytes(load.diskBytes())
                .setDiskFreeBytes(load.diskFreeBytes())
                .setRequestsInFlight(load.requestsInFlight());
        load.storeBytes().keySet().stream()
                .filter(this::isWanted)
                .sorted()
                .forEach(table -> status.addTables(TableStatus.newBuilder()
                        .setTable(table)
                        .setStoreBytes(load.storeBytes().get(table))
                        .setTraffic(traffic(List.of(load), table::equals))));
    }

    private static int count(List<Replica> held, Role role) {
        return (int) held.stream().filter(replica -> replica.getRole() == role).count();
    }

    private static int down(Collection<ReplicaState> replicas) {
        return (int) replicas.stream()
                .filter(state -> !state.getKnown() || state.getFailed())
                .count();
    }

    private static long maxLag(Collection<ReplicaState> replicas) {
        return replicas.stream().mapToLong(ReplicaState::getLag).max().orElse(0);
    }

    /** Their windows are much the same, but each counts by its own. */
    private static Traffic traffic(Collection<Figures> figures, Predicate<String> tables) {
        var traffic = Traffic.newBuilder();
        long[] reads = {};
        long[] writes = {};
        for (Figures one : figures) {
            double perSecond = one.windowNanos() == 0 ? 0 : 1e9 / one.windowNanos();
            for (TableTraffic of : one.traffic()) {
                if (!tables.test(of.table())) {
                    continue;
                }
                reads = plus(reads, of.reads());
                writes = plus(writes, of.writes());
                traffic.setReadsPerSecond(traffic.getReadsPerSecond()
                                + Arrays.stream(of.reads()).sum() * perSecond)
                        .setWritesPerSecond(traffic.getWritesPerSecond()
                                + Arrays.stream(of.writes()).sum() * perSecond)
                        .setFailuresPerSecond(traffic.getFailuresPerSecond() + of.failures() * perSecond);
            }
        }
        return traffic.setReadP50Millis(Latency.quantileMillis(reads, 0.5))
                .setReadP99Millis(Latency.quantileMillis(reads, 0.99))
                .setWriteP50Millis(Latency.quantileMillis(writes, 0.5))
                .setWriteP99Millis(Latency.quantileMillis(writes, 0.99))
                .build();
    }

    private static long[] plus(long[] sums, long[] more) {
        var all = Arrays.copyOf(sums, Math.max(sums.length, more.length));
        for (int i = 0; i < more.length; i++) {
            all[i] += more[i];
        }
        return all;
    }
}
