package io.aitta;

import io.aitta.metrics.NodeReporter.Holdings;
import io.aitta.store.Store;
import io.aitta.store.StoreException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks up how much a node holds, and where. What cannot be looked up is told as 0, and why in the log. Thread-safe. */
final class NodeHoldings implements Supplier<Holdings> {
    private static final Logger LOG = LoggerFactory.getLogger(NodeHoldings.class);
    private static final IntSupplier NONE = () -> 0;

    private final Store store;
    private final Path directory;
    private final CompletableFuture<IntSupplier> inFlight;

    /** @param inFlight how many requests the door has let in and not answered; done when there is a door */
    NodeHoldings(Store store, Path directory, CompletableFuture<IntSupplier> inFlight) {
        this.store = store;
        this.directory = directory;
        this.inFlight = inFlight;
    }

    @Override
    public Holdings get() {
        long all = 0;
        long free = 0;
        try {
            FileStore disk = Files.getFileStore(directory);
            all = disk.getTotalSpace();
            free = disk.getUsableSpace();
        } catch (IOException failure) {
            LOG.warn("How full the disk of {} is cannot be known", directory, failure);
        }
        return new Holdings(storeBytes(), all, free, inFlight.getNow(NONE).getAsInt());
    }

    private Map<String, Long> storeBytes() {
        var byTable = new HashMap<String, Long>();
        try {
            store.replicaBytes().forEach((partition, bytes) -> byTable.merge(partition.table(), bytes, Long::sum));
        } catch (StoreException failure) {
            LOG.warn("The sizes of replicas are not known", failure);
        }
        return byTable;
    }
}
