package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nodes that go and come back, as they should and as they may. */
@Timeout(240)
class RestartIT {
    @RegisterExtension
    final Stage stage = new Stage();

    @Test
    void aNodeThatWasAwayUntilTheBinlogsWerePurgedComesBackByAFullCopy() {
        var cluster = stage.cluster(Cluster.Plan.of(3)
                        .with(
                                "aitta.replication.keep-bytes=1 KiB",
                                "aitta.replication.resident-bytes=1 KiB",
                                "aitta.store.checkpoint-interval=500 ms"))
                .start();
        try (var load = Load.on(cluster, "default", stage.random())) {
            var away = cluster.node(1 + stage.random().nextInt(3));
            stage.say("kills %s", away);
            cluster.kill(away);
            for (int i = 0; i < 5; i++) {
                load.goesOn();
            }
            cluster.restart(away);
            stage.say("%s is ready", away);
            Await.until(() -> away + " has taken over full copies", Duration.ofSeconds(30), () -> away.log()
                    .contains("took over a full copy"));
            // What only the node that was away and one other have must be all there is.
            cluster.kill(cluster.allBut(away).get(0));
            load.goesOn();
            load.verify();
            stage.say(load.summary());
        }
    }

    @Test
    void aNodeRestartedOnOtherPortsIsFoundAgain() {
        var cluster = stage.shared(Cluster.Plan.of(3));
        var table = stage.ownTable();
        try (var load = Load.on(cluster, table, stage.random())) {
            var moved = cluster.withMostPrimaries();
            cluster.kill(moved);
            cluster.restartElsewhere(moved);
            cluster.awaitWhole();
            load.goesOn();
            cluster.kill(cluster.allBut(moved).get(0));
            load.goesOn();
            load.verify();
            stage.say(load.summary());
        }
    }

    @Test
    void aSingleNodeKeepsItsDataOverRestartsAndLaterIsJoinedByOthers() {
        var cluster = stage.cluster(Cluster.Plan.of(3).with("aitta.bootstrap.expect-nodes=1"));
        var first = cluster.node(1);
        cluster.restart(first);
        var keys = cluster.client(Duration.ofSeconds(10)).table("default").blocking();
        keys.set(Load.bytes("a"), Load.bytes("1"));
        cluster.kill(first);
        cluster.restart(first);
        assertThat(keys.get(Load.bytes("a")).orElseThrow().utf8()).isEqualTo("1");
        stage.say("the single node has kept its data");

        cluster.begin(cluster.node(2));
        cluster.begin(cluster.node(3));
        cluster.awaitWhole();
        stage.say("the others have joined");
        assertThat(keys.get(Load.bytes("a")).orElseThrow().utf8()).isEqualTo("1");
        var admin = cluster.client(Duration.ofSeconds(20)).admin().blocking();
        admin.createTable("wide", OptionalInt.of(8), OptionalInt.of(3));
        var wide = cluster.client(Duration.ofSeconds(10)).table("wide").blocking();
        wide.set(Load.bytes("b"), Load.bytes("2"));
        // While the first table is being completed it may have two replicas of which neither can be spared.
        new Orders(cluster).awaitSettled();
        cluster.stop(cluster.node(3));
        assertThat(wide.get(Load.bytes("b")).orElseThrow().utf8()).isEqualTo("2");
        wide.set(Load.bytes("b"), Load.bytes("3"));
        keys.set(Load.bytes("a"), Load.bytes("2"));
    }
}
