package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.Topology;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Processes that stand still and do not know it: SIGSTOP, then SIGCONT. */
@Timeout(180)
class PausedNodeIT {
    /** More: {@code -Daitta.pause.rounds=5}. */
    private static final int ROUNDS = Integer.getInteger("aitta.pause.rounds", 1);

    @RegisterExtension
    final Stage stage = new Stage();

    @Test
    void aNodePausedUntilItWasRemovedReadsNothingStaleLosesNothingAndComesBackByItself() {
        var cluster = stage.shared(Cluster.Plan.of(3));
        var table = stage.ownTable();
        try (var load = Load.on(cluster, table, stage.random())) {
            var paused = cluster.withMostPrimaries();
            var stale = StaleReader.of(paused, cluster, table, stage.random());
            stage.say("pauses %s", paused);
            paused.pause();
            load.goesOn();
            stale.overwriteAll();
            Await.until(() -> paused + " is removed", Duration.ofSeconds(20), () -> cluster.allBut(paused).stream()
                    .allMatch(node -> isDown(cluster.topologyOf(node).orElseThrow(), paused)));
            stage.say("%s is removed", paused);
            // What waited at the node is answered as soon as it goes on; it must not be by what it held for true then.
            var answers = stale.readFromTheNode();
            paused.resume();
            stage.say("%s goes on", paused);
            answers.verifyNoneIsStale();
            cluster.awaitWhole();
            stage.say("%s is back", paused);
            load.goesOn();
            load.verify();
            stage.say(load.summary());
        }
    }

    @Test
    void aNodePausedForAMomentLongerThanItsLeaseReadsNothingStale() {
        var cluster = stage.shared(Cluster.Plan.of(3));
        var table = stage.ownTable();
        try (var load = Load.on(cluster, table, stage.random())) {
            for (int i = 0; i < ROUNDS; i++) {
                var paused = cluster.withMostPrimaries();
                var stale = StaleReader.of(paused, cluster, table, stage.random());
                paused.pause();
                // Elections have been won elsewhere when this can be done.
                stale.overwriteAll();
                var answers = stale.readFromTheNode();
                paused.resume();
                answers.verifyNoneIsStale();
                cluster.awaitWhole();
                load.goesOn();
            }
            load.verify();
            stage.say(load.summary());
            assertThat(load.failures().size()).isPositive();
        }
    }

    private static boolean isDown(Topology topology, NodeProcess wanted) {
        return topology.getNodesList().stream()
                .anyMatch(node -> node.getId().equals(wanted.id) && node.getState() == NodeState.NODE_DOWN);
    }
}
