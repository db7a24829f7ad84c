package io.aitta.backup;

import io.aitta.backup.BackupException.Damaged;
import io.aitta.backup.Manifest.PartitionFile;
import io.aitta.backup.Manifest.TableBackup;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A directory of backups: one directory each, by their numbers, the later ones going on from earlier ones. The one that is
 * being made has another name, and gets its own when it is whole.
 *
 * <pre>
 *   lock                             held while one is being made
 *   000001/manifest.json             what it holds
 *   000001/users.7/00000.pieces      a partition of the table users, made in epoch 7
 *   000002.partial/begun.json        under way, or interrupted
 * </pre>
 */
public final class BackupDirectory {
    private static final Pattern NUMBER = Pattern.compile("\\d{6}");
    private static final String MANIFEST = "manifest.json";
    private static final String BEGUN = "begun.json";

    /** A backup that was begun: what it is to hold when it is gone on with. Its files are not known yet. */
    record Begun(String clusterId, long startedMillis, boolean full, List<TableBackup> tables) {}

    private final Path root;

    public BackupDirectory(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    public Path root() {
        return root;
    }

    /** Of the backups that are whole, ascending. */
    public List<Integer> numbers() throws IOException {
        var numbers = new ArrayList<Integer>();
        if (Files.isDirectory(root)) {
            try (var children = Files.newDirectoryStream(root)) {
                for (Path child : children) {
                    if (NUMBER.matcher(child.getFileName().toString()).matches()) {
                        numbers.add(Integer.parseInt(child.getFileName().toString()));
                    }
                }
            }
        }
        numbers.sort(null);
        return numbers;
    }

    /** @throws Damaged if there is no such backup, or its manifest is not as it was written */
    public Manifest manifest(int number) throws IOException {
        Path file = path(number).resolve(MANIFEST);
        var manifest = SealedJson.read(file, Manifest.class);
        if (manifest.number() != number) {
            throw new Damaged("'" + file + "' is that of backup " + manifest.number());
        }
        return manifest;
    }

    /** Of all backups that are whole, ascending. */
    public List<Manifest> manifests() throws IOException {
        var manifests = new ArrayList<Manifest>();
        for (int number : numbers()) {
            manifests.add(manifest(number));
        }
        return manifests;
    }

    Path file(int number, TableBackup table, PartitionFile file) {
        return path(number).resolve(Manifest.fileName(table.name(), table.epoch(), file.partition()));
    }

    /** Where an interrupted backup lies; empty if there is none. */
    public Optional<Path> interrupted() throws IOException {
        if (!Files.isDirectory(root)) {
            return Optional.empty();
        }
        try (var children = Files.newDirectoryStream(root, "*.partial")) {
            var found = children.iterator();
            return found.hasNext() ? Optional.of(found.next()) : Optional.empty();
        }
    }

    Begun begun(Path partial) throws IOException {
        return SealedJson.read(partial.resolve(BEGUN), Begun.class);
    }

    /** Makes the place for the next backup. */
    Path begin(Begun begun) throws IOException {
        var numbers = numbers();
        int number = numbers.isEmpty() ? 1 : numbers.get(numbers.size() - 1) + 1;
        Path partial = root.resolve(name(number) + ".partial");
        Files.createDirectory(partial);
        SealedJson.write(partial.resolve(BEGUN), begun);
        SealedJson.force(root);
        return partial;
    }

    static int numberOf(Path partial) {
        return Integer.parseInt(partial.getFileName().toString().substring(0, 6));
    }

    /** All of its files are there: from now on it is a backup. */
    void complete(Path partial, Manifest manifest) throws IOException {
        SealedJson.write(partial.resolve(MANIFEST), manifest);
        Path whole = path(manifest.number());
        Files.move(partial, whole, StandardCopyOption.ATOMIC_MOVE);
        Files.deleteIfExists(whole.resolve(BEGUN));
        SealedJson.force(root);
    }

    void discard(Path partial) throws IOException {
        Files.walkFileTree(partial, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /**
     * Makes the directory if it is not there, and keeps others from making backups in it.
     *
     * @throws BackupException if somebody does already
     */
    FileChannel lock() throws IOException {
        Files.createDirectories(root);
        var channel = FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException ours) {
            // As if another process held it: told below.
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        if (lock == null) {
            throw new BackupException("another backup is being made in '" + root + "'; wait for its end");
        }
        return channel;
    }

    private Path path(int number) {
        return root.resolve(name(number));
    }

    private static String name(int number) {
        return String.format(Locale.ROOT, "%06d", number);
    }
}
