package io.aitta.backup;

import io.aitta.backup.BackupException.Damaged;
import io.aitta.backup.Manifest.PartitionFile;
import io.aitta.backup.Manifest.TableBackup;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Finds the files that together make a partition: one that holds everything, and those that go on from it. Immutable.
 */
final class Chain {
    /** A file with its place. */
    record Link(int number, TableBackup table, PartitionFile file) {}

    private final List<Manifest> manifests;

    /** @param manifests of all backups of a directory, ascending */
    Chain(List<Manifest> manifests) {
        this.manifests = List.copyOf(manifests);
    }

    /**
     * The files of a partition, in the order in which they are to be applied; the first holds everything.
     *
     * @throws Damaged if one that is needed is not there
     */
    List<Link> of(Manifest manifest, TableBackup table, int partition) {
        var links = new ArrayList<Link>();
        var link = new Link(manifest.number(), table, table.files().get(partition));
        links.add(link);
        while (!link.file().whole()) {
            link = before(link);
            links.add(link);
        }
        Collections.reverse(links);
        return links;
    }

    /** The one that a link's changes come after. */
    private Link before(Link link) {
        return manifests.stream()
                .filter(manifest -> manifest.number() == link.file().base())
                .findFirst()
                .flatMap(manifest -> in(manifest, link))
                .filter(before -> before.file().index() == link.file().afterIndex())
                .orElseThrow(() -> new Damaged(name(link) + " of backup " + link.number() + " goes on from backup "
                        + link.file().base() + ", which is not there, or is another one"));
    }

    /**
     * The same, for the state as of a time: changes that are later than it are left aside by whoever applies them.
     *
     * @throws BackupException if that state is not in the backups
     */
    List<Link> until(Manifest manifest, TableBackup table, int partition, long untilMillis) {
        var links = of(manifest, table, partition);
        while (links.get(0).file().timestampMillis() > untilMillis) {
            // What the first holds as a whole is too new, so all that comes after it is too: an older one is needed.
            Link tooNew = links.get(0);
            Link older = newestBefore(tooNew)
                    .orElseThrow(() -> new BackupException(name(tooNew) + ": the oldest backup is of "
                            + Instant.ofEpochMilli(tooNew.file().timestampMillis()) + ", which is after "
                            + Instant.ofEpochMilli(untilMillis)));
            boolean gap = older.file().timestampMillis() <= untilMillis
                    && older.file().index() < tooNew.file().index();
            if (gap) {
                throw new BackupException(name(tooNew) + ": what happened between backup " + older.number() + " (of "
                        + Instant.ofEpochMilli(older.file().timestampMillis()) + ") and backup " + tooNew.number()
                        + " (of "
                        + Instant.ofEpochMilli(tooNew.file().timestampMillis())
                        + ") is not kept change by change; restore one of the two");
            }
            links = of(manifest(older.number()), older.table(), partition);
        }
        return links;
    }

    /** Which backup to begin with for the state as of a time. */
    Manifest until(long untilMillis) {
        return manifests.stream()
                .filter(manifest -> manifest.startedMillis() >= untilMillis)
                .findFirst()
                .orElseThrow(() -> new BackupException("the newest backup, "
                        + manifests.get(manifests.size() - 1).number() + ", holds what was written before "
                        + Instant.ofEpochMilli(
                                manifests.get(manifests.size() - 1).startedMillis()) + "; "
                        + Instant.ofEpochMilli(untilMillis) + " is later"));
    }

    private Manifest manifest(int number) {
        return manifests.stream()
                .filter(manifest -> manifest.number() == number)
                .findFirst()
                .orElseThrow();
    }

    private Optional<Link> newestBefore(Link link) {
        return manifests.stream()
                .filter(manifest -> manifest.number() < link.number())
                .flatMap(manifest -> in(manifest, link).stream())
                .reduce((older, newer) -> newer);
    }

    private static Optional<Link> in(Manifest manifest, Link link) {
        return manifest.table(link.table().name(), link.table().epoch())
                .map(table -> new Link(
                        manifest.number(), table, table.files().get(link.file().partition())));
    }

    private static String name(Link link) {
        return "partition " + link.file().partition() + " of table '"
                + link.table().name() + "'";
    }

    /** Whether an event of a link is to be applied. */
    static boolean isWithin(Link link, long eventMillis, OptionalLong untilMillis) {
        return link.file().whole() || untilMillis.isEmpty() || eventMillis <= untilMillis.getAsLong();
    }
}
