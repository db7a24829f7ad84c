package io.aitta.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.aitta.journal.JournalFormatException;
import io.aitta.metrics.Stages;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Reason;
import java.util.HexFormat;
import java.util.List;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class ReplicaWireTest {
    private static final ActorTestKit KIT =
            ActorTestKit.create(ConfigFactory.parseString("pekko.actor.allow-java-serialization = off")
                    .withFallback(ConfigFactory.defaultApplication().withOnlyPath("nothing"))
                    .withFallback(ConfigFactory.defaultReference()));
    private static final byte[] A = {1, 2, 3};
    private static final byte[] B = {};

    private final ReplicaWire wire = new ReplicaWire((ExtendedActorSystem) Adapter.toClassic(KIT.system()));
    private final ActorRef<Replica.Answer> asker =
            KIT.<Replica.Answer>createTestProbe().getRef();

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    @Test
    void whatIsAskedOfAReplicaSurvivesTheWay() {
        survives(new Replica.Write(Long.MAX_VALUE, 7, List.of(A, B), true, 5_000, asker, 3));
        survives(new Replica.Write(1, 0, List.of(A), false, 0, asker, 0));
        survives(new Replica.Read(List.of(A, B), ReadLevel.STRONG, 5_000, asker, 9, 1));
        survives(new Replica.Read(List.of(), ReadLevel.EVENTUAL, -1, asker, 9, 1));
        survives(new Replica.Read(List.of(A), new ReadLevel.Session(17), 5_000, asker, 9, 0));
        survives(new Replica.Read(List.of(A), new ReadLevel.Eventual(250), 5_000, asker, 9, 0));
    }

    @Test
    void whatAReplicaAnswersSurvivesTheWay() {
        survives(new Replica.Written(9, List.of(new Replica.Outcomes(5, 2, List.of(A, B))), new Stages(1, 20, 300, 4)));
        survives(new Replica.Written(
                12, List.of(new Replica.Outcomes(1, 0, List.of(A)), new Replica.Outcomes(2, 5, List.of(B, A)))));
        survives(new Replica.Ordered(12, List.of(new Replica.Range(1, 2, 3))));
        survives(new Replica.ReadValues(
                4, List.of(new Replica.ReadValue(A, 5, 6), new Replica.ReadValue(null, 0, 0)), 12, true));
        survives(new Replica.Refused(List.of(Replica.Range.whole(4)), Reason.TOO_STALE, "why"));
        survives(new Replica.OutcomesUnknown(List.of(new Replica.Range(1, 0, 2)), "why"));
    }

    @Test
    void theBytesOfAnAnswerStayWhatTheyAre() {
        var bytes = wire.toBinary(new Replica.Written(300, List.of(new Replica.Outcomes(5, 2, List.of(A, B)))));
        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo("ac020105020203010203" + "00");
    }

    @Test
    void whatIsNoMessageIsRefusedByName() {
        assertThatThrownBy(() -> wire.fromBinary(new byte[] {1}, "x9")).isInstanceOf(JournalFormatException.class);
        assertThatThrownBy(() -> wire.fromBinary(new byte[] {1}, "d1")).isInstanceOf(JournalFormatException.class);
        assertThatThrownBy(() -> wire.fromBinary(new byte[] {1, 0, 0}, "d1"))
                .isInstanceOf(JournalFormatException.class)
                .hasMessageContaining("left over");
    }

    private void survives(Object message) {
        var copy = wire.fromBinary(wire.toBinary(message), wire.manifest(message));
        assertThat(copy).usingRecursiveComparison().isEqualTo(message);
    }
}
