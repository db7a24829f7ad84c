package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.SetRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Links between nodes that are cut, and connections that break. */
@Timeout(180)
class SplitNetworkIT {
    /** By then a node that was cut off knows it. */
    private static final Duration NOTICE_LIMIT = Duration.ofSeconds(10);

    /** One of two nodes that cannot reach each other has been taken for dead by then, and tries to join again. */
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(10);

    private static final Duration QUICKLY = Duration.ofMillis(500);
    /** Enough to meet every partition of the table. */
    private static final int KEYS = 64;

    @RegisterExtension
    final Stage stage = new Stage();

    @Test
    void theMajorityServesTheMinorityRefusesAndAllAgreeOnceTheLinkIsHealed() {
        var cluster = stage.shared(Cluster.Plan.of(3).withCuttableLinks());
        var table = stage.ownTable();
        try (var load = Load.on(cluster, table, stage.random())) {
            var lonely = cluster.withMostPrimaries();
            var stale = StaleReader.of(lonely, cluster, table, stage.random());
            stage.say("isolates %s", lonely);
            cluster.isolate(lonely);
            load.goesOn();
            stage.say("the majority serves");
            stale.overwriteAll();
            stale.readFromTheNode().verifyNoneIsStale();

            Await.until(() -> lonely + " refuses all quickly", NOTICE_LIMIT, () -> refusesAllQuickly(lonely));
            answersEventualReads(lonely);
            stage.say("%s refuses writes and strong reads, and answers EVENTUAL ones", lonely);

            cluster.heal();
            cluster.awaitWhole();
            stage.say("all know each other again");
            load.goesOn();
            load.verify();
            stage.say(load.summary());
        }
    }

    @Test
    void twoNodesThatCannotTalkToEachOtherButToTheThirdStopNobody() {
        var cluster = stage.shared(Cluster.Plan.of(3).withCuttableLinks());
        var table = stage.ownTable();
        try (var load = Load.on(cluster, table, stage.random())) {
            var one = cluster.node(1 + stage.random().nextInt(3));
            var other = cluster.allBut(one).get(stage.random().nextInt(2));
            stage.say("cuts %s and %s", one, other);
            cluster.cut(one, other);
            long until = System.nanoTime() + LONG_ENOUGH.toNanos();
            while (System.nanoTime() < until) {
                load.goesOn();
            }
            cluster.heal();
            cluster.awaitWhole();
            load.goesOn();
            load.verify();
            stage.say(load.summary());
        }
    }

    @Test
    void connectionsThatBreakCostNothingThatWasAcknowledged() {
        var cluster = stage.shared(Cluster.Plan.of(3).withCuttableLinks());
        var table = stage.ownTable();
        try (var load = Load.on(cluster, table, stage.random())) {
            for (int i = 0; i < 5; i++) {
                var one = cluster.node(1 + stage.random().nextInt(3));
                cluster.allBut(one).forEach(other -> cluster.resetConnections(one, other));
                load.goesOn();
            }
            cluster.awaitWhole();
            load.verify();
            stage.say(load.summary());
        }
    }

    private static boolean refusesAllQuickly(NodeProcess node) {
        var kv = KvGrpc.newBlockingStub(node.channel());
        for (int i = 0; i < KEYS; i++) {
            var key = Load.bytes("minority-" + i);
            var set = SetRequest.newBuilder().setTable("default").setKey(key).build();
            var get = GetRequest.newBuilder().setTable("default").setKey(key).build();
            boolean refused = isUnavailable(() -> kv.withDeadlineAfter(QUICKLY.toMillis(), TimeUnit.MILLISECONDS)
                            .set(set))
                    && isUnavailable(() -> kv.withDeadlineAfter(QUICKLY.toMillis(), TimeUnit.MILLISECONDS)
                            .get(get));
            if (!refused) {
                return false;
            }
        }
        return true;
    }

    private static boolean isUnavailable(Runnable call) {
        try {
            call.run();
            return false;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() == Status.Code.UNAVAILABLE;
        }
    }

    private static void answersEventualReads(NodeProcess node) {
        var kv = KvGrpc.newBlockingStub(node.channel());
        for (int i = 0; i < KEYS; i++) {
            var get = GetRequest.newBuilder()
                    .setTable("default")
                    .setKey(Load.bytes("minority-" + i))
                    .setConsistency(ReadConsistency.EVENTUAL)
                    .build();
            var answer = kv.withDeadlineAfter(QUICKLY.toMillis(), TimeUnit.MILLISECONDS)
                    .get(get);
            assertThat(answer.getFound()).as("a write that was refused").isFalse();
        }
    }
}
