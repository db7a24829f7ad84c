package io.aitta.journal;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.Scheduler;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.jdbc.config.JournalConfig;
import org.apache.pekko.persistence.jdbc.journal.dao.JournalDao;
import org.apache.pekko.persistence.journal.Tagged;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.Source;
import scala.Option;
import scala.Tuple2;
import scala.collection.immutable.Seq;
import scala.concurrent.ExecutionContext;
import scala.concurrent.Future;
import scala.concurrent.duration.FiniteDuration;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;
import scala.util.Success;
import scala.util.Try;
import slick.jdbc.JdbcBackend;
import slick.jdbc.JdbcProfile;

/**
 * The journal plugin's way to the tables ({@code jdbc-journal.dao}; the plugin makes it by this constructor). It gives rows
 * to the {@link JournalWriter} and reads them on the {@link JournalReaders}; Slick is not used.
 *
 * <p>Tags and event metadata are refused, not dropped: the tables have no place for them.
 */
public final class JournalEventDao implements JournalDao {
    private static final int MAX_BATCH_BYTES = 4 << 20;

    private final Journal journal;
    private final Codec codec;

    public JournalEventDao(
            JdbcBackend.JdbcDatabaseDef unused,
            JdbcProfile unusedProfile,
            JournalConfig config,
            Serialization serialization,
            ExecutionContext executor,
            Materializer materializer) {
        this.journal = Journal.of(serialization.system().settings().config());
        this.codec = new Codec(serialization);
    }

    @Override
    public Future<Seq<Try<BoxedUnit>>> asyncWriteMessages(Seq<AtomicWrite> messages) {
        List<Try<BoxedUnit>> outcomes = new ArrayList<>(messages.size());
        List<EventRow> rows = new ArrayList<>(messages.size());
        boolean allWell = true;
        for (AtomicWrite write : CollectionConverters.asJava(messages)) {
            Try<List<EventRow>> encoded = Try.apply(() -> encode(write));
            allWell &= encoded.isSuccess();
            if (encoded.isSuccess()) {
                rows.addAll(encoded.get());
            }
            outcomes.add(encoded.map(done -> BoxedUnit.UNIT));
        }
        List<Try<BoxedUnit>> answer = allWell ? List.of() : outcomes;
        Seq<Try<BoxedUnit>> result = CollectionConverters.asScala(answer).toList();
        return Futures.toScala(journal.writer().insert(messages.head().persistenceId(), rows), done -> result);
    }

    private List<EventRow> encode(AtomicWrite write) {
        List<EventRow> rows = new ArrayList<>(write.size());
        for (PersistentRepr event : CollectionConverters.asJava(write.payload())) {
            if (event.payload() instanceof Tagged || event.metadata().isDefined()) {
                throw new JournalException("event " + event.sequenceNr() + " of " + event.persistenceId()
                        + " has tags or metadata, which this journal does not keep");
            }
            Codec.Encoded payload = codec.encode(event.payload());
            if (payload.bytes().length > EventRow.MAX_PAYLOAD) {
                throw new JournalException("event " + event.sequenceNr() + " of " + event.persistenceId() + " is of "
                        + payload.bytes().length + " bytes; a journal row holds at most " + EventRow.MAX_PAYLOAD);
            }
            rows.add(new EventRow(
                    event.sequenceNr(),
                    event.writerUuid(),
                    event.timestamp(),
                    event.manifest(),
                    payload.serializerId(),
                    payload.manifest(),
                    payload.bytes()));
        }
        return rows;
    }

    @Override
    public Future<BoxedUnit> delete(String persistenceId, long toSequenceNr) {
        return Futures.toScala(journal.purge().delete(persistenceId, toSequenceNr), done -> BoxedUnit.UNIT);
    }

    @Override
    public Future<Object> highestSequenceNr(String persistenceId, long fromSequenceNr) {
        return Futures.toScala(highest(persistenceId), highest -> highest);
    }

    private CompletionStage<Long> highest(String persistenceId) {
        return journal.readers()
                .submit(
                        persistenceId,
                        (connection, replica) ->
                                replica == ReplicaNumbers.NONE ? 0L : Rows.highest(connection, replica));
    }

    @Override
    public org.apache.pekko.stream.scaladsl.Source<Try<Tuple2<PersistentRepr, Object>>, NotUsed> messages(
            String persistenceId, long fromSequenceNr, long toSequenceNr, long max) {
        return messagesWithBatch(
                persistenceId, fromSequenceNr, toSequenceNr, (int) Math.min(max, 1_000), Option.empty(), max);
    }

    @Override
    public org.apache.pekko.stream.scaladsl.Source<Try<Tuple2<PersistentRepr, Object>>, NotUsed> messagesWithBatch(
            String persistenceId,
            long fromSequenceNr,
            long toSequenceNr,
            int batchSize,
            Option<Tuple2<FiniteDuration, Scheduler>> refreshInterval) {
        return messagesWithBatch(
                persistenceId, fromSequenceNr, toSequenceNr, batchSize, refreshInterval, Long.MAX_VALUE);
    }

    private org.apache.pekko.stream.scaladsl.Source<Try<Tuple2<PersistentRepr, Object>>, NotUsed> messagesWithBatch(
            String persistenceId,
            long from,
            long to,
            int batchSize,
            Option<Tuple2<FiniteDuration, Scheduler>> refresh,
            long max) {
        if (refresh.isDefined()) {
            throw new UnsupportedOperationException("this journal does not follow a persistence id live");
        }
        return Source.unfoldAsync(Math.max(1, from), start -> batch(persistenceId, start, to, batchSize))
                .mapConcat(events -> events)
                .take(max)
                .map(event -> (Try<Tuple2<PersistentRepr, Object>>)
                        new Success<>(new Tuple2<PersistentRepr, Object>(event, event.sequenceNr())))
                .asScala();
    }

    private CompletionStage<Optional<Pair<Long, List<PersistentRepr>>>> batch(
            String persistenceId, long from, long to, int batchSize) {
        return journal.readers().submit(persistenceId, (connection, replica) -> {
            List<PersistentRepr> events = new ArrayList<>();
            if (replica != ReplicaNumbers.NONE && from <= to) {
                try (PreparedStatement select = connection.prepareStatement(
                        "SELECT row_key, writer, written_at, adapter_manifest, ser_id, ser_manifest, payload FROM aitta_event"
                                + " WHERE row_key BETWEEN ? AND ? ORDER BY row_key LIMIT ?")) {
                    BinlogReader.bindRange(select, replica, from, to, batchSize);
                    collect(persistenceId, select, events);
                }
            }
            return events.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Pair.create(events.get(events.size() - 1).sequenceNr() + 1, events));
        });
    }

    private void collect(String persistenceId, PreparedStatement select, List<PersistentRepr> events)
            throws SQLException {
        long bytes = 0;
        try (ResultSet rows = select.executeQuery()) {
            while (bytes < MAX_BATCH_BYTES && rows.next()) {
                byte[] payload = rows.getBytes(7);
                bytes += payload.length;
                events.add(PersistentRepr.apply(
                                codec.decode(payload, rows.getInt(5), rows.getString(6)),
                                RowKey.sequenceNumber(rows.getLong(1)),
                                persistenceId,
                                rows.getString(4),
                                false,
                                null,
                                rows.getString(2))
                        .withTimestamp(rows.getLong(3)));
            }
        }
    }
}
