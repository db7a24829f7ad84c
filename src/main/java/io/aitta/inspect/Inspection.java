package io.aitta.inspect;

import io.aitta.core.PartitionId;
import io.aitta.journal.JournalException;
import io.aitta.journal.OfflineBinlog;
import io.aitta.proto.record.v1.ReplicaMark;
import io.aitta.store.OfflineStore;
import io.aitta.store.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Reads all that a stopped node holds, and tells what of it is damaged. */
public final class Inspection {
    private Inspection() {}

    /** @param problems that are of no one binlog: that there is none which can be read, for one */
    public record Binlogs(List<BinlogReport> reports, List<Problem> problems) {}

    /**
     * @param wanted table and number, such as {@code users/0}; empty: all
     * @param entries shown every entry of those, in the order of their rows
     * @throws InspectionException if the directory has no binlog
     */
    public static Binlogs binlogs(StoppedNode node, Optional<String> wanted, Consumer<EntryDump> entries) {
        Path directory = node.binlog()
                .orElseThrow(() -> InspectionException.nothingThere(
                        "there is no binlog (journal.mv.db) in this directory or below it; one that a node keeps in"
                                + " PostgreSQL, or elsewhere by aitta.journal.dir, is not here"));
        var problems = new ArrayList<Problem>();
        var marks = marks(node, problems);
        var reports = new ArrayList<BinlogReport>();
        try (var binlog = OfflineBinlog.open(directory)) {
            for (var replica : binlog.replicas()) {
                if (matches(wanted, BinlogInspection.partitionId(replica))) {
                    var mark = BinlogInspection.partitionId(replica).map(marks::get);
                    reports.add(BinlogInspection.of(binlog, replica, mark, (row, event) -> EntryDump.of(
                                    BinlogInspection.partition(replica), row.sequenceNumber(), event)
                            .forEach(entries)));
                }
            }
        } catch (JournalException damaged) {
            problems.add(new Problem("", "binlog", damaged.getMessage()));
        }
        return new Binlogs(reports, problems);
    }

    private static boolean matches(Optional<String> wanted, Optional<PartitionId> partition) {
        Predicate<PartitionId> isIt = id -> wanted.orElseThrow().equals(id.table() + "/" + id.partition());
        return wanted.isEmpty() || partition.filter(isIt).isPresent();
    }

    private static Map<PartitionId, ReplicaMark> marks(StoppedNode node, List<Problem> problems) {
        if (node.store().isEmpty()) {
            return Map.of();
        }
        try {
            return OfflineStore.marks(node.store().get());
        } catch (StoreException damaged) {
            problems.add(new Problem("", "store", damaged.getMessage()));
            return Map.of();
        }
    }

    /** @throws InspectionException if the directory has no store */
    public static StoreReport store(StoppedNode node) {
        Path directory = node.store()
                .orElseThrow(() -> InspectionException.nothingThere(
                        "there is no store (a file CURRENT) in this directory or below it"));
        try {
            var found = OfflineStore.inspect(directory);
            return new StoreReport(
                    found.replicas().stream().map(Inspection::report).toList(),
                    found.problems().stream()
                            .map(one -> new Problem(one.partition(), one.row(), one.what()))
                            .toList(),
                    found.problemsLeftOut());
        } catch (StoreException damaged) {
            return new StoreReport(List.of(), List.of(new Problem("", "store", damaged.getMessage())), 0);
        }
    }

    private static StoreReport.Replica report(OfflineStore.Replica replica) {
        var mark = Optional.ofNullable(replica.mark());
        return new StoreReport.Replica(
                replica.partition().toString(),
                mark.map(ReplicaMark::getAppliedIndex).orElse(-1L),
                mark.map(ReplicaMark::getAppliedTerm).orElse(0L),
                mark.map(ReplicaMark::getRevision).orElse(0L),
                replica.values(),
                replica.sessions(),
                replica.expiry(),
                replica.changes(),
                replica.bytes());
    }
}
