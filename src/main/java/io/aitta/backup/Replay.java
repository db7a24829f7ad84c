package io.aitta.backup;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.backup.BackupException.Damaged;
import io.aitta.backup.Chain.Link;
import io.aitta.proto.v1.Event;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/**
 * What a partition comes to: the rows of its first file, with the changes of the others applied. Where there are changes,
 * this is done in a database of its own on this machine's disk, which holds one partition; so it needs little memory,
 * however many changes there are. Of one thread.
 */
final class Replay {
    /** Told each key that there is, by a SET. */
    @FunctionalInterface
    interface Rows {
        void row(Event row) throws IOException;
    }

    private final BackupDirectory directory;
    private final OptionalLong untilMillis;

    Replay(BackupDirectory directory, OptionalLong untilMillis) {
        this.directory = directory;
        this.untilMillis = untilMillis;
    }

    /** @param scratch a directory that is not there yet, and is left when this returns; its owner removes it */
    void run(List<Link> links, Path scratch, Rows rows) throws IOException {
        if (links.size() == 1) {
            read(links.get(0), rows);
            return;
        }
        RocksDB.loadLibrary();
        try (var options = new Options().setCreateIfMissing(true);
                var database = RocksDB.open(options, scratch.toString());
                var unlogged = new WriteOptions().setDisableWAL(true)) {
            for (Link link : links) {
                read(link, event -> apply(database, unlogged, link, event));
            }
            try (var all = database.newIterator()) {
                for (all.seekToFirst(); all.isValid(); all.next()) {
                    rows.row(Event.parseFrom(all.value()));
                }
                all.status();
            }
        } catch (RocksDBException e) {
            throw new IOException("'" + scratch + "': " + e.getMessage(), e);
        }
    }

    private void read(Link link, Rows events) throws IOException {
        try (var reader = PieceFiles.open(file(link), link.table(), link.file())) {
            for (var some = reader.next(); some != null; some = reader.next()) {
                for (Event event : some) {
                    if (Chain.isWithin(link, event.getTimestampMillis(), untilMillis)) {
                        events.row(event);
                    }
                }
            }
        }
    }

    private Path file(Link link) {
        return directory.file(link.number(), link.table(), link.file());
    }

    private void apply(RocksDB database, WriteOptions unlogged, Link link, Event event) throws IOException {
        byte[] key = event.getKey().toByteArray();
        try {
            switch (event.getKind()) {
                case SET -> database.put(unlogged, key, event.toByteArray());
                case DELETE, EXPIRED -> database.delete(unlogged, key);
                case EXPIRY_CHANGED -> database.put(unlogged, key, expiring(database.get(key), event, link));
                case RANGE_DELETED -> removeRange(database, unlogged, key, event.getTo());
                case KIND_UNSPECIFIED, UNRECOGNIZED ->
                    throw new Damaged("'" + file(link) + "' holds a change of a kind that this release does not know");
            }
        } catch (RocksDBException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private byte[] expiring(byte[] before, Event event, Link link) throws InvalidProtocolBufferException {
        if (before == null) {
            throw new Damaged("'" + file(link) + "' gives another time to live to a key that is not there");
        }
        var row = Event.parseFrom(before).toBuilder()
                .setVersion(event.getVersion())
                .clearExpiresAtMillis();
        if (event.hasExpiresAtMillis()) {
            row.setExpiresAtMillis(event.getExpiresAtMillis());
        }
        return row.build().toByteArray();
    }

    private static void removeRange(RocksDB database, WriteOptions unlogged, byte[] from, ByteString to)
            throws RocksDBException {
        if (!to.isEmpty()) {
            database.deleteRange(unlogged, from, to.toByteArray());
            return;
        }
        try (var last = database.newIterator()) {
            last.seekToLast();
            if (last.isValid()
                    && ByteString.unsignedLexicographicalComparator()
                                    .compare(ByteString.copyFrom(last.key()), ByteString.copyFrom(from))
                            >= 0) {
                database.deleteRange(unlogged, from, last.key());
                database.delete(unlogged, last.key());
            }
        }
    }
}
