package io.aitta.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.gateway.TopologyChanges;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.Topology;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Whoever has a topology and takes in what a node says has changed since has the next one, to the last field. */
class TopologyReplayTest {
    /** A cluster that changes by chance. */
    private static final class Changing {
        private final Random random;
        private final TreeMap<String, Node> nodes = new TreeMap<>();
        private final TreeMap<String, Table> tables = new TreeMap<>();
        private final TreeMap<String, TreeMap<Integer, Partition>> partitions = new TreeMap<>();
        private long epoch = 1;

        Changing(Random random) {
            this.random = random;
        }

        void change() {
            epoch += random.nextInt(3);
            for (int i = random.nextInt(4); i >= 0; i--) {
                switch (random.nextInt(6)) {
                    case 0 -> nodes.put(node(), Node.newBuilder().setId(node()).build());
                    case 1 ->
                        nodes.computeIfPresent(node(), (id, node) -> node.toBuilder()
                                .setId(id)
                                .setState(NodeState.forNumber(random.nextInt(6)))
                                .build());
                    case 2 -> nodes.remove(node());
                    case 3 -> make("t" + random.nextInt(4));
                    case 4 -> {
                        String table = "t" + random.nextInt(4);
                        tables.remove(table);
                        partitions.remove(table);
                    }
                    default ->
                        partitions
                                .values()
                                .forEach(of -> of.replaceAll((number, partition) -> random.nextInt(3) > 0
                                        ? partition
                                        : partition.toBuilder()
                                                .setTerm(random.nextInt(5))
                                                .addReplicas(Replica.newBuilder()
                                                        .setNode(node())
                                                        .setRole(Role.LEARNER))
                                                .build()));
                }
            }
            nodes.replaceAll((id, node) -> node.toBuilder().setId(id).build());
        }

        private String node() {
            return "n" + random.nextInt(12);
        }

        /** Also in the place of one of that name. */
        private void make(String name) {
            int count = 1 + random.nextInt(5);
            tables.put(
                    name,
                    Table.newBuilder()
                            .setName(name)
                            .setPartitions(count)
                            .setCreatedEpoch(++epoch)
                            .build());
            var made = new TreeMap<Integer, Partition>();
            for (int i = 0; i < count; i++) {
                made.put(
                        i, Partition.newBuilder().setTable(name).setPartition(i).build());
            }
            partitions.put(name, made);
        }

        Topology topology() {
            var topology = Topology.newBuilder()
                    .setEpoch(epoch)
                    .setClusterId("c")
                    .setOrchestratorNode(node())
                    .setBalancingPaused(random.nextBoolean())
                    .addAllNodes(nodes.values())
                    .addAllTables(tables.values());
            partitions.values().forEach(of -> topology.addAllPartitions(of.values()));
            return topology.build();
        }
    }

    @Property(tries = 500)
    void replaying_the_changes_leads_to_the_same_topology(@ForAll long seed) {
        var changing = new Changing(new Random(seed));
        Topology base = changing.topology();
        for (int i = 0; i < 30; i++) {
            changing.change();
            Topology next = changing.topology();
            Topology changes = TopologyChanges.between(base, next);
            assertThat(changes.getBaseEpoch()).isEqualTo(base.getEpoch());
            assertThat(TopologyReplay.apply(base, changes)).isEqualTo(next);
            base = next;
        }
    }

    @Test
    void what_is_before_the_founding_or_of_another_cluster_is_no_base() {
        var now = Topology.newBuilder().setEpoch(4).setClusterId("c").build();
        assertThat(TopologyChanges.between(Topology.getDefaultInstance(), now)).isSameAs(now);
        assertThat(TopologyChanges.between(now.toBuilder().setClusterId("d").build(), now))
                .isSameAs(now);
    }
}
