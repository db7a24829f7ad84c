package io.aitta.backup;

import io.aitta.backup.Manifest.TableBackup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Looks through backups: every byte of every file, and whether what goes on from something finds it. Of one thread. */
public final class BackupVerify {
    /**
     * What was found.
     *
     * @param problems a sentence each, that names the file; none: all is as it was written
     */
    public record Report(int backups, int files, long bytes, List<String> problems) {}

    private final BackupDirectory directory;
    private final Consumer<Long> told;
    private final List<String> problems = new ArrayList<>();
    private int files;
    private long bytes;

    /** @param told how many bytes were looked at, now and then */
    public BackupVerify(BackupDirectory directory, Consumer<Long> told) {
        this.directory = directory;
        this.told = told;
    }

    public Report run() throws IOException {
        var manifests = new ArrayList<Manifest>();
        for (int number : directory.numbers()) {
            try {
                manifests.add(directory.manifest(number));
            } catch (BackupException.Damaged damaged) {
                problems.add(damaged.getMessage());
            }
        }
        var chain = new Chain(manifests);
        for (Manifest manifest : manifests) {
            for (TableBackup table : manifest.tables()) {
                verify(chain, manifest, table);
            }
        }
        return new Report(manifests.size(), files, bytes, List.copyOf(problems));
    }

    private void verify(Chain chain, Manifest manifest, TableBackup table) throws IOException {
        if (table.files().size() != table.partitions()) {
            problems.add(
                    "backup " + manifest.number() + " holds " + table.files().size() + " of the " + table.partitions()
                            + " partitions of table '" + table.name() + "'");
            return;
        }
        for (var file : table.files()) {
            try {
                PieceFiles.verify(directory.file(manifest.number(), table, file), table, file);
            } catch (BackupException.Damaged damaged) {
                problems.add(damaged.getMessage());
            }
            try {
                chain.of(manifest, table, file.partition());
            } catch (BackupException.Damaged missing) {
                problems.add(missing.getMessage());
            }
            files++;
            bytes += file.bytes();
            told.accept(bytes);
        }
    }
}
