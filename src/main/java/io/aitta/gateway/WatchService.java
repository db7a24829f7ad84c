package io.aitta.gateway;

import com.google.protobuf.ByteString;
import io.aitta.config.LimitSettings;
import io.aitta.core.PartitionId;
import io.aitta.core.hash.KeyHash;
import io.aitta.core.kv.KeySpan;
import io.aitta.partition.ChangeAccess;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.WatchRequest;
import io.aitta.proto.v1.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Source;

/** The change feed: checks what is to be watched, and finds the partitions that can have any of it. Throws {@link ProblemException}. */
final class WatchService {
    private final ChangeAccess changes;
    private final TopologySource topology;
    private final RequestChecks checks;

    WatchService(ChangeAccess changes, TopologySource topology, LimitSettings limits) {
        this.changes = changes;
        this.topology = topology;
        this.checks = new RequestChecks(limits);
    }

    /**
     * What a stream watches.
     *
     * @param partitions of the table, in their order; at least one
     * @param from where to begin; empty: now
     */
    record Watched(
            String table,
            long tableEpoch,
            int tablePartitions,
            List<PartitionId> partitions,
            KeySpan span,
            Optional<WatchToken> from) {}

    Source<WatchResponse, NotUsed> watch(WatchRequest request, Call call) {
        var table =
                table(request.getTable()).orElseThrow(() -> TableNames.unknown(request.getTable(), topology.current()));
        boolean isKey = request.hasKey();
        var name = isKey ? request.getKey() : request.getPrefix();
        if (isKey || !name.isEmpty()) {
            checks.key(name, isKey ? "key" : "prefix");
        }
        var partitions = partitions(table, isKey, name);
        var span = isKey ? KeySpan.ofKey(name) : KeySpan.ofPrefix(name);
        var token = request.getToken().isEmpty()
                ? Optional.<WatchToken>empty()
                : Optional.of(WatchToken.decode(
                                request.getToken(), table.getName(), table.getCreatedEpoch(), table.getPartitions())
                        .only(partitions));
        var ids = partitions.stream()
                .map(partition -> new PartitionId(table.getName(), table.getCreatedEpoch(), partition))
                .toList();
        var watched = new Watched(table.getName(), table.getCreatedEpoch(), table.getPartitions(), ids, span, token);
        return Source.fromGraph(new WatchStage(watched, changes, this::gone));
    }

    /** The one in which all matching keys must be, or all. */
    private static List<Integer> partitions(Table table, boolean isKey, ByteString name) {
        byte[] bytes = name.toByteArray();
        if (isKey || KeyHash.tagOf(bytes).isPresent()) {
            return List.of(KeyHash.partitionOf(bytes, table.getPartitions()));
        }
        var all = new ArrayList<Integer>(table.getPartitions());
        for (int partition = 0; partition < table.getPartitions(); partition++) {
            all.add(partition);
        }
        return all;
    }

    private Optional<Table> table(String name) {
        return topology.current().getTablesList().stream()
                .filter(table -> table.getName().equals(name))
                .findFirst();
    }

    /** What is wrong if the table that was watched is no more. */
    private Optional<Problem> gone(Watched watched) {
        boolean exists = table(watched.table())
                .filter(table -> table.getCreatedEpoch() == watched.tableEpoch())
                .isPresent();
        return exists
                ? Optional.empty()
                : Optional.of(
                        Problem.of(ErrorReason.TABLE_NOT_FOUND, "the table '" + watched.table() + "' has been dropped")
                                .with("table", watched.table()));
    }

    /** The token of a watch that has come so far. */
    static WatchToken token(Watched watched, TreeMap<Integer, Long> indexes) {
        return new WatchToken(watched.table(), watched.tableEpoch(), watched.tablePartitions(), indexes);
    }
}
