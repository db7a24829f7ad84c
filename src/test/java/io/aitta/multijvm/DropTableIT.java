package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.client.WriteOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What becomes of the space that a table took, in the store and in the binlog. */
@Timeout(240)
class DropTableIT {
    private static final int VALUE_BYTES = 64 << 10;
    private static final int ENTRIES_AT_ONCE = 32;
    private static final int REQUESTS = 30;
    private static final long DATA_BYTES = (long) VALUE_BYTES * ENTRIES_AT_ONCE * REQUESTS;
    private static final long MIB = 1 << 20;

    @RegisterExtension
    final Stage stage = new Stage();

    @Test
    void theSpaceOfADroppedTableComesBackOnEveryNode() {
        var cluster = stage.cluster(Cluster.Plan.of(3).with("aitta.journal.compact-above=4 MiB"))
                .start();
        var client = cluster.client(Duration.ofSeconds(30));
        client.admin().blocking().createTable("large", OptionalInt.of(8), OptionalInt.of(3));
        var before = cluster.nodes().stream().map(NodeProcess::diskBytes).toList();
        var table = client.table("large").blocking();
        for (int request = 0; request < REQUESTS; request++) {
            var entries = new ArrayList<Map.Entry<ByteString, ByteString>>();
            for (int i = 0; i < ENTRIES_AT_ONCE; i++) {
                var value = new byte[VALUE_BYTES];
                stage.random().nextBytes(value);
                entries.add(Map.entry(Load.bytes(request + "-" + i), ByteString.copyFrom(value)));
            }
            assertThat(table.multiSet(entries)).allMatch(WriteOutcome.Written.class::isInstance);
        }
        Await.until(
                () -> "all nodes hold the data: " + sizes(cluster),
                Duration.ofSeconds(60),
                () -> cluster.nodes().stream().allMatch(node -> node.diskBytes() >= DATA_BYTES));
        stage.say("with the table: %s", sizes(cluster));
        client.admin().blocking().dropTable("large");
        Await.until(
                () -> "the space is back; before: " + before + ", now: " + sizes(cluster),
                Duration.ofSeconds(90),
                () -> {
                    boolean all = true;
                    for (int i = 0; i < before.size(); i++) {
                        all &= cluster.nodes().get(i).diskBytes() < before.get(i) + 8 * MIB;
                    }
                    return all;
                });
        stage.say("without it: %s", sizes(cluster));
        client.table("default").blocking().set(Load.bytes("still"), Load.bytes("here"));
    }

    /** In MiB, store and binlog apart. */
    private static String sizes(Cluster cluster) {
        var sizes = new ArrayList<String>();
        for (var node : cluster.nodes()) {
            sizes.add(String.format(
                    "%s: store %.1f, journal %.1f MiB",
                    node,
                    NodeProcess.bytesIn(node.dataDir().resolve("store")) / (double) MIB,
                    NodeProcess.bytesIn(node.dataDir().resolve("journal")) / (double) MIB));
        }
        return sizes.toString();
    }
}
