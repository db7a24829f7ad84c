package io.aitta.journal;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The journal of a node that is not running, for tests of other packages. */
public final class OfflineJournal {
    private OfflineJournal() {}

    /** Every persistence id of which there is anything. */
    public static Set<String> persistenceIds(Path directory) {
        try (Journal journal = Journal.open(Rig.h2(directory))) {
            return journal.numbers().persistenceIds();
        }
    }

    /** Adds rows as a replica would, from number {@code first} on. */
    public static void write(Path directory, String persistenceId, long first, List<byte[]> payloads) {
        try (Journal journal = Journal.open(Rig.h2(directory))) {
            for (int i = 0; i < payloads.size(); i++) {
                Rig.await(Rig.write(journal, persistenceId, first + i, payloads.get(i)));
            }
        }
    }

    /** Another payload in a row that is there, as if it had been written so; the file itself is sound. */
    public static void change(
            Path directory, String persistenceId, long sequenceNumber, UnaryOperator<byte[]> payload) {
        try (Journal journal = Journal.open(Rig.h2(directory))) {
            var row = Rig.rows(journal, persistenceId).stream()
                    .filter(one -> one.sequenceNumber() == sequenceNumber)
                    .findFirst()
                    .orElseThrow();
            Rig.await(journal.writer().submit(persistenceId, false, 0, (connection, replica) -> {
                try (var update = connection.prepareStatement("UPDATE aitta_event SET payload = ? WHERE row_key = ?")) {
                    update.setBytes(1, payload.apply(row.payload()));
                    update.setLong(2, RowKey.of(replica, sequenceNumber));
                    return update.executeUpdate();
                }
            }));
        }
    }

    /** The numbers of the rows that are there. */
    public static List<Long> rows(Path directory, String persistenceId) {
        try (Journal journal = Journal.open(Rig.h2(directory))) {
            return Rig.rows(journal, persistenceId).stream()
                    .map(EventRow::sequenceNumber)
                    .toList();
        }
    }

    /** Removes a row from among the others. */
    public static void remove(Path directory, String persistenceId, long sequenceNumber) {
        try (Journal journal = Journal.open(Rig.h2(directory))) {
            Rig.await(journal.writer().submit(persistenceId, false, 0, (connection, replica) -> {
                try (var delete = connection.prepareStatement("DELETE FROM aitta_event WHERE row_key = ?")) {
                    delete.setLong(1, RowKey.of(replica, sequenceNumber));
                    return delete.executeUpdate();
                }
            }));
        }
    }
}
