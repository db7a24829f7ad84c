package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One trouble after the other, as the dice fall, before the last is got over; and replicas move all the while. */
class StormIT {
    /** Longer: {@code mvn verify -Dit.test=StormIT -Daitta.storm.seconds=600}. */
    private static final long SECONDS = Long.getLong("aitta.storm.seconds", 15);

    private static final int LONGEST_MILLIS = 9_000;

    @RegisterExtension
    final Stage stage = new Stage();

    @Test
    void whateverHappensNothingAcknowledgedIsLostOrDoneTwiceAndNothingStaleIsRead() {
        var cluster = stage.cluster(Cluster.Plan.of(4).withCuttableLinks()).start();
        try (var doors = LossyDoors.before(cluster, stage.random());
                var load = Load.on(cluster, "default", stage.random())) {
            doors.beginToLose();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            try (var restless =
                    Restless.on(cluster, "default", new Random(stage.random().nextLong()))) {
                while (System.nanoTime() - end < 0) {
                    trouble(cluster, cluster.node(1 + stage.random().nextInt(4)));
                    load.goesOn();
                }
                cluster.awaitWhole();
                stage.say("%s", restless.summary());
                assertThat(restless.accepted()).isPositive();
            }
            new Orders(cluster).awaitSettled();
            load.goesOn();
            load.verify();
            stage.say("%s; %d answers lost on purpose", load.summary(), doors.answersLost());
            assertThat(doors.answersLost()).isPositive();
        }
    }

    private void trouble(Cluster cluster, NodeProcess node) {
        var length = Duration.ofMillis(stage.random().nextInt(LONGEST_MILLIS));
        switch (stage.random().nextInt(6)) {
            case 0 -> {
                stage.say("kills %s", node);
                cluster.kill(node);
                cluster.restart(node);
            }
            case 1 -> {
                stage.say("stops %s", node);
                cluster.stop(node);
                cluster.restart(node);
            }
            case 2 -> {
                stage.say("pauses %s for %s", node, length);
                node.pause();
                Await.pass(length);
                node.resume();
            }
            case 3 -> {
                stage.say("isolates %s for %s", node, length);
                cluster.isolate(node);
                Await.pass(length);
                cluster.heal();
            }
            case 4 -> {
                var other = cluster.allBut(node).get(stage.random().nextInt(3));
                stage.say("cuts %s from %s for %s", node, other, length);
                cluster.cut(node, other);
                Await.pass(length);
                cluster.heal();
            }
            default -> {
                stage.say("kills all");
                cluster.killAll();
                cluster.start();
            }
        }
    }
}
