package io.aitta.backup;

import com.google.protobuf.ByteString;
import io.aitta.backup.Manifest.TableBackup;
import io.aitta.client.AittaClient;
import io.aitta.client.AittaException;
import io.aitta.client.Consistency;
import io.aitta.client.KeyRange;
import io.aitta.client.ScanOptions;
import io.aitta.client.SetOptions;
import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.Table;
import io.aitta.transfer.Waiting;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** The cluster that a backup is restored to. Thread-safe; throws {@link AittaException}. */
public interface RestoreTarget {
    /** Empty if there is none. */
    Optional<Table> table(String name);

    boolean isEmpty(String table);

    /** How many replicas a partition can have. */
    int nodes();

    /** Makes a table, with the backup's options. */
    void create(String name, TableBackup like, int partitions, int replicas);

    /** Gives a table the backup's options. */
    void alter(String name, TableBackup like);

    /** Removes all keys. */
    void flush(String table);

    /** @param timeToLive empty: it never expires */
    CompletionStage<?> set(String table, ByteString key, ByteString value, OptionalLong timeToLive);

    /** By way of a client, which stays open. @param deadline of each call */
    static RestoreTarget of(AittaClient client, Duration deadline) {
        return new ClientTarget(client, deadline);
    }

    /** The SDK's words. */
    final class ClientTarget implements RestoreTarget {
        /** Of what concerns a whole table: made or emptied at once, which takes a while with many partitions. */
        private static final Duration LONG = Duration.ofSeconds(60);

        private final AittaClient client;
        private final Duration deadline;

        private ClientTarget(AittaClient client, Duration deadline) {
            this.client = client;
            this.deadline = deadline;
        }

        @Override
        public Optional<Table> table(String name) {
            return client.admin().blocking().listTables().getTablesList().stream()
                    .filter(table -> table.getName().equals(name))
                    .findFirst();
        }

        @Override
        public boolean isEmpty(String table) {
            var scan = client.table(table)
                    .withDeadline(LONG)
                    .withConsistency(Consistency.STRONG)
                    .scan(KeyRange.all(), ScanOptions.DEFAULT.keysOnly().limit(1));
            try (scan) {
                while (scan.hasNext()) {
                    if (!Waiting.await(scan.next()).entries().isEmpty()) {
                        return false;
                    }
                }
                return true;
            }
        }

        @Override
        public int nodes() {
            return (int) client.admin().blocking().listNodes().getNodesList().stream()
                    .filter(node -> node.getState() == NodeState.NODE_UP)
                    .count();
        }

        @Override
        public void create(String name, TableBackup like, int partitions, int replicas) {
            Waiting.await(client.admin()
                    .withDeadline(LONG)
                    .createTable(name, OptionalInt.of(partitions), OptionalInt.of(replicas), options(like)));
        }

        @Override
        public void alter(String name, TableBackup like) {
            Waiting.await(client.admin().withDeadline(LONG).alterTable(name, options(like)));
        }

        @Override
        public void flush(String table) {
            Waiting.await(client.table(table).withDeadline(LONG).flush());
        }

        @Override
        public CompletionStage<?> set(String table, ByteString key, ByteString value, OptionalLong timeToLive) {
            var options = timeToLive.isPresent()
                    ? SetOptions.DEFAULT.expiringAfter(Duration.ofMillis(timeToLive.getAsLong()))
                    : SetOptions.DEFAULT.neverExpiring();
            return client.table(table).withDeadline(deadline).set(key, value, options);
        }

        private static io.aitta.client.TableOptions options(TableBackup like) {
            var options = io.aitta.client.TableOptions.UNCHANGED.withMaxValueBytes(
                    like.options().maxValueBytes());
            options = like.options().defaultTimeToLiveMillis() == 0
                    ? options.withoutDefaultTimeToLive()
                    : options.withDefaultTimeToLive(
                            Duration.ofMillis(like.options().defaultTimeToLiveMillis()));
            return switch (ReadConsistency.valueOf(like.options().defaultReadConsistency())) {
                case EVENTUAL -> options.withDefaultConsistency(Consistency.eventual());
                case SESSION -> options.withDefaultConsistency(Consistency.SESSION);
                case STRONG, READ_CONSISTENCY_UNSPECIFIED, UNRECOGNIZED ->
                    options.withDefaultConsistency(Consistency.STRONG);
            };
        }
    }
}
