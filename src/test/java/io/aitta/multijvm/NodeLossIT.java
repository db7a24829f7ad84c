package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Processes that are killed without warning. */
@Timeout(180)
class NodeLossIT {
    @RegisterExtension
    final Stage stage = new Stage();

    @Test
    void theNodeWithMostPrimariesIsKilledAndNothingAcknowledgedIsLost() {
        var cluster = stage.cluster(Cluster.Plan.of(3)).start();
        try (var load = Load.on(cluster, "default", stage.random())) {
            var victim = cluster.withMostPrimaries();
            stage.say("kills %s", victim);
            cluster.kill(victim);
            load.goesOn();
            cluster.restart(victim);
            load.goesOn();
            load.verify();
            stage.say(load.summary());
        }
    }

    @Test
    void theOrchestratorsNodeIsKilledAndTablesCanBeMadeAfterwards() {
        var cluster = stage.cluster(Cluster.Plan.of(3)).start();
        try (var load = Load.on(cluster, "default", stage.random())) {
            var victim = cluster.orchestrator();
            stage.say("kills %s", victim);
            cluster.kill(victim);
            load.goesOn();
            cluster.awaitOrchestratorElsewhere(victim);
            stage.say("the orchestrator is on %s", cluster.orchestrator());
            var admin = cluster.client(Duration.ofSeconds(20)).admin().blocking();
            var made = admin.createTable("second", OptionalInt.of(4), OptionalInt.of(2));
            assertThat(made.getPartitionsNotReady()).isZero();
            var keys = cluster.client(Duration.ofSeconds(2)).table("second").blocking();
            keys.set(Load.bytes("a"), Load.bytes("b"));
            cluster.restart(victim);
            assertThat(keys.get(Load.bytes("a")).orElseThrow().utf8()).isEqualTo("b");
            load.verify();
            stage.say(load.summary());
        }
    }

    @Test
    void allAreKilledAtOnceAndEveryAcknowledgedWriteIsThereAfterTheRestart() {
        var cluster = stage.cluster(Cluster.Plan.of(3)).start();
        try (var load = Load.on(cluster, "default", stage.random())) {
            cluster.killAll();
            stage.say("all are killed");
            cluster.start();
            stage.say("all are back");
            load.goesOn();
            load.verify();
            stage.say(load.summary());
        }
    }
}
