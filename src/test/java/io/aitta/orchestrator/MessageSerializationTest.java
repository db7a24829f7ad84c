package io.aitta.orchestrator;

import com.typesafe.config.ConfigFactory;
import io.aitta.core.NodeId;
import io.aitta.core.topology.KnownCluster;
import io.aitta.core.topology.TableOptions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.SerializationTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class MessageSerializationTest {
    private static final ActorTestKit KIT =
            ActorTestKit.create(ConfigFactory.parseString("pekko.actor.provider = local\n"
                            + "pekko.actor.allow-java-serialization = off\n"
                            + "pekko.actor.serialization-bindings { \"io.aitta.config.CborMessage\" = jackson-cbor }")
                    .withFallback(ConfigFactory.load()));

    private final SerializationTestKit serialization = KIT.serializationTestKit();

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    @Test
    void whatIsSaidToTheOrchestratorSurvivesTheWay() {
        var registrar = KIT.<RegistrarMessage>createTestProbe().getRef();
        var asker = new OrchestratorMessage.Asking(
                "r", true, 100, KIT.<OrchestratorReply>createTestProbe().getRef());
        var node = OrchestratorTest.node("n1");
        survives(new OrchestratorMessage.Hello(node, "a", Optional.of(cluster()), registrar));
        survives(new OrchestratorMessage.Hello(node, "a", Optional.empty(), registrar));
        survives(new OrchestratorMessage.CreateTable(
                "t", OptionalInt.of(4), OptionalInt.of(3), TableOptions.DEFAULT, asker));
        survives(new OrchestratorMessage.AlterTable(
                "t", OptionalLong.of(5), Optional.of(TableOptions.Consistency.SESSION), OptionalInt.empty(), asker));
        survives(new OrchestratorMessage.CreateTable(
                "t", OptionalInt.empty(), OptionalInt.empty(), TableOptions.DEFAULT, asker));
        survives(new OrchestratorMessage.DropTable("t", asker));
        survives(new OrchestratorMessage.ReportPrimaries(
                List.of(new OrchestratorMessage.Report("t", 1, 2, 3, new NodeId("n1")))));
        survives(new OrchestratorMessage.Stop());
    }

    @Test
    void whatTheOrchestratorSaysSurvivesTheWay() {
        survives(new OrchestratorReply.Done(4, 2));
        survives(new OrchestratorReply.Refused("REASON", "sentence"));
        survives(new OrchestratorReply.Unknown("sentence"));
        survives(new RegistrarMessage.Welcome(cluster()));
        survives(new RegistrarMessage.Rejected("REASON", "sentence"));
    }

    @Test
    void whatSpreadsTheTopologySurvivesTheWay() {
        var spreader = KIT.<TopologySpreader.Message>createTestProbe().getRef();
        var receiver = KIT.<TopologyReceiver.Message>createTestProbe().getRef();
        // Arrays are not equal to their copies.
        serialization.verifySerialization(
                new TopologyReceiver.NewEpoch("c", 4, Optional.of(new byte[] {1, 2}), spreader), false);
        serialization.verifySerialization(new TopologyReceiver.Whole(new byte[] {1, 2}), false);
        survives(new TopologySpreader.AskWhole(receiver));
    }

    private void survives(Object message) {
        serialization.verifySerialization(message, true);
    }

    private static KnownCluster cluster() {
        return new KnownCluster("c", List.of(new KnownCluster.MetaMember(new NodeId("n1"), "i1")));
    }
}
