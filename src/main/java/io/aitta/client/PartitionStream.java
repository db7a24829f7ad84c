package io.aitta.client;

import io.aitta.client.AittaException.Unavailable;
import io.aitta.proto.v1.BackupGrpc;
import io.aitta.proto.v1.BackupPiece;
import io.aitta.proto.v1.BackupPosition;
import io.aitta.proto.v1.ReadPartitionRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One partition as of one log index, piece by piece, from one node: see {@code aitta.v1.Backup.ReadPartition}. No more than
 * a few pieces of about 256 KiB are read ahead. It does not go on over another node, for each has a moment of its own: who
 * has not seen the end begins again, and is then sent elsewhere if this node did not answer. Of one thread.
 */
public final class PartitionStream implements AutoCloseable {
    /** Pieces on their way or waiting here. */
    private static final int WINDOW = 4;

    /** One of the two; what comes from the node. */
    private record Arrival(BackupPiece piece, AittaException end) {}

    private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
    private final Router router;
    private final Endpoint node;
    private final Transport.Stream stream;
    private boolean ended;

    PartitionStream(Transport transport, Router router, String table, int partition, Optional<BackupPosition> after) {
        this.router = router;
        this.node = router.pick(table, partition);
        var request = ReadPartitionRequest.newBuilder().setTable(table).setPartition(partition);
        after.ifPresent(request::setAfter);
        this.stream = transport.open(
                node,
                BackupGrpc.getReadPartitionMethod(),
                request.build(),
                new Transport.StreamObserver<BackupPiece>() {
                    @Override
                    public void next(BackupPiece piece) {
                        router.health().answered(node);
                        arrivals.add(new Arrival(piece, null));
                    }

                    @Override
                    public void ended(AittaException why) {
                        arrivals.add(new Arrival(null, why));
                    }
                });
        stream.request(WINDOW);
    }

    /**
     * Waits for the next piece; the one with the end is the last.
     *
     * @param patience how long the node may be silent
     * @return empty after the end
     * @throws AittaException if the stream has broken before its end. An interrupt is {@link Unavailable}
     */
    public Optional<BackupPiece> next(Duration patience) {
        if (ended) {
            return Optional.empty();
        }
        Arrival arrival;
        try {
            arrival = arrivals.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unavailable("INTERRUPTED", "interrupted while waiting for a partition");
        }
        if (arrival == null) {
            router.health().failed(node);
            throw new Unavailable("DEADLINE_EXCEEDED", node + " sent nothing for " + patience.toMillis() + " ms");
        }
        if (arrival.end() != null) {
            if (!(arrival.end() instanceof AittaException.Refused)) {
                router.health().failed(node);
            }
            throw arrival.end();
        }
        ended = arrival.piece().hasEnd();
        if (!ended) {
            stream.request(1);
        }
        return Optional.of(arrival.piece());
    }

    /** Idempotent. */
    @Override
    public void close() {
        stream.cancel();
    }
}
