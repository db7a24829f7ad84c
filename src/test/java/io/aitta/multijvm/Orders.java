package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.proto.v1.AddReplicaRequest;
import io.aitta.proto.v1.AdminGrpc;
import io.aitta.proto.v1.AdminGrpc.AdminBlockingStub;
import io.aitta.proto.v1.CancelMigrationRequest;
import io.aitta.proto.v1.DescribeNodeRequest;
import io.aitta.proto.v1.DescribePartitionRequest;
import io.aitta.proto.v1.DrainNodeRequest;
import io.aitta.proto.v1.ListMigrationsRequest;
import io.aitta.proto.v1.ListMigrationsResponse;
import io.aitta.proto.v1.MigrateRequest;
import io.aitta.proto.v1.Migration;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.RemoveNodeRequest;
import io.aitta.proto.v1.RemoveReplicaRequest;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.SetTableReplicasRequest;
import io.aitta.proto.v1.TransferPrimaryRequest;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** What is ordered of a {@link Cluster}, through whichever node is there. */
final class Orders {
    private static final Duration SETTLING = Duration.ofSeconds(120);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Cluster cluster;

    Orders(Cluster cluster) {
        this.cluster = cluster;
    }

    private <T> T ask(Function<AdminBlockingStub, T> question) {
        var ready = new ArrayList<NodeProcess>();
        Await.until("some node is ready", PATIENCE, () -> {
            cluster.nodes().stream()
                    .filter(node -> node.isAlive() && node.isReady())
                    .findFirst()
                    .ifPresent(ready::add);
            return !ready.isEmpty();
        });
        var node = ready.get(0);
        return question.apply(AdminGrpc.newBlockingStub(node.channel()).withDeadlineAfter(20, TimeUnit.SECONDS));
    }

    void drain(NodeProcess node) {
        ask(admin ->
                admin.drainNode(DrainNodeRequest.newBuilder().setNode(node.id).build()));
    }

    void remove(NodeProcess node) {
        ask(admin ->
                admin.removeNode(RemoveNodeRequest.newBuilder().setNode(node.id).build()));
    }

    void giveUp(NodeProcess node) {
        ask(admin -> admin.removeNode(
                RemoveNodeRequest.newBuilder().setNode(node.id).setForce(true).build()));
    }

    void setReplicas(String table, int replicas) {
        ask(admin -> admin.setTableReplicas(SetTableReplicasRequest.newBuilder()
                .setTable(table)
                .setReplicas(replicas)
                .build()));
    }

    Migration migrate(String table, int partition, String from, String to) {
        return ask(admin -> admin.migrate(MigrateRequest.newBuilder()
                        .setTable(table)
                        .setPartition(partition)
                        .setFrom(from)
                        .setTo(to)
                        .build()))
                .getMigration();
    }

    Migration addReplica(String table, int partition, String node) {
        return ask(admin -> admin.addReplica(AddReplicaRequest.newBuilder()
                        .setTable(table)
                        .setPartition(partition)
                        .setNode(node)
                        .build()))
                .getMigration();
    }

    Migration removeReplica(String table, int partition, String node) {
        return ask(admin -> admin.removeReplica(RemoveReplicaRequest.newBuilder()
                        .setTable(table)
                        .setPartition(partition)
                        .setNode(node)
                        .build()))
                .getMigration();
    }

    void cancel(long migration) {
        ask(admin -> admin.cancelMigration(
                CancelMigrationRequest.newBuilder().setId(migration).build()));
    }

    /** Returns when {@code node} is primary. */
    void transferPrimary(String table, int partition, String node) {
        var answer = ask(admin -> admin.transferPrimary(TransferPrimaryRequest.newBuilder()
                .setTable(table)
                .setPartition(partition)
                .setNode(node)
                .build()));
        assertThat(answer.getDone())
                .as("%s leads %s/%d", node, table, partition)
                .isTrue();
    }

    Partition describe(String table, int partition) {
        return ask(admin -> admin.describePartition(DescribePartitionRequest.newBuilder()
                        .setTable(table)
                        .setPartition(partition)
                        .build()))
                .getPartition();
    }

    ListMigrationsResponse migrations() {
        return ask(admin -> admin.listMigrations(
                ListMigrationsRequest.newBuilder().setEnded(true).build()));
    }

    Optional<Migration> migration(long id) {
        return migrations().getMigrationsList().stream()
                .filter(one -> one.getId() == id)
                .findFirst();
    }

    /** Returns when nothing is being moved any more, and every partition has the replicas it wants and its primary. */
    void awaitSettled() {
        Await.until(() -> "nothing is left to be moved: " + unsettled(), SETTLING, () -> unsettled()
                .isEmpty());
    }

    private List<String> unsettled() {
        var topology = cluster.topology();
        try {
            var migrations = migrations();
            var open = new ArrayList<String>();
            migrations.getMigrationsList().stream()
                    .filter(one -> one.getEndedMillis() == 0)
                    .map(one -> one.toString().replace('\n', ' '))
                    .forEach(open::add);
            if (migrations.getPlanned() > 0) {
                open.add(migrations.getPlanned() + " planned");
            }
            topology.getPartitionsList().stream()
                    .filter(one -> one.getReplicasWanted() != voters(one))
                    .map(one -> one.getTable() + "/" + one.getPartition() + " has " + voters(one) + " of "
                            + one.getReplicasWanted() + " replicas")
                    .forEach(open::add);
            topology.getPartitionsList().stream()
                    .filter(one ->
                            one.getReplicasList().stream().noneMatch(replica -> replica.getRole() == Role.PRIMARY))
                    .map(one -> one.getTable() + "/" + one.getPartition() + " has no primary")
                    .forEach(open::add);
            return open;
        } catch (StatusRuntimeException notNow) {
            return List.of(notNow.toString());
        }
    }

    private static long voters(Partition partition) {
        return partition.getReplicasList().stream()
                .filter(replica -> replica.getRole() != Role.LEARNER)
                .count();
    }

    /** How long requests had to wait at each hand-over that began on a node that lives, in milliseconds, in order. */
    List<Double> handOverMillis() {
        return cluster.nodes().stream()
                .flatMap(node -> ask(admin -> admin.describeNode(DescribeNodeRequest.newBuilder()
                                .setNode(node.id)
                                .build()))
                        .getNode()
                        .getLoad()
                        .getHandOverMillisList()
                        .stream())
                .sorted()
                .toList();
    }

    /** How many replicas the node has by the topology, of all tables. */
    long replicasOn(NodeProcess node) {
        return cluster.topology().getPartitionsList().stream()
                .flatMap(partition -> partition.getReplicasList().stream())
                .map(Replica::getNode)
                .filter(node.id::equals)
                .count();
    }
}
