package io.aitta.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.client.Router.Place;
import io.aitta.client.Router.Reach;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.PartitionRoute;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.Topology;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A table of one partition: its primary on node 1, secondaries on 2 and 3, a learner on 4; node 5 holds nothing. */
class RouterTest {
    private static final Place KEY = new Place("t", "a".getBytes(StandardCharsets.UTF_8));

    private final Router router = router("");

    @Test
    void whileNothingIsKnownTheGivenEndpointsAreAsked() {
        var fresh = new Router(List.of(node(1), node(2)), "");
        assertThat(picks(fresh, Reach.PRIMARY, Set.of()).keySet()).containsExactlyInAnyOrder(node(1), node(2));
    }

    @Test
    void thePrimaryIsAskedUnlessItWasTriedOrDoesNotAnswer() {
        assertThat(picks(router, Reach.PRIMARY, Set.of()).keySet()).containsExactly(node(1));
        assertThat(picks(router, Reach.PRIMARY, Set.of(node(1))).keySet()).doesNotContain(node(1));
        router.health().failed(node(1));
        assertThat(picks(router, Reach.PRIMARY, Set.of()).keySet()).doesNotContain(node(1));
        router.health().answered(node(1));
        assertThat(picks(router, Reach.PRIMARY, Set.of()).keySet()).containsExactly(node(1));
    }

    @Test
    void whereANodeSaysThePrimaryIsCountsUntilTheNextTopology() {
        router.learn("t", PartitionRoute.newBuilder().setEndpoint("n3:1").build());
        assertThat(picks(router, Reach.PRIMARY, Set.of()).keySet()).containsExactly(node(3));
        router.learn(topology(2));
        assertThat(picks(router, Reach.PRIMARY, Set.of()).keySet()).containsExactly(node(1));
    }

    @Test
    void anOlderTopologyIsLeft() {
        router.learn(topology(1).toBuilder().setEpoch(0).clearTables().build());
        assertThat(router.partitions("t")).isEqualTo(1);
        assertThat(router.epoch()).isEqualTo(1);
    }

    @Test
    void readsOfAnyReplicaSpreadOverTheVoters() {
        var picks = picks(router, Reach.NEAREST, Set.of());
        assertThat(picks.keySet()).containsExactlyInAnyOrder(node(1), node(2), node(3));
        assertThat(picks.values()).allMatch(count -> count > 200);
    }

    @Test
    void readsStayInTheClientsZoneWhileTheyCan() {
        var zoned = router("z2");
        assertThat(picks(zoned, Reach.NEAREST, Set.of()).keySet()).containsExactly(node(2));
        assertThat(picks(zoned, Reach.NEAREST, Set.of(node(2))).keySet())
                .as("the other replicas next")
                .containsExactlyInAnyOrder(node(1), node(3));
    }

    @Test
    void aLearnerServesTheReadsOfItsZoneUnlessSomethingIsMoved() {
        var zoned = router("z4");
        assertThat(picks(zoned, Reach.NEAREST, Set.of()).keySet()).containsExactly(node(4));
        assertThat(picks(zoned, Reach.PRIMARY, Set.of()).keySet()).containsExactly(node(1));
        var moving = topology(2).toBuilder();
        moving.getPartitionsBuilder(0).setMigration(7);
        zoned.learn(moving.build());
        assertThat(picks(zoned, Reach.NEAREST, Set.of()).keySet()).containsExactlyInAnyOrder(node(1), node(2), node(3));
    }

    @Test
    void aNodeThatIsBeingDrainedServesAsBefore() {
        var topology = topology(2).toBuilder();
        topology.getNodesBuilder(1).setState(NodeState.NODE_DRAINING);
        router.learn(topology.build());
        assertThat(picks(router, Reach.NEAREST, Set.of()).keySet())
                .containsExactlyInAnyOrder(node(1), node(2), node(3));
    }

    @Test
    void aReplicaThatDoesNotAnswerIsLeftForAnother() {
        router.health().failed(node(2));
        assertThat(picks(router, Reach.NEAREST, Set.of()).keySet()).containsExactlyInAnyOrder(node(1), node(3));
    }

