package io.aitta.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aitta.core.NodeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * A node's directory, held by one process at a time: two that wrote the same binlog would destroy it. The lock is the
 * operating system's, so that a killed process leaves nothing to clean up. The node's identity is made with the
 * directory and forced to disk before anything is promised in its name.
 */
public final class DataDirectory implements AutoCloseable {
    private static final int RECORD_VERSION = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path path;
    private final NodeIdentity identity;
    private final FileChannel lockFile;

    private DataDirectory(Path path, NodeIdentity identity, FileChannel lockFile) {
        this.path = path;
        this.identity = identity;
        this.lockFile = lockFile;
    }

    /**
     * Makes the directory if there is none, takes its lock, and reads or makes its identity.
     *
     * @param nodeId absent: the stored one, or a new one
     * @throws NotAvailableException saying why not: in use, not writable, full, damaged
     * @throws ConfigException if it is another node's
     */
    public static DataDirectory open(Path path, Optional<NodeId> nodeId) {
        try {
            Files.createDirectories(path);
            FileChannel lockFile = lock(path);
            try {
                return new DataDirectory(path, identity(path, nodeId), lockFile);
            } catch (RuntimeException | IOException failure) {
                lockFile.close();
                throw failure;
            }
        } catch (IOException failure) {
            throw new NotAvailableException(
                    "data directory " + path + " cannot be used: " + reason(path, failure)
                            + "; choose another with --data-dir",
                    failure);
        }
    }

    public Path path() {
        return path;
    }

    public NodeIdentity identity() {
        return identity;
    }

    /** Gives the lock back. */
    @Override
    public void close() throws IOException {
        lockFile.close();
    }

    private static FileChannel lock(Path directory) throws IOException {
        FileChannel channel = FileChannel.open(
                directory.resolve("lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw inUse(directory, "process " + holder(channel));
            }
        } catch (OverlappingFileLockException heldHere) {
            channel.close();
            throw inUse(directory, "this very process");
        } catch (RuntimeException | IOException failure) {
            channel.close();
            throw failure;
        }
        channel.truncate(0);
        channel.write(ascii(Long.toString(ProcessHandle.current().pid())), 0);
        channel.force(true);
        return channel;
    }

    private static NotAvailableException inUse(Path directory, String holder) {
        return new NotAvailableException("data directory " + directory + " is in use by " + holder
                + "; stop it, or choose another directory with --data-dir");
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer pid = ByteBuffer.allocate(20);
        channel.read(pid, 0);
        String digits = new String(pid.array(), 0, pid.position(), StandardCharsets.US_ASCII);
        return digits.matches("[0-9]+") ? digits : "(not yet known)";
    }

    private static NodeIdentity identity(Path directory, Optional<NodeId> wanted) throws IOException {
        Path file = directory.resolve("node.json");
        if (!Files.exists(file)) {
            return create(directory, wanted.orElseGet(DataDirectory::newNodeId));
        }
        NodeIdentity stored = read(file);
        if (wanted.isPresent() && !wanted.get().equals(stored.nodeId())) {
            throw new ConfigException("data directory " + directory + " belongs to node " + stored.nodeId() + ", not "
                    + wanted.get() + "; start it without --node-id, or choose another directory with --data-dir");
        }
        return stored;
    }

    private static NodeIdentity read(Path file) throws IOException {
        String damaged = "the identity of this data directory, " + file + ", is damaged: ";
        try {
            JsonNode json = JSON.readTree(Files.readAllBytes(file));
            int version = json.path("version").asInt();
            if (version > RECORD_VERSION) {
                throw new NotAvailableException(file + " has version " + version
                        + ", written by a newer release; this one reads " + RECORD_VERSION);
            }
            String incarnation = json.path("incarnation").asText();
            if (version < 1 || !incarnation.matches("[0-9a-f]{16}")) {
                throw new NotAvailableException(damaged + "expected version, nodeId and incarnation, found " + json);
            }
            return new NodeIdentity(new NodeId(json.path("nodeId").asText()), incarnation);
        } catch (JsonProcessingException failure) {
            throw new NotAvailableException(damaged + failure.getOriginalMessage(), failure);
        } catch (IllegalArgumentException illegal) {
            throw new NotAvailableException(damaged + illegal.getMessage(), illegal);
        }
    }

    private static NodeIdentity create(Path directory, NodeId nodeId) throws IOException {
        var identity = new NodeIdentity(nodeId, String.format("%016x", new SecureRandom().nextLong()));
        String json = JSON.createObjectNode()
                .put("version", RECORD_VERSION)
                .put("nodeId", identity.nodeId().value())
                .put("incarnation", identity.incarnation())
                .toPrettyString();
        Path partial = directory.resolve("node.json.partial");
        try (FileChannel channel = FileChannel.open(
                partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ascii(json + "\n");
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        // Renamed when whole, and the directory forced too: there is either no identity or all of it.
        Files.move(partial, directory.resolve("node.json"), StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
            entries.force(true);
        }
        return identity;
    }

    private static NodeId newNodeId() {
        return new NodeId(String.format("n-%06x", new SecureRandom().nextInt(1 << 24)));
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String reason(Path path, IOException failure) {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            return "it is a file, not a directory";
        }
        if (failure instanceof AccessDeniedException denied) {
            return "no permission to write " + denied.getFile();
        }
        if (failure instanceof FileSystemException named && named.getReason() != null) {
            return named.getReason().toLowerCase(java.util.Locale.ROOT) + " (" + named.getFile() + ")";
        }
        return String.valueOf(failure.getMessage());
    }
}
