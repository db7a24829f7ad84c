package io.aitta.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.KnownCluster;
import io.aitta.core.topology.KnownCluster.MetaMember;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.Topology;
import io.aitta.orchestrator.OrchestratorMessage.Hello;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistrarTest {
    private static final ActorTestKit KIT = ActorTestKit.create();

    @TempDir
    Path dataDir;

    private final TopologyView view = new TopologyView(Topology.EMPTY, "");
    private final TestProbe<OrchestratorMessage> orchestrator = KIT.createTestProbe();
    private final List<KnownCluster> told = new CopyOnWriteArrayList<>();
    private final List<String> rejections = new CopyOnWriteArrayList<>();

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    @Test
    void whoHoldsMetaIsRememberedAsSoonAsTheTopologyTells() {
        var registrar = registrar();
        hello();
        registrar.tell(new RegistrarMessage.Welcome(new KnownCluster("c", List.of(member("n1", true)))));
        awaitTold(1);
        view.offer(topology(2, "n1"));
        awaitTold(2);
        view.offer(topology(3, "n1", "n2"));
        awaitTold(3);
        var grown = new KnownCluster("c", new Epoch(3), List.of(member("n1", true), member("n2", false)));
        assertThat(told.get(2)).isEqualTo(grown);
        assertThat(new ClusterFile(dataDir).known()).contains(grown);
        registrar.tell(new RegistrarMessage.Welcome(new KnownCluster("c", List.of(member("n1", true)))));
        registrar.tell(new RegistrarMessage.SayHello());
        assertThat(hello().known()).as("what is older is no news").contains(grown);
        assertThat(told).hasSize(3);
    }

    @Test
    void whoHoldsMetaAgainIsRememberedAsTheNewestWordIfEpochsWereMissed() {
        var registrar = registrar();
        hello();
        registrar.tell(new RegistrarMessage.Welcome(new KnownCluster("c", List.of(member("n1", true)))));
        awaitTold(1);
        view.offer(topology(2, "n1"));
        awaitTold(2);
        view.offer(topology(3, "n1"));
        view.offer(topology(7, "n1"));
        awaitTold(3);
        assertThat(new ClusterFile(dataDir).known())
                .contains(new KnownCluster("c", new Epoch(7), List.of(member("n1", true))));
    }

    @Test
    void aNodeThatBelongsToNoClusterYetWaitsForItsWelcome() {
        var registrar = registrar();
        hello();
        view.offer(topology(3, "n1"));
        registrar.tell(new RegistrarMessage.SayHello());
        assertThat(hello().known()).isEmpty();
        assertThat(new ClusterFile(dataDir).known()).isEmpty();
    }

    @Test
    void aNodeThatTheTopologyListsNoMoreAsksAtOnceAndEndsWithTheAnswer() {
        view.offer(topology(3, "n1"));
        var registrar = registrar();
        hello();
        registrar.tell(new RegistrarMessage.Welcome(new KnownCluster("c", List.of(member("n1", true)))));
        orchestrator.expectNoMessage(Duration.ofMillis(100));
        view.offer(new Topology(
                new Epoch(4),
                "c",
                List.of(OrchestratorTest.node("n2")),
                Map.of(metaTable(), List.of(PartitionInfo.founded(PartitionId.META, List.of(new NodeId("n2")))))));
        hello();
        registrar.tell(new RegistrarMessage.Rejected("NODE_REMOVED", "gone"));
        orchestrator.awaitAssert(() -> {
            assertThat(rejections).containsExactly("NODE_REMOVED: gone");
            return null;
        });
    }

    private ActorRef<RegistrarMessage> registrar() {
        return KIT.spawn(Registrar.create(
                OrchestratorTest.node("n1"),
                FakeStates.addressOf("n1"),
                new ClusterFile(dataDir),
                view,
                new FakeStates(),
                orchestrator.getRef(),
                Duration.ofMinutes(1),
                told::add,
                (reason, message) -> rejections.add(reason + ": " + message)));
    }

    private Hello hello() {
        return orchestrator.expectMessageClass(Hello.class);
    }

    private void awaitTold(int times) {
        orchestrator.awaitAssert(Duration.ofSeconds(10), () -> {
            assertThat(told).hasSize(times);
            return null;
        });
    }

    /** The first is a founder, the others came later. */
    private static Topology topology(long epoch, String... holders) {
        var meta = PartitionInfo.founded(PartitionId.META, List.of(new NodeId(holders[0])));
        for (String later : Arrays.copyOfRange(holders, 1, holders.length)) {
            meta = meta.with(new ReplicaInfo(new NodeId(later), ReplicaInfo.Role.LEARNER));
        }
        return new Topology(
                new Epoch(epoch),
                "c",
                List.of(OrchestratorTest.node("n1"), OrchestratorTest.node("n2")),
                Map.of(metaTable(), List.of(meta)));
    }

    private static TableInfo metaTable() {
        return new TableInfo(PartitionId.META.table(), Epoch.ZERO, 1, 3, true);
    }

    private static MetaMember member(String node, boolean founder) {
        return new MetaMember(new NodeId(node), "i-" + node, founder);
    }
}
