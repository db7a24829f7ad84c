package io.aitta.multijvm;

import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.Replica;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** Somebody who has replicas of a table moved and primaries transferred all the time, whatever else is going on. */
final class Restless implements AutoCloseable {
    private static final int LONGEST_PAUSE_MILLIS = 1_000;

    private final Cluster cluster;
    private final String table;
    private final Random random;
    private final Orders orders;
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final Thread thread = new Thread(this::run, "restless");
    private volatile boolean stopped;

    private Restless(Cluster cluster, String table, Random random) {
        this.cluster = cluster;
        this.table = table;
        this.random = random;
        this.orders = new Orders(cluster);
        thread.setDaemon(true);
    }

    static Restless on(Cluster cluster, String table, Random random) {
        var restless = new Restless(cluster, table, random);
        restless.thread.start();
        return restless;
    }

    private void run() {
        while (!stopped) {
            try {
                order();
                accepted.incrementAndGet();
            } catch (StatusRuntimeException | NoSuchElementException | AssertionError notNow) {
                // A partition that is being moved, a node that is away, nobody to ask: there will be another.
                refused.incrementAndGet();
            }
            Await.pass(Duration.ofMillis(random.nextInt(LONGEST_PAUSE_MILLIS)));
        }
    }

    private void order() {
        List<Partition> partitions = cluster.topology().getPartitionsList().stream()
                .filter(one -> one.getTable().equals(table))
                .toList();
        var partition = partitions.get(random.nextInt(partitions.size()));
        var holders = partition.getReplicasList().stream().map(Replica::getNode).toList();
        var from = holders.get(random.nextInt(holders.size()));
        var others = cluster.nodes().stream()
                .map(node -> node.id)
                .filter(id -> !holders.contains(id))
                .toList();
        if (random.nextInt(3) == 0 || others.isEmpty()) {
            orders.transferPrimary(table, partition.getPartition(), from);
            return;
        }
        var move = orders.migrate(table, partition.getPartition(), from, others.get(random.nextInt(others.size())));
        if (random.nextInt(4) == 0) {
            orders.cancel(move.getId());
        }
    }

    String summary() {
        return accepted + " orders were taken, " + refused + " were not";
    }

    int accepted() {
        return accepted.get();
    }

    @Override
    public void close() {
        stopped = true;
        try {
            thread.join(Duration.ofSeconds(30).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
