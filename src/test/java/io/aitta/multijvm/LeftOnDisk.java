package io.aitta.multijvm;

import io.aitta.core.PartitionId;
import io.aitta.journal.OfflineJournal;
import io.aitta.store.RocksStore;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a node that has ended has on its disk, in its store and in its binlogs. */
final class LeftOnDisk {
    private LeftOnDisk() {}

    /** The names of all partitions of which there is anything. */
    static Set<String> partitionsOf(NodeProcess node) {
        Path data = node.dataDir();
        var partitions = new TreeSet<String>();
        try (var store = RocksStore.open(data.resolve("store"), 8 << 20, 8 << 20)) {
            partitions.addAll(
                    store.partitions().stream().map(PartitionId::toString).collect(Collectors.toSet()));
        }
        for (var persistenceId : OfflineJournal.persistenceIds(data.resolve("journal"))) {
            partitions.add(persistenceId.substring(persistenceId.indexOf('|') + 1));
        }
        return partitions;
    }
}
