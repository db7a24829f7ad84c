package io.aitta.backup;

import io.aitta.backup.BackupException.Damaged;
import io.aitta.backup.Manifest.PartitionFile;
import io.aitta.backup.Manifest.TableBackup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongToIntFunction;

/** Looks through whole files. */
final class PieceFiles {
    private PieceFiles() {}

    /**
     * Reads a file to its end.
     *
     * @param baseOf which backup ends at a log index: asked if the file holds changes after it
     * @throws Damaged if it is not whole
     */
    static PartitionFile summary(Path file, LongToIntFunction baseOf) throws IOException {
        try (var reader = new PieceReader(file)) {
            while (reader.next() != null) {
                // Reading is what looks at the checksums.
            }
            var begin = reader.begin();
            return reader.summary(begin.getWhole() ? 0 : baseOf.applyAsInt(begin.getAfterIndex()));
        }
    }

    /** @throws Damaged if the file is not what the manifest says of it */
    static void verify(Path file, TableBackup table, PartitionFile expected) throws IOException {
        try (var reader = open(file, table, expected)) {
            while (reader.next() != null) {
                // Reading is what looks at the checksums.
            }
            var found = reader.summary(expected.base());
            if (!found.equals(expected)) {
                throw new Damaged("'" + file + "' is not the file that the manifest tells of: " + found + " instead of "
                        + expected);
            }
        }
    }

    /** @throws Damaged if it begins as another partition's */
    static PieceReader open(Path file, TableBackup table, PartitionFile expected) throws IOException {
        var reader = new PieceReader(file);
        var begin = reader.begin();
        boolean ours = begin.getTableEpoch() == table.epoch()
                && begin.getPartition() == expected.partition()
                && begin.getWhole() == expected.whole()
                && begin.getAfterIndex() == expected.afterIndex();
        if (!ours) {
            reader.close();
            throw new Damaged("'" + file + "' is another partition's, or of another backup");
        }
        return reader;
    }
}
