package io.aitta.orchestrator;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.core.NodeId;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.KnownCluster;
import io.aitta.core.topology.KnownCluster.MetaMember;
import io.aitta.core.topology.Topology;
import io.aitta.proto.record.v1.ClusterRecord;
import io.aitta.proto.record.v1.MetaMemberRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link ClusterMemory} in two files of the data directory: {@code cluster.bin} and {@code topology.bin}. Each is a CRC32C
 * of four bytes, big endian, and a record; it is replaced as a whole: written beside, forced, renamed, and the directory
 * forced, so that a crash leaves the old or the new one.
 */
public final class ClusterFile implements ClusterMemory {
    private static final Logger log = LoggerFactory.getLogger(ClusterFile.class);
    /** Of what version 1 could say: all members founded {@code _meta}, and nothing has changed since. */
    private static final int AS_FOUNDED = 1;

    private static final int VERSION = 2;

    private final Path clusterFile;
    private final Path topologyFile;

    /** @param dataDir exists */
    public ClusterFile(Path dataDir) {
        clusterFile = dataDir.resolve("cluster.bin");
        topologyFile = dataDir.resolve("topology.bin");
    }

    @Override
    public synchronized Optional<KnownCluster> known() {
        return read(clusterFile).map(bytes -> {
            try {
                return decode(ClusterRecord.parseFrom(bytes));
            } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
                throw damaged(clusterFile, e.getMessage());
            }
        });
    }

    @Override
    public synchronized void remember(KnownCluster cluster) {
        known().filter(old -> !old.clusterId().equals(cluster.clusterId())).ifPresent(old -> {
            throw new IllegalStateException(clusterFile + " says that this node belongs to cluster " + old.clusterId()
                    + ", it cannot be moved to cluster " + cluster.clusterId());
        });
        replace(clusterFile, encode(cluster).toByteArray());
    }

    @Override
    public synchronized Optional<Topology> cachedTopology() {
        try {
            return read(topologyFile).map(TopologyCodec::decode);
        } catch (IllegalStateException | IllegalArgumentException e) {
            log.warn("{} is not used: {}", topologyFile, e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public synchronized void cacheTopology(Topology topology) {
        replace(topologyFile, TopologyCodec.encode(topology));
    }

    private static ClusterRecord encode(KnownCluster cluster) {
        boolean isAsFounded =
                cluster.asOf().equals(Epoch.ZERO) && cluster.meta().stream().allMatch(MetaMember::founder);
        var record = ClusterRecord.newBuilder()
                .setRecordVersion(isAsFounded ? AS_FOUNDED : VERSION)
                .setClusterId(cluster.clusterId())
                .setAsOf(cluster.asOf().value());
        for (MetaMember member : cluster.meta()) {
            record.addMetaMembers(MetaMemberRecord.newBuilder()
                    .setNode(member.node().value())
                    .setIncarnation(member.incarnation())
                    .setJoinedLater(!member.founder()));
        }
        return record.build();
    }

    private static KnownCluster decode(ClusterRecord record) {
        if (record.getRecordVersion() != AS_FOUNDED) {
            TopologyCodec.checkVersion("cluster record", record.getRecordVersion(), VERSION);
        }
        return new KnownCluster(
                record.getClusterId(),
                new Epoch(record.getAsOf()),
                record.getMetaMembersList().stream()
                        .map(member -> new MetaMember(
                                new NodeId(member.getNode()), member.getIncarnation(), !member.getJoinedLater()))
                        .toList());
    }

    private static Optional<byte[]> read(Path file) {
        byte[] all;
        try {
            all = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
        if (all.length < Integer.BYTES) {
            throw damaged(file, "it has only " + all.length + " bytes");
        }
        var buffer = ByteBuffer.wrap(all);
        int expected = buffer.getInt();
        byte[] record = new byte[buffer.remaining()];
        buffer.get(record);
        if (crc(record) != expected) {
            throw damaged(file, "its checksum is wrong");
        }
        return Optional.of(record);
    }

    private static IllegalStateException damaged(Path file, String how) {
        return new IllegalStateException(file + " is damaged (" + how + "); restore it from a copy, or empty the data"
                + " directory and start as a new node under another --node-id");
    }

    private static void replace(Path file, byte[] record) {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        var buffer = ByteBuffer.allocate(Integer.BYTES + record.length);
        buffer.putInt(crc(record)).put(record).flip();
        try {
            try (var channel = FileChannel.open(
                    fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (var directory = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
                directory.force(true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    private static int crc(byte[] record) {
        var crc = new CRC32C();
        crc.update(record);
        return (int) crc.getValue();
    }
}
