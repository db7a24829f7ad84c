package io.aitta.backup;

import io.aitta.client.AittaClient;
import io.aitta.client.AittaException;
import io.aitta.client.PartitionStream;
import io.aitta.proto.v1.BackupPiece;
import io.aitta.proto.v1.BackupPosition;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.Topology;
import java.time.Duration;
import java.util.Optional;

/** The cluster that is backed up. Thread-safe; throws {@link AittaException}. */
public interface BackupSource {
    /** What there is. */
    Topology topology();

    /** Begins to read a partition; what changed after a position will do, if there is one. */
    Reading read(Table table, int partition, Optional<BackupPosition> after);

    /** One reading, of one thread. */
    interface Reading extends AutoCloseable {
        /** Waits for the next piece; the one with the end is the last that is asked for. */
        BackupPiece next(Duration patience);

        @Override
        void close();
    }

    /** By way of a client, which stays open. */
    static BackupSource of(AittaClient client) {
        return new BackupSource() {
            @Override
            public Topology topology() {
                return client.admin().blocking().topology();
            }

            @Override
            public Reading read(Table table, int partition, Optional<BackupPosition> after) {
                PartitionStream stream = client.readPartition(table.getName(), partition, after);
                return new Reading() {
                    @Override
                    public BackupPiece next(Duration patience) {
                        return stream.next(patience).orElseThrow();
                    }

                    @Override
                    public void close() {
                        stream.close();
                    }
                };
            }
        };
    }
}
