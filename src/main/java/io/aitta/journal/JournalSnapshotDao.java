package io.aitta.journal;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.jdbc.config.SnapshotConfig;
import org.apache.pekko.persistence.jdbc.snapshot.dao.SnapshotDao;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.stream.Materializer;
import scala.Option;
import scala.Tuple2;
import scala.concurrent.ExecutionContext;
import scala.concurrent.Future;
import scala.concurrent.Future$;
import scala.runtime.BoxedUnit;
import slick.jdbc.JdbcBackend;
import slick.jdbc.JdbcProfile;

/**
 * The snapshot plugin's way to the tables ({@code jdbc-snapshot-store.dao}). Snapshots go through the same writer as
 * events, into the same groups, and are forced before they are acknowledged. Snapshot metadata is refused.
 */
public final class JournalSnapshotDao implements SnapshotDao {
    private final Journal journal;
    private final Codec codec;

    public JournalSnapshotDao(
            JdbcBackend.JdbcDatabaseDef unused,
            JdbcProfile unusedProfile,
            SnapshotConfig config,
            Serialization serialization,
            ExecutionContext executor,
            Materializer materializer) {
        this.journal = Journal.of(serialization.system().settings().config());
        this.codec = new Codec(serialization);
    }

    @Override
    public Future<BoxedUnit> save(SnapshotMetadata metadata, Object snapshot) {
        Codec.Encoded encoded;
        try {
            if (metadata.metadata().isDefined()) {
                throw new JournalException("snapshot " + metadata.sequenceNr() + " of " + metadata.persistenceId()
                        + " has metadata, which this journal does not keep");
            }
            encoded = codec.encode(snapshot);
        } catch (RuntimeException e) {
            return Future$.MODULE$.failed(e);
        }
        if (encoded.bytes().length > EventRow.MAX_PAYLOAD) {
            return Future$.MODULE$.failed(new JournalException(
                    "snapshot " + metadata.sequenceNr() + " of " + metadata.persistenceId() + " is of "
                            + encoded.bytes().length + " bytes; a journal row holds at most " + EventRow.MAX_PAYLOAD));
        }
        SqlWork<BoxedUnit> work = (connection, replica) -> {
            long key = RowKey.of(replica, metadata.sequenceNr());
            try (PreparedStatement delete =
                            connection.prepareStatement("DELETE FROM aitta_snapshot WHERE row_key = ?");
                    PreparedStatement insert = connection.prepareStatement("INSERT INTO aitta_snapshot"
                            + "(row_key, written_at, ser_id, ser_manifest, payload) VALUES (?, ?, ?, ?, ?)")) {
                delete.setLong(1, key);
                delete.executeUpdate();
                insert.setLong(1, key);
                insert.setLong(2, metadata.timestamp());
                insert.setInt(3, encoded.serializerId());
                insert.setString(4, encoded.manifest());
                insert.setBytes(5, encoded.bytes());
                insert.executeUpdate();
            }
            return BoxedUnit.UNIT;
        };
        return Futures.toScala(
                journal.writer().submit(metadata.persistenceId(), true, encoded.bytes().length, work), done -> done);
    }

    @Override
    public Future<Option<Tuple2<SnapshotMetadata, Object>>> latestSnapshot(String persistenceId) {
        return newest(persistenceId, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    @Override
    public Future<Option<Tuple2<SnapshotMetadata, Object>>> snapshotForMaxTimestamp(
            String persistenceId, long timestamp) {
        return newest(persistenceId, Long.MAX_VALUE, timestamp);
    }

    @Override
    public Future<Option<Tuple2<SnapshotMetadata, Object>>> snapshotForMaxSequenceNr(
            String persistenceId, long sequenceNr) {
        return newest(persistenceId, sequenceNr, Long.MAX_VALUE);
    }

    @Override
    public Future<Option<Tuple2<SnapshotMetadata, Object>>> snapshotForMaxSequenceNrAndMaxTimestamp(
            String persistenceId, long sequenceNr, long timestamp) {
        return newest(persistenceId, sequenceNr, timestamp);
    }

    private Future<Option<Tuple2<SnapshotMetadata, Object>>> newest(
            String persistenceId, long maxSequenceNr, long maxTimestamp) {
        SqlWork<Option<Tuple2<SnapshotMetadata, Object>>> work = (connection, replica) -> {
            if (replica == ReplicaNumbers.NONE) {
                return Option.empty();
            }
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT row_key, written_at, ser_id, ser_manifest, payload FROM aitta_snapshot"
                            + " WHERE row_key BETWEEN ? AND ? AND written_at <= ? ORDER BY row_key DESC LIMIT 1")) {
                select.setLong(1, RowKey.of(replica, 0));
                select.setLong(2, RowKey.atMost(replica, maxSequenceNr));
                select.setLong(3, maxTimestamp);
                try (ResultSet rows = select.executeQuery()) {
                    if (!rows.next()) {
                        return Option.empty();
                    }
                    SnapshotMetadata metadata = new SnapshotMetadata(
                            persistenceId, RowKey.sequenceNumber(rows.getLong(1)), rows.getLong(2));
                    return Option.apply(
                            new Tuple2<>(metadata, codec.decode(rows.getBytes(5), rows.getInt(3), rows.getString(4))));
                }
            }
        };
        return Futures.toScala(journal.readers().submit(persistenceId, work), found -> found);
    }

    @Override
    public Future<BoxedUnit> delete(String persistenceId, long sequenceNr) {
        return delete(persistenceId, sequenceNr, sequenceNr, Long.MAX_VALUE);
    }

    @Override
    public Future<BoxedUnit> deleteAllSnapshots(String persistenceId) {
        return delete(persistenceId, 0, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    @Override
    public Future<BoxedUnit> deleteUpToMaxSequenceNr(String persistenceId, long maxSequenceNr) {
        return delete(persistenceId, 0, maxSequenceNr, Long.MAX_VALUE);
    }

    @Override
    public Future<BoxedUnit> deleteUpToMaxTimestamp(String persistenceId, long maxTimestamp) {
        return delete(persistenceId, 0, Long.MAX_VALUE, maxTimestamp);
    }

    @Override
    public Future<BoxedUnit> deleteUpToMaxSequenceNrAndMaxTimestamp(
            String persistenceId, long maxSequenceNr, long maxTimestamp) {
        return delete(persistenceId, 0, maxSequenceNr, maxTimestamp);
    }

    private Future<BoxedUnit> delete(String persistenceId, long from, long to, long maxTimestamp) {
        SqlWork<BoxedUnit> work = (connection, replica) -> {
            if (replica != ReplicaNumbers.NONE) {
                try (PreparedStatement delete = connection.prepareStatement(
                        "DELETE FROM aitta_snapshot WHERE row_key BETWEEN ? AND ? AND written_at <= ?")) {
                    delete.setLong(1, RowKey.of(replica, from));
                    delete.setLong(2, RowKey.atMost(replica, to));
                    delete.setLong(3, maxTimestamp);
                    delete.executeUpdate();
                }
            }
            return BoxedUnit.UNIT;
        };
        return Futures.toScala(journal.writer().submit(persistenceId, false, 0, work), done -> done);
    }
}