    @Test
    void aReplicaThatIsClearlySlowerIsLeftForOthers() {
        took(1, 20_000);
        took(2, 1_000);
        took(3, 1_200);
        assertThat(picks(router, Reach.NEAREST, Set.of()).keySet()).containsExactlyInAnyOrder(node(2), node(3));
    }

    @Test
    void oneSlowAnswerAmongManyDoesNotMakeANodeSlow() {
        took(1, 1_000);
        took(2, 1_000);
        took(3, 1_000);
        router.health().took(node(1), TimeUnit.MILLISECONDS.toNanos(5));
        assertThat(picks(router, Reach.NEAREST, Set.of()).keySet()).hasSize(3);
    }

    @Test
    void thatANodeHadToBeConnectedToDoesNotMakeItSlow() {
        router.health().took(node(1), TimeUnit.SECONDS.toNanos(1));
        took(1, 1_000);
        took(2, 1_000);
        assertThat(picks(router, Reach.NEAREST, Set.of()).keySet()).hasSize(3);
    }

    private void took(int node, long micros) {
        for (int i = 0; i < 20; i++) {
            router.health().took(node(node), TimeUnit.MICROSECONDS.toNanos(micros));
        }
    }

    @Test
    void withEverybodyTriedOrSilentThereIsStillSomebodyToAsk() {
        var all = new HashSet<Endpoint>();
        for (int n = 1; n <= 5; n++) {
            all.add(node(n));
            router.health().failed(node(n));
        }
        assertThat(router.hasMoreThan(all)).isFalse();
        assertThat(router.hasMoreThan(Set.of(node(1)))).isTrue();
        assertThat(picks(router, Reach.PRIMARY, all).keySet()).containsExactly(node(1));
        assertThat(picks(router, Reach.NEAREST, all).keySet()).hasSize(5);
    }

    @Test
    void nodesThatAreDownAreNotAskedUnlessTheyWereGiven() {
        var topology = topology(2).toBuilder();
        topology.getNodesBuilder(1).setState(NodeState.NODE_DOWN);
        router.learn(topology.build());
        assertThat(picks(router, Reach.NEAREST, Set.of()).keySet()).containsExactlyInAnyOrder(node(1), node(3));
        assertThat(router.hasMoreThan(Set.of(node(1), node(3), node(4), node(5))))
                .isFalse();
    }

    /** Counts who is picked in a thousand times. */
    private static Map<Endpoint, Integer> picks(Router router, Reach reach, Set<Endpoint> tried) {
        var counts = new HashMap<Endpoint, Integer>();
        for (int i = 0; i < 1_000; i++) {
            counts.merge(router.pick(KEY, reach, tried), 1, Integer::sum);
        }
        return counts;
    }

    private static Router router(String zone) {
        var router = new Router(List.of(node(5)), zone);
        router.learn(topology(1));
        return router;
    }

    private static Topology topology(long epoch) {
        var topology = Topology.newBuilder().setEpoch(epoch);
        for (int n = 1; n <= 5; n++) {
            topology.addNodes(Node.newBuilder()
                    .setId("n" + n)
                    .setGrpcEndpoint("n" + n + ":1")
                    .setZone("z" + n)
                    .setState(NodeState.NODE_UP));
        }
        topology.addTables(Table.newBuilder().setName("t").setPartitions(1));
        topology.addPartitions(Partition.newBuilder()
                .setTable("t")
                .addReplicas(replica(1, Role.PRIMARY))
                .addReplicas(replica(2, Role.SECONDARY))
                .addReplicas(replica(3, Role.SECONDARY))
                .addReplicas(replica(4, Role.LEARNER)));
        return topology.build();
    }

    private static Replica replica(int node, Role role) {
        return Replica.newBuilder().setNode("n" + node).setRole(role).build();
    }

    private static Endpoint node(int n) {
        return new Endpoint("n" + n, 1);
    }
}
