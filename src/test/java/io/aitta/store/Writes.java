package io.aitta.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.core.kv.Batches;
import io.aitta.core.kv.Operations;
import io.aitta.core.kv.Value;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.SessionStamp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** What the tests of the store say again and again. */
final class Writes {
    private Writes() {}

    static RocksStore open(Path directory) {
        return RocksStore.open(directory, 8 << 20, 4 << 20);
    }

    /** Applies as the next entry, in term 1, at time 1. */
    static List<Outcome> apply(ReplicaStore replica, byte[]... operations) {
        var outcomes = new ArrayList<Outcome>();
        var batch = Batches.encode(1, List.of(operations));
        for (byte[] outcome : replica.apply(replica.mark().getAppliedIndex() + 1, 1, batch)) {
            outcomes.add(parse(outcome));
        }
        return outcomes;
    }

    static Outcome parse(byte[] outcome) {
        try {
            return Outcome.parseFrom(outcome);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("an outcome does not decode", e);
        }
    }

    static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }

    static byte[] set(String key, String value) {
        return set(key, value, null);
    }

    static byte[] set(String key, String value, SessionStamp session) {
        return Operations.set(ByteString.copyFromUtf8(key), ByteString.copyFromUtf8(value), session);
    }

    static byte[] set(String key, byte[] value) {
        return Operations.set(ByteString.copyFromUtf8(key), ByteString.copyFrom(value), null);
    }

    static byte[] delete(String key) {
        return Operations.delete(ByteString.copyFromUtf8(key), null);
    }

    static SessionStamp stamp(String client, long sequence) {
        return SessionStamp.newBuilder()
                .setClientId(ByteString.copyFromUtf8(client))
                .setSequence(sequence)
                .build();
    }

    static String read(ReplicaStore replica, String key) {
        return replica.get(key.getBytes(UTF_8), 1)
                .map(value -> new String(value.bytes(), UTF_8))
                .orElse(null);
    }

    static Value value(ReplicaStore replica, String key) {
        return replica.get(key.getBytes(UTF_8), 1).orElseThrow();
    }

    /** All rows of a replica, as a snapshot shows them, in text. */
    static Map<String, String> rows(ReplicaStore replica) {
        var rows = new TreeMap<String, String>();
        try (var snapshot = replica.snapshot()) {
            for (ReplicaStore.Chunk chunk : chunks(snapshot, 100)) {
                Rows.rowsIn(chunk)
                        .forEach(row -> rows.put(
                                com.google.protobuf.TextFormat.escapeBytes(row.getKey()),
                                com.google.protobuf.TextFormat.escapeBytes(row.getRow())));
            }
        }
        return rows;
    }

    static List<ReplicaStore.Chunk> chunks(ReplicaStore.Snapshot snapshot, int maxBytes) {
        var chunks = new ArrayList<ReplicaStore.Chunk>();
        byte[] after = null;
        do {
            chunks.add(snapshot.next(after, maxBytes));
            after = chunks.get(chunks.size() - 1).lastRow();
        } while (!chunks.get(chunks.size() - 1).isLast());
        return chunks;
    }

    /** Copies all of a replica over another one. */
    static void copy(ReplicaStore from, ReplicaStore to, int chunkBytes) {
        try (var snapshot = from.snapshot()) {
            var staging = to.stage();
            chunks(snapshot, chunkBytes).forEach(staging::write);
            staging.install(snapshot.mark());
        }
    }

    /** What a power cut would leave of a store, if what was not forced were lost. Made again while files come and go. */
    static Path afterPowerCut(Path directory, Path copies) {
        for (int attempt = 0; attempt < 100; attempt++) {
            var copy = copies.resolve("copy-" + System.nanoTime());
            try {
                var before = listing(directory);
                Files.createDirectories(copy);
                for (String file : before.keySet()) {
                    if (!file.equals("LOCK")) {
                        Files.copy(directory.resolve(file), copy.resolve(file));
                    }
                }
                if (before.equals(listing(directory))) {
                    return copy;
                }
            } catch (NoSuchFileException e) {
                // A compaction removed it between the listing and the copy.
                continue;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        throw new AssertionError("the files of " + directory + " never stood still");
    }

    private static Map<String, Long> listing(Path directory) throws IOException {
        var files = new TreeMap<String, Long>();
        try (var list = Files.list(directory)) {
            for (Path file : list.toList()) {
                files.put(file.getFileName().toString(), Files.size(file));
            }
        }
        return files;
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within 30 s: " + what);
            }
            Thread.sleep(20);
        }
    }
}
