package io.aitta.core.kv;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.proto.record.v1.Batch;
import io.aitta.proto.record.v1.Change;
import io.aitta.proto.record.v1.Compare;
import io.aitta.proto.record.v1.DeleteOutcome;
import io.aitta.proto.record.v1.Operation;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.SetOperation;
import io.aitta.proto.record.v1.SetOutcome;
import io.aitta.proto.record.v1.StoredValue;
import io.aitta.proto.record.v1.TransactionOperation;
import io.aitta.proto.record.v1.TransactionOutcome;
import io.aitta.proto.record.v1.TransactionWrite;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What applying a batch means: its operations one after the other, each seeing what those before it wrote. A pure
 * function of the batch and of the state before it, so every replica comes to the same state and the same outcomes.
 *
 * <p>Time is the batch's timestamp, held back by none that was applied before: it never goes backwards, and a key that
 * expired once does not come back. Every write raises the revision by one (a transaction counts as one, and not at all
 * if it writes nothing), and a key's version is the revision of its last write.
 *
 * <p>What cannot be applied is refused by an outcome, the same on every replica, and changes nothing.
 */
public final class Applier {
    /**
     * What applying a batch gave.
     *
     * @param outcomes for each operation a serialized {@code aitta.record.v1.Outcome}; not to be changed
     * @param removals spans of keys to remove, before {@code writes} are stored
     * @param writes what to store; empty where the key is to be removed. A value that expires gets an entry in the expiry
     *     index, besides
     * @param unindexed entries to remove from the expiry index, before {@code writes} are stored
     * @param changes what changed, in the order in which it happened, for watchers
     * @param timestampMillis the newest timestamp applied
     * @param revision how many writes have been applied
     */
    public record Effects(
            List<byte[]> outcomes,
            List<KeySpan> removals,
            Map<ByteString, Optional<StoredValue>> writes,
            List<KvReader.Expiring> unindexed,
            List<Change> changes,
            long timestampMillis,
            long revision) {}

    private final SessionTable sessions;
    private final long timestampMillis;
    private final Map<ByteString, Optional<StoredValue>> before = new HashMap<>();
    private final Map<ByteString, Optional<StoredValue>> writes = new LinkedHashMap<>();
    private long revision;

    private Applier(SessionTable sessions, long timestampMillis, long revision) {
        this.sessions = sessions;
        this.timestampMillis = timestampMillis;
        this.revision = revision;
    }

    /**
     * Applies a batch. The session table changes with it; if the effects are not stored, it is of no use any more.
     *
     * @param batch a serialized {@code aitta.record.v1.Batch}, not to be changed afterwards. If it does not decode, there
     *     is one outcome, a refusal.
     * @param timestampMillis the newest timestamp applied before
     * @param revision how many writes were applied before
     * @param reader asked at most once, for the keys whose old values matter
     * @throws IllegalStateException if a newer release wrote the batch: this node must not go on without it
     */
    public static Effects apply(
            byte[] batch, long timestampMillis, long revision, SessionTable sessions, KvReader reader) {
        Batch decoded;
        try {
            decoded = Batches.decode(batch);
        } catch (InvalidProtocolBufferException e) {
            var refused = RefusalReason.MALFORMED_OPERATION.outcome("the batch does not decode");
            return new Effects(
                    List.of(refused.toByteArray()),
                    List.of(),
                    Map.of(),
                    List.of(),
                    List.of(),
                    timestampMillis,
                    revision);
        }
        var applier = new Applier(sessions, Math.max(timestampMillis, decoded.getTimestampMillis()), revision);
        var operations = new ArrayList<Optional<Operation>>(decoded.getOperationsCount());
        decoded.getOperationsList().forEach(bytes -> operations.add(decode(bytes)));
        applier.readBefore(operations, reader);
        var outcomes = new ArrayList<byte[]>(operations.size());
        operations.forEach(operation -> outcomes.add(applier.outcomeOf(operation)));
        return new Effects(
                outcomes, List.of(), applier.writes, List.of(), List.of(), applier.timestampMillis, applier.revision);
    }

    /** Empty if the bytes are no operation that can be applied. */
    private static Optional<Operation> decode(ByteString bytes) {
        try {
            return Optional.of(Batches.parse(Operation.parser(), bytes)).filter(Applier::isComplete);
        } catch (InvalidProtocolBufferException e) {
            return Optional.empty();
        }
    }

    private static boolean isComplete(Operation operation) {
        return switch (operation.getKindCase()) {
            case SET -> !operation.getSet().getKey().isEmpty();
            case DELETE -> !operation.getDelete().getKey().isEmpty();
            case TRANSACTION -> {
                var transaction = operation.getTransaction();
                yield transaction.getComparesList().stream()
                                .allMatch(compare -> !compare.getKey().isEmpty()
                                        && compare.getExpectedCase() != Compare.ExpectedCase.EXPECTED_NOT_SET)
                        && transaction.getThenWritesList().stream().allMatch(Applier::isComplete)
                        && transaction.getElseWritesList().stream().allMatch(Applier::isComplete);
            }
            case APPEND, INCREMENT, EXPIRE, DELETE_RANGE, REMOVE_EXPIRED, KIND_NOT_SET -> false;
        };
    }

    private static boolean isComplete(TransactionWrite write) {
        return !keyOf(write).isEmpty();
    }

    private static ByteString keyOf(TransactionWrite write) {
        return switch (write.getKindCase()) {
            case SET -> write.getSet().getKey();
            case DELETE -> write.getDelete().getKey();
            case APPEND, INCREMENT, EXPIRE, GET, KIND_NOT_SET -> ByteString.EMPTY;
        };
    }

