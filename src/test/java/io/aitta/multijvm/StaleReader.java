package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.GetResponse;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.ReadConsistency;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Tries to read the past from one node: keys are written, overwritten while the node cannot know of it, and then asked of
 * the node itself. It may refuse, it may tell the new value, it may not tell the old one.
 */
final class StaleReader {
    private static final int KEYS = 32;
    private static final Duration WRITE_LIMIT = Duration.ofSeconds(20);

    private final NodeProcess node;
    private final Cluster cluster;
    private final String table;
    private final String prefix;

    private StaleReader(NodeProcess node, Cluster cluster, String table, String prefix) {
        this.node = node;
        this.cluster = cluster;
        this.table = table;
        this.prefix = prefix;
    }

    /** Writes the keys the first time. */
    static StaleReader of(NodeProcess node, Cluster cluster, String table, Random random) {
        var reader = new StaleReader(node, cluster, table, "stale-" + random.nextInt(1_000_000) + "-");
        reader.writeAll("old");
        return reader;
    }

    /** By way of the other nodes. */
    void overwriteAll() {
        writeAll("new");
    }

    private void writeAll(String value) {
        var keys =
                cluster.client(WRITE_LIMIT, cluster.allBut(node)).table(table).blocking();
        for (int i = 0; i < KEYS; i++) {
            keys.set(Load.bytes(prefix + i), Load.bytes(value));
        }
    }

    /** Sends strong reads of all keys to the node. */
    Answers readFromTheNode() {
        var answers = new LinkedHashMap<String, ListenableFuture<GetResponse>>();
        var stub = KvGrpc.newFutureStub(node.channel()).withDeadlineAfter(10, TimeUnit.SECONDS);
        for (int i = 0; i < KEYS; i++) {
            answers.put(
                    prefix + i,
                    stub.get(GetRequest.newBuilder()
                            .setTable(table)
                            .setKey(Load.bytes(prefix + i))
                            .setConsistency(ReadConsistency.STRONG)
                            .build()));
        }
        return new Answers(answers);
    }

    record Answers(Map<String, ListenableFuture<GetResponse>> byKey) {
        /** Waits for all. */
        void verifyNoneIsStale() {
            byKey.forEach((key, answer) -> {
                try {
                    assertThat(answer.get().getValue().toStringUtf8()).as(key).isEqualTo("new");
                } catch (ExecutionException refused) {
                    // It need not know.
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError("interrupted", e);
                }
            });
        }
    }
}
