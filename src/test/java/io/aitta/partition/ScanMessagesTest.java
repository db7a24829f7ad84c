package io.aitta.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.partition.PartitionAccess.ReadLevel;
import java.util.ArrayList;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class ScanMessagesTest {
    private static final ActorTestKit KIT = ActorTestKit.create(
            "messages",
            com.typesafe.config.ConfigFactory.parseString(
                            """
                            pekko.actor.provider = local
                            pekko.loggers = ["org.apache.pekko.event.slf4j.Slf4jLogger"]
                            """)
                    .withFallback(com.typesafe.config.ConfigFactory.load()));

    @AfterAll
    static void end() {
        KIT.shutdownTestKit();
    }

    @Test
    void whatNodesSayAboutScansSurvivesTheWay() {
        var probe = KIT.<ScanServer.Reply>createTestProbe();
        var ask = KIT.serializationTestKit()
                .verifySerialization(
                        new ScanServer.ScanAsk(
                                "t@3/0",
                                ScanServer.Level.of(new ReadLevel.Session(4)),
                                new byte[] {1},
                                new byte[0],
                                null,
                                new byte[] {2},
                                7,
                                8,
                                true,
                                true,
                                9,
                                10,
                                probe.getRef()),
                        false);
        assertThat(ask.level().toReadLevel()).isEqualTo(new ReadLevel.Session(4));
        assertThat(ask.tag()).isNull();
        assertThat(ask.after()).containsExactly(2);
        assertThat(ask.replyTo()).isEqualTo(probe.getRef());
        assertThat(ScanServer.Level.of(ReadLevel.STRONG).toReadLevel()).isEqualTo(ReadLevel.STRONG);
        assertThat(ScanServer.Level.of(new ReadLevel.Eventual(5)).toReadLevel()).isEqualTo(new ReadLevel.Eventual(5));
        var changes = KIT.serializationTestKit()
                .verifySerialization(
                        new ScanServer.ChangesAsk(
                                "t@3/0", ScanServer.Level.of(ReadLevel.STRONG), 5, 6, 7, 8, probe.getRef()),
                        true);
        assertThat(changes.moment()).isEqualTo(7);
        var changed = KIT.serializationTestKit()
                .verifySerialization(new ScanServer.ChangedRows(1, new byte[] {2}, true, 3, 4, 5, 6), false);
        assertThat(changed.changes()).containsExactly(2);
        assertThat(changed.last()).isTrue();
        KIT.serializationTestKit().verifySerialization(new ScanServer.GiveUp("t@3/0", 3), true);
        KIT.serializationTestKit().verifySerialization(new ScanServer.NotHere(1, null), true);
        KIT.serializationTestKit().verifySerialization(new ScanServer.Gone(1), true);
        KIT.serializationTestKit().verifySerialization(new ScanServer.Counted(1, 2, 3, true, 4), true);
    }

    @Test
    void theLargestPageFitsAMessageBetweenNodes() {
        var keys = new ArrayList<byte[]>();
        var values = new ArrayList<byte[]>();
        long[] versions = new long[LocalScans.MAX_ROWS];
        long[] expiries = new long[LocalScans.MAX_ROWS];
        for (int i = 0; i < LocalScans.MAX_ROWS; i++) {
            keys.add(new byte[LocalScans.MAX_BYTES / LocalScans.MAX_ROWS]);
            values.add(i == 0 ? new byte[512 << 10] : new byte[0]);
            versions[i] = Long.MAX_VALUE - i;
            expiries[i] = Long.MAX_VALUE - i;
        }
        var rows = new ScanServer.Rows(
                Long.MAX_VALUE,
                keys,
                values,
                versions,
                expiries,
                new byte[32 << 10],
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                Long.MAX_VALUE);
        var serialization = org.apache.pekko.serialization.SerializationExtension.get(
                KIT.system().classicSystem());
        byte[] bytes = serialization.serialize(rows).get();
        assertThat(bytes.length).isLessThan((2 << 20) - (64 << 10));
        var back = (ScanServer.Rows) KIT.serializationTestKit().verifySerialization(rows, false);
        assertThat(back.versions()).isEqualTo(versions);
        assertThat(back.values().get(0)).hasSize(512 << 10);
    }
}