    /** Reads all old values that matter at once; a plain set needs none. */
    private void readBefore(List<Optional<Operation>> operations, KvReader reader) {
        var wanted = new LinkedHashSet<ByteString>();
        for (Optional<Operation> maybe : operations) {
            maybe.ifPresent(operation -> {
                if (operation.hasDelete()) {
                    wanted.add(operation.getDelete().getKey());
                }
                operation.getTransaction().getComparesList().forEach(compare -> wanted.add(compare.getKey()));
            });
        }
        if (!wanted.isEmpty()) {
            var keys = List.copyOf(wanted);
            var values = reader.read(keys);
            for (int i = 0; i < keys.size(); i++) {
                before.put(keys.get(i), values.get(i));
            }
        }
    }

    private byte[] outcomeOf(Optional<Operation> maybe) {
        if (maybe.isEmpty()) {
            return RefusalReason.MALFORMED_OPERATION
                    .outcome("the operation does not decode, or lacks its kind or a key")
                    .toByteArray();
        }
        var operation = maybe.get();
        if (!operation.hasSession()) {
            return apply(operation).toByteArray();
        }
        int keysChecksum = keysChecksum(operation);
        var answer = sessions.answer(operation.getSession(), keysChecksum, timestampMillis);
        if (answer.isPresent()) {
            return answer.get();
        }
        var outcome = apply(operation).toByteArray();
        sessions.remember(operation.getSession(), keysChecksum, outcome, timestampMillis);
        return outcome;
    }

    private Outcome apply(Operation operation) {
        return switch (operation.getKindCase()) {
            case SET -> {
                revision++;
                set(operation.getSet());
                yield Outcome.newBuilder()
                        .setSet(SetOutcome.newBuilder().setVersion(revision))
                        .build();
            }
            case DELETE -> {
                boolean existed = current(operation.getDelete().getKey()).isPresent();
                revision++;
                writes.put(operation.getDelete().getKey(), Optional.empty());
                yield Outcome.newBuilder()
                        .setDelete(DeleteOutcome.newBuilder().setExisted(existed))
                        .build();
            }
            case TRANSACTION -> apply(operation.getTransaction());
            case APPEND, INCREMENT, EXPIRE, DELETE_RANGE, REMOVE_EXPIRED, KIND_NOT_SET ->
                throw new AssertionError("an operation without a kind is refused before");
        };
    }

    private Outcome apply(TransactionOperation transaction) {
        boolean succeeded = transaction.getComparesList().stream().allMatch(this::holds);
        var chosen = succeeded ? transaction.getThenWritesList() : transaction.getElseWritesList();
        var outcome = TransactionOutcome.newBuilder().setSucceeded(succeeded);
        if (!chosen.isEmpty()) {
            revision++;
            outcome.setVersion(revision);
        }
        for (TransactionWrite write : chosen) {
            if (write.hasSet()) {
                set(write.getSet());
            } else {
                writes.put(write.getDelete().getKey(), Optional.empty());
            }
        }
        return Outcome.newBuilder().setTransaction(outcome).build();
    }

    private boolean holds(Compare compare) {
        var value = current(compare.getKey());
        return switch (compare.getExpectedCase()) {
            case EXISTS -> value.isPresent() == compare.getExists();
            // A missing key has version 0.
            case VERSION -> value.map(StoredValue::getVersion).orElse(0L) == compare.getVersion();
            case VALUE -> value.isPresent() && value.get().getValue().equals(compare.getValue());
            case EXPECTED_NOT_SET -> throw new AssertionError("a compare without expectation is refused before");
        };
    }

    private void set(SetOperation set) {
        long timeToLive = set.getTimeToLiveMillis();
        var value = StoredValue.newBuilder().setValue(set.getValue()).setVersion(revision);
        if (timeToLive != 0) {
            // Unsigned: what looks negative is very long.
            long expires = timestampMillis + timeToLive;
            value.setExpiresAtMillis(timeToLive < 0 || expires < timestampMillis ? Long.MAX_VALUE : expires);
        }
        writes.put(set.getKey(), Optional.of(value.build()));
    }

    /** The value of a key that {@link #readBefore} looked up, after all that this batch wrote so far. */
    private Optional<StoredValue> current(ByteString key) {
        var value = writes.get(key);
        return (value == null ? before.get(key) : value)
                .filter(stored -> stored.getExpiresAtMillis() == 0 || stored.getExpiresAtMillis() > timestampMillis);
    }

    private static int keysChecksum(Operation operation) {
        var crc = new CRC32C();
        switch (operation.getKindCase()) {
            case SET -> add(crc, operation.getSet().getKey());
            case DELETE -> add(crc, operation.getDelete().getKey());
            case TRANSACTION -> {
                var transaction = operation.getTransaction();
                transaction.getComparesList().forEach(compare -> add(crc, compare.getKey()));
                transaction.getThenWritesList().forEach(write -> add(crc, keyOf(write)));
                transaction.getElseWritesList().forEach(write -> add(crc, keyOf(write)));
            }
            case APPEND, INCREMENT, EXPIRE, DELETE_RANGE, REMOVE_EXPIRED, KIND_NOT_SET ->
                throw new AssertionError("an operation without a kind is refused before");
        }
        return (int) crc.getValue();
    }

    private static void add(CRC32C crc, ByteString key) {
        crc.update(key.asReadOnlyByteBuffer());
    }
}
