package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.client.AittaAdmin;
import io.aitta.client.AittaException;
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
        // One more than a partition has replicas, so that some are asked for what they do not hold.
        var cluster = stage.shared(Cluster.Plan.of(4));
        var table = stage.ownTable();
        try (var load = Load.on(cluster, table, stage.random())) {
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
        var cluster = stage.shared(Cluster.Plan.of(4));
        var table = stage.ownTable();
        try (var load = Load.on(cluster, table, stage.random())) {
            var victim = cluster.orchestrator();
            stage.say("kills %s", victim);
            cluster.kill(victim);
            load.goesOn();
            // What is asked of the one that is dead, and not yet known to be, is answered "unknown".
            var admin = cluster.client(Duration.ofSeconds(2)).admin().blocking();
            Await.until("a table can be made", Duration.ofSeconds(20), () -> isMade(admin, "second"));
            stage.say("a table was made");
            var keys = cluster.client(Duration.ofSeconds(2)).table("second").blocking();
            keys.set(Load.bytes("a"), Load.bytes("b"));
            cluster.restart(victim);
            assertThat(keys.get(Load.bytes("a")).orElseThrow().utf8()).isEqualTo("b");
            load.verify();
            stage.say(load.summary());
        }
    }

    private static boolean isMade(AittaAdmin.BlockingView admin, String table) {
        try {
            return admin.createTable(table, OptionalInt.of(4), OptionalInt.of(2))
                            .getPartitionsNotReady()
                    == 0;
        } catch (AittaException.Refused refused) {
            return refused.reason().equals("TABLE_EXISTS");
        } catch (AittaException notNow) {
            return false;
        }
    }

    @Test
    void allAreKilledAtOnceAndEveryAcknowledgedWriteIsThereAfterTheRestart() {
        var cluster = stage.shared(Cluster.Plan.of(4));
        var table = stage.ownTable();
        try (var load = Load.on(cluster, table, stage.random())) {
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
