package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.Role;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Everything about a cluster changes while clients use it, and they notice nothing but that some requests take longer. */
@Timeout(600)
class ElasticIT {
    /** Hand-overs by hand: {@code mvn verify -Dit.test=ElasticIT -Daitta.elastic.transfers=100}. */
    private static final int TRANSFERS = Integer.getInteger("aitta.elastic.transfers", 16);
    /** Operations a second of the benchmark. */
    private static final double RATE = Integer.getInteger("aitta.elastic.rate", 100);

    /** Longer than a failover after a kill takes. */
    private static final Duration DEADLINE = Duration.ofSeconds(15);

    private static final String TABLE = "default";

    @RegisterExtension
    final Stage stage = new Stage();

    @Test
    void aClusterGrowsMovesRepairsAndShrinksUnderLoadWithoutOneFailedRequest() throws Exception {
        var cluster = stage.cluster(Cluster.Plan.of(3)
                        .with(
                                "aitta.orchestrator.repair-after=3s",
                                "aitta.orchestrator.return-primary-after=2s",
                                "aitta.table.default-partitions=8"))
                .start();
        var orders = new Orders(cluster);
        // Those who watch a table are to be told of all that is in it.
        cluster.client(DEADLINE).admin().blocking().createTable("bench", OptionalInt.of(8), OptionalInt.of(3));
        var bench = new PhasedBench(cluster, "bench", DEADLINE, RATE);
        try (var load = Load.on(cluster, TABLE, stage.random(), DEADLINE)) {
            bench.during("quiet", () -> Await.pass(Duration.ofSeconds(5)));
            bench.during("grows from 3 to 5 nodes", () -> {
                cluster.grow(2);
                orders.awaitSettled();
                assertThat(orders.replicasOn(cluster.node(4))).isPositive();
                assertThat(orders.replicasOn(cluster.node(5))).isPositive();
            });
            load.goesOn();
            bench.during("primaries transferred", () -> transfer(cluster, orders));
            var waits = orders.handOverMillis();
            bench.during("from 3 to 5 replicas", () -> {
                orders.setReplicas("bench", 5);
                orders.awaitSettled();
            });
            load.goesOn();
            bench.during("from 5 to 3 replicas", () -> {
                orders.setReplicas("bench", 3);
                orders.awaitSettled();
            });
            bench.during("a node drained and removed", () -> {
                var leaving = cluster.node("n2");
                orders.drain(leaving);
                Await.until("n2 is empty", Duration.ofSeconds(60), () -> orders.replicasOn(leaving) == 0);
                orders.remove(leaving);
                leaving.awaitExit();
                cluster.forget(leaving);
            });
            load.goesOn();
            bench.during("a node killed for good", () -> {
                var lost = cluster.node("n3");
                cluster.kill(lost);
                cluster.forget(lost);
                Await.until("n3 is replaced", Duration.ofSeconds(60), () -> orders.replicasOn(lost) == 0);
                orders.awaitSettled();
            });
            bench.during("quiet again", () -> {});
            load.goesOn();
            stage.say("%s", bench.table());
            stage.say(
                    "%d hand-overs; requests waited: p50 %.1f, p90 %.1f, p99 %.1f, max %.1f ms",
                    waits.size(), rank(waits, 50), rank(waits, 90), rank(waits, 99), rank(waits, 100));
            stage.say("%s", load.summary());
            bench.verify();
            assertThat(load.failures()).as("requests that failed").isEmpty();
            load.verify();
        }
    }

    /** The nearest rank. */
    private static double rank(List<Double> sorted, int percent) {
        return sorted.get((sorted.size() * percent + 99) / 100 - 1);
    }

    /** Each partition's primary goes to one of its other voters, again and again. */
    private void transfer(Cluster cluster, Orders orders) {
        for (int i = 0; i < TRANSFERS; i++) {
            List<Partition> partitions = cluster.topology().getPartitionsList().stream()
                    .filter(one -> one.getTable().equals("bench"))
                    .toList();
            var partition = partitions.get(i % partitions.size());
            var target = partition.getReplicasList().stream()
                    .filter(replica -> replica.getRole() == Role.SECONDARY)
                    .map(Replica::getNode)
                    .skip(stage.random().nextInt(2))
                    .findFirst()
                    .orElseThrow();
            orders.transferPrimary("bench", partition.getPartition(), target);
        }
    }
}
