package io.aitta.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class SnapshotFetchTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final NodeId N1 = new NodeId("n1");
    private static final PartitionId P = new PartitionId("p", 3, 0);

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    @Test
    void aFetchThatCannotBeBegunCountsNoMore() {
        var limits = new CopyLimits(1, 0);
        assertThat(limits.beginFetch()).isTrue();
        // This store has no place for a copy.
        var store = new FakeReplicaStore();
        var local =
                new LocalReplica(N1, P, KIT.<Replica.Command>createTestProbe().getRef(), store);
        var log = KIT.<ReplicaLog.Command>createTestProbe();
        var fetch =
                KIT.spawn(SnapshotFetch.create(P, new NodeId("n2"), local, new NodeDirectory(), limits, log.getRef()));
        log.expectTerminated(fetch);
        assertThat(limits.beginFetch()).isTrue();
    }
}
