package io.aitta.gateway;

import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.TableOptions;
import io.aitta.proto.v1.Topology;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A topology that changes when a test says so. */
final class FakeTopology implements TopologySource {
    final List<Consumer<Topology>> listeners = new CopyOnWriteArrayList<>();
    private volatile Topology current = Topology.getDefaultInstance();

    @Override
    public Topology current() {
        return current;
    }

    @Override
    public Subscription subscribe(Consumer<Topology> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    void publish(Topology topology) {
        current = topology;
        listeners.forEach(listener -> listener.accept(topology));
    }

    /** Two nodes; a table of so many partitions, all with their primary on n1. */
    static Topology of(long epoch, String table, int partitions) {
        return of(epoch, table, partitions, TableOptions.getDefaultInstance());
    }

    static Topology of(long epoch, String table, int partitions, TableOptions options) {
        var topology = Topology.newBuilder()
                .setEpoch(epoch)
                .setClusterId("test")
                .setOrchestratorNode("n1")
                .addNodes(Node.newBuilder().setId("n1").setGrpcEndpoint("10.0.0.1:7400"))
                .addNodes(Node.newBuilder().setId("n2").setGrpcEndpoint("10.0.0.2:7400"))
                .addTables(Table.newBuilder()
                        .setName(table)
                        .setPartitions(partitions)
                        .setReplicas(2)
                        .setCreatedEpoch(1)
                        .setOptions(options));
        for (int i = 0; i < partitions; i++) {
            topology.addPartitions(Partition.newBuilder()
                    .setTable(table)
                    .setPartition(i)
                    .setTerm(1)
                    .addReplicas(Replica.newBuilder().setNode("n2").setRole(Role.SECONDARY))
                    .addReplicas(Replica.newBuilder().setNode("n1").setRole(Role.PRIMARY)));
        }
        return topology.build();
    }
}
