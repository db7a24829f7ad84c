package io.aitta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.aitta.proto.v1.AlterTableRequest;
import io.aitta.proto.v1.CreateTableRequest;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.MultiGetRequest;
import io.aitta.proto.v1.Position;
import io.aitta.proto.v1.ReadConsistency;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What reads ask for, whom they ask, and what they say they have seen. */
@Timeout(30)
class ConsistencyTest {
    private static final ByteString KEY = utf8("a");

    private final FakeCluster cluster = new FakeCluster(3);
    private final AittaClient client =
            AittaClient.builder().endpoints(cluster.endpoints()).build();
    private final AittaTable table = client.table("default");
    private final AittaTable.BlockingView session =
            table.withConsistency(Consistency.SESSION).blocking();

    @AfterEach
    void close() {
        client.close();
        cluster.close();
    }

    @Test
    void readsAskForWhatTheirViewOfTheTableSays() {
        for (var consistency : List.of(
                Consistency.TABLE_DEFAULT,
                Consistency.STRONG,
                Consistency.SESSION,
                Consistency.eventual(),
                Consistency.eventual(Duration.ofMillis(300)))) {
            table.withConsistency(consistency).blocking().get(KEY);
            assertThat(lastGet().getConsistency()).isEqualTo(consistency.level());
            assertThat(lastGet().getMaxStalenessMillis()).isEqualTo(consistency.maxStalenessMillis());
        }
        assertThat(lastGet().getMaxStalenessMillis()).isEqualTo(300);
        assertThatThrownBy(() -> Consistency.eventual(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSessionReadTellsWhatItsClientHasWrittenAndRead() {
        table.blocking().set(KEY, utf8("1"));
        session.get(KEY);
        assertThat(lastSeen()).extracting(Position::getIndex).containsExactly(1L);
        table.blocking().set(KEY, utf8("2"));
        session.get(KEY);
        assertThat(lastSeen()).extracting(Position::getIndex).containsExactly(2L);
    }

    @Test
    void aReplicaThatLagsDoesNotTakeTheSessionBack() {
        table.blocking().set(KEY, utf8("1"));
        table.blocking().set(KEY, utf8("2"));
        cluster.answerAsOf(1);
        session.get(KEY);
        session.get(KEY);
        assertThat(lastSeen()).extracting(Position::getIndex).containsExactly(2L);
    }

    @Test
    void aSessionReadOfManyKeysTellsOfTheirPartitionsAlone() {
        learnTopology();
        var keys = List.of(utf8("{1}a"), utf8("{2}a"), utf8("{3}a"), utf8("{4}a"), utf8("{5}a"), utf8("{6}a"));
        keys.forEach(key -> table.blocking().set(key, utf8("1")));
        session.multiGet(keys.subList(0, 1));
        assertThat(lastSeen()).hasSize(1);
        session.multiGet(keys);
        var partitions = new HashSet<Integer>();
        lastSeen().forEach(position -> partitions.add(position.getPartition()));
        assertThat(partitions).hasSameSizeAs(lastSeen()).hasSizeGreaterThan(1);
        assertThat(cluster.received(MultiGetRequest.class)).hasSize(2);
    }

    @Test
    void strongAndEventualReadsTellNothing() {
        table.blocking().set(KEY, utf8("1"));
        table.withConsistency(Consistency.STRONG).blocking().get(KEY);
        assertThat(lastSeen()).isEmpty();
        table.withConsistency(Consistency.eventual()).blocking().get(KEY);
        assertThat(lastSeen()).isEmpty();
    }

    @Test
    void aTableWhoseDefaultIsSessionIsReadSo() {
        var admin = client.admin().blocking();
        admin.createTable(
                "t",
                OptionalInt.of(4),
                OptionalInt.of(3),
                TableOptions.UNCHANGED.withDefaultConsistency(Consistency.SESSION));
        var t = client.table("t").blocking();
        t.set(KEY, utf8("1"));
        t.get(KEY);
        assertThat(lastSeen()).hasSize(1);
        assertThat(lastGet().getConsistency()).isEqualTo(ReadConsistency.READ_CONSISTENCY_UNSPECIFIED);
    }

    @Test
    void strongReadsGoToThePrimaryAndOthersToAllReplicas() {
        learnTopology();
        assertThat(nodesAsked(table.withConsistency(Consistency.STRONG))).containsExactly(cluster.primaryOf("a"));
        eventually(
                () -> nodesAsked(table.withConsistency(Consistency.eventual())).size() > 1);
        eventually(() -> nodesAsked(table.withConsistency(Consistency.SESSION)).size() > 1);
    }

    @Test
    void readsOfAnyReplicaStayInTheClientsZone() {
        try (var near = AittaClient.builder()
                .endpoints(cluster.endpoints())
                .zone("zone1")
                .build()) {
            var eventual = near.table("default").withConsistency(Consistency.eventual());
            eventually(() -> {
                eventual.blocking().get(KEY);
                return cluster.received()
                                .get(cluster.received().size() - 1)
                                .header()
                                .getEpoch()
                        > 0;
            });
            assertThat(nodesAsked(eventual)).containsExactly(1);
        }
    }

    @Test
    void aReplicaThatIsGoneIsNotMissed() {
        learnTopology();
        cluster.kill(cluster.primaryOf("a"));
        var eventual = table.withConsistency(Consistency.eventual()).blocking();
        for (int i = 0; i < 20; i++) {
            assertThat(eventual.get(KEY)).isEmpty();
        }
    }

    @Test
    void theOptionsOfATableAreSentAsGiven() {
        var admin = client.admin().blocking();
        var options = TableOptions.UNCHANGED
                .withDefaultTimeToLive(Duration.ofMinutes(1))
                .withDefaultConsistency(Consistency.eventual())
                .withMaxValueBytes(1_000);
        admin.createTable("t", OptionalInt.empty(), OptionalInt.empty(), options);
        var created = (CreateTableRequest)
                cluster.received(CreateTableRequest.class).get(0).request();
        assertThat(created.getOptions().getDefaultTimeToLiveMillis()).isEqualTo(60_000);
        assertThat(created.getOptions().getDefaultReadConsistency()).isEqualTo(ReadConsistency.EVENTUAL);
        assertThat(created.getOptions().getMaxValueBytes()).isEqualTo(1_000);
        var altered = admin.alterTable("t", TableOptions.UNCHANGED.withoutDefaultTimeToLive());
        var alteration = (AlterTableRequest)
                cluster.received(AlterTableRequest.class).get(0).request();
        assertThat(alteration.getOptions().hasDefaultTimeToLiveMillis()).isTrue();
        assertThat(alteration.getOptions().hasMaxValueBytes()).isFalse();
        assertThat(altered.getTable().getOptions().getMaxValueBytes()).isEqualTo(1_000);
        assertThatThrownBy(() -> TableOptions.UNCHANGED.withDefaultConsistency(Consistency.TABLE_DEFAULT))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private Set<Integer> nodesAsked(AittaTable view) {
        int before = cluster.received().size();
        for (int i = 0; i < 40; i++) {
            view.blocking().get(KEY);
        }
        var nodes = new HashSet<Integer>();
        cluster.received().subList(before, cluster.received().size()).forEach(received -> nodes.add(received.node()));
        return nodes;
    }

    private void learnTopology() {
        eventually(() -> {
            table.blocking().get(KEY);
            return lastGet().getHeader().getEpoch() == cluster.epoch();
        });
    }

    private GetRequest lastGet() {
        var gets = cluster.received(GetRequest.class);
        return (GetRequest) gets.get(gets.size() - 1).request();
    }

    private List<Position> lastSeen() {
        return cluster.received().get(cluster.received().size() - 1).header().getSeenList();
    }

    private static void eventually(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting for a condition").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
