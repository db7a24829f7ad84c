package io.aitta.core.kv;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.proto.record.v1.AppendOperation;
import io.aitta.proto.record.v1.AppendOutcome;
import io.aitta.proto.record.v1.Batch;
import io.aitta.proto.record.v1.Change;
import io.aitta.proto.record.v1.DeleteOperation;
import io.aitta.proto.record.v1.DeleteOutcome;
import io.aitta.proto.record.v1.DeleteRangeOperation;
import io.aitta.proto.record.v1.DeleteRangeOutcome;
import io.aitta.proto.record.v1.ExpireOperation;
import io.aitta.proto.record.v1.ExpireOutcome;
import io.aitta.proto.record.v1.IncrementOperation;
import io.aitta.proto.record.v1.IncrementOutcome;
import io.aitta.proto.record.v1.Operation;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.RemoveExpiredOperation;
import io.aitta.proto.record.v1.RemoveExpiredOutcome;
import io.aitta.proto.record.v1.SetOperation;
import io.aitta.proto.record.v1.SetOutcome;
import io.aitta.proto.record.v1.StoredValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What applying a batch means: its operations one after the other, each seeing what those before it wrote. A pure
 * function of the batch and of the state before it, so every replica comes to the same state and the same outcomes.
 *
 * <p>Time is the batch's timestamp, held back by none that was applied before: it never goes backwards, and a key that
 * expired once does not come back. A key whose time is over counts as missing for every operation.
 *
 * <p>Every write raises the revision by one, and a key's version is the revision of its last write. A transaction, the
 * removal of a range and a removal of expired keys count as one. A delete counts though its key is missing. What writes
 * nothing does not count: a condition that does not hold, a time to live for a missing key or one that the key has
 * already, a transaction that does only such things and gets, an empty range, expired keys that are none.
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
    private final Draft draft;
    private final KeyWrites writes;

    private Applier(SessionTable sessions, Draft draft) {
        this.sessions = sessions;
        this.draft = draft;
        writes = new KeyWrites(draft);
    }

    /**
     * Applies a batch. The session table changes with it; if the effects are not stored, it is of no use any more.
     *
     * @param batch a serialized {@code aitta.record.v1.Batch}, not to be changed afterwards. If it does not decode, there
     *     is one outcome, a refusal.
     * @param timestampMillis the newest timestamp applied before
     * @param revision how many writes were applied before
     * @param reader asked before anything is applied, and only for what matters: not at all for plain sets, once for the
     *     keys whose old values are needed, and in pieces for keys that may be removed because they expired
     * @throws IllegalStateException if a newer release wrote the batch: this node must not go on without it
     */
    public static Effects apply(
            byte[] batch, long timestampMillis, long revision, SessionTable sessions, KvReader reader) {
        Batch decoded;
        try {
            decoded = Batches.decode(batch);
        } catch (InvalidProtocolBufferException e) {
            var refused = RefusalReason.MALFORMED_OPERATION.outcome("the batch does not decode");
            return new Draft(timestampMillis, revision, 0).effects(List.of(refused.toByteArray()));
        }
        int count = decoded.getOperationsCount();
        var draft = new Draft(Math.max(timestampMillis, decoded.getTimestampMillis()), revision, count);
        var operations = new ArrayList<Optional<Operation>>(count);
        decoded.getOperationsList().forEach(bytes -> operations.add(OperationCheck.decode(bytes)));
        draft.read(operations, reader);
        sessions.forgetUnused(draft.timestampMillis());
        var applier = new Applier(sessions, draft);
        var outcomes = new ArrayList<byte[]>(count);
        operations.forEach(operation -> outcomes.add(applier.outcomeOf(operation)));
        return draft.effects(outcomes);
    }

    private byte[] outcomeOf(Optional<Operation> maybe) {
        if (maybe.isEmpty()) {
            return RefusalReason.MALFORMED_OPERATION
                    .outcome("the operation does not decode, or lacks its kind, a key or a condition's kind")
                    .toByteArray();
        }
        var operation = maybe.get();
        if (!operation.hasSession()) {
            return apply(operation).toByteArray();
        }
        int keysChecksum = OperationKeys.checksum(operation);
        var answer = sessions.answer(operation.getSession(), keysChecksum, draft.timestampMillis());
        if (answer.isPresent()) {
            return answer.get();
        }
        var outcome = apply(operation);
        var bytes = outcome.toByteArray();
        if (!outcome.hasRefused()) {
            sessions.remember(operation.getSession(), keysChecksum, bytes, draft.timestampMillis());
        }
        return bytes;
    }

    private Outcome apply(Operation operation) {
        try {
            return switch (operation.getKindCase()) {
                case SET -> set(operation.getSet());
                case DELETE -> delete(operation.getDelete());
                case TRANSACTION -> TransactionRun.run(operation.getTransaction(), draft, writes);
                case APPEND -> append(operation.getAppend());
                case INCREMENT -> increment(operation.getIncrement());
                case EXPIRE -> expire(operation.getExpire());
                case DELETE_RANGE -> deleteRange(operation.getDeleteRange());
                case REMOVE_EXPIRED -> removeExpired(operation.getRemoveExpired());
                case KIND_NOT_SET -> throw new AssertionError("an operation without a kind is refused before");
            };
        } catch (Refused refused) {
            return refused.outcome();
        }
    }

    private Outcome set(SetOperation set) {
        var outcome = SetOutcome.newBuilder();
        boolean holds = true;
        if (set.hasCondition() || set.getReturnPrevious()) {
            var current = draft.current(set.getKey());
            if (set.getReturnPrevious()) {
                current.ifPresent(outcome::setPrevious);
            }
            holds = !set.hasCondition() || Conditions.holds(set.getCondition(), current);
            outcome.setNotApplied(!holds).setVersion(Conditions.versionOf(current));
        }
        if (holds) {
            long version = draft.nextVersion();
            writes.set(set, version);
            draft.count();
            outcome.setVersion(version);
        }
        return Outcome.newBuilder().setSet(outcome).build();
    }

    private Outcome delete(DeleteOperation delete) {
        var current = draft.current(delete.getKey());
        var outcome = DeleteOutcome.newBuilder().setExisted(current.isPresent());
        if (delete.getReturnPrevious()) {
            current.ifPresent(outcome::setPrevious);
        }
        if (!delete.hasCondition() || Conditions.holds(delete.getCondition(), current)) {
            writes.delete(delete.getKey(), draft.nextVersion());
            draft.count();
        } else {
            outcome.setNotApplied(true).setVersion(Conditions.versionOf(current));
        }
        return Outcome.newBuilder().setDelete(outcome).build();
    }

    private Outcome append(AppendOperation append) throws Refused {
        long version = draft.nextVersion();
        long length = writes.append(append, version);
        draft.count();
        return Outcome.newBuilder()
                .setAppend(AppendOutcome.newBuilder().setVersion(version).setLength(length))
                .build();
    }

    private Outcome increment(IncrementOperation increment) throws Refused {
        long version = draft.nextVersion();
        long value = writes.increment(increment, version);
        draft.count();
        return Outcome.newBuilder()
                .setIncrement(IncrementOutcome.newBuilder().setVersion(version).setValue(value))
                .build();
    }

    private Outcome expire(ExpireOperation expire) {
        if (writes.expire(expire, draft.nextVersion())) {
            draft.count();
        }
        var current = draft.current(expire.getKey());
        return Outcome.newBuilder()
                .setExpire(ExpireOutcome.newBuilder()
                        .setExisted(current.isPresent())
                        .setVersion(Conditions.versionOf(current)))
                .build();
    }

    private Outcome deleteRange(DeleteRangeOperation deleteRange) {
        var span = new KeySpan(deleteRange.getFrom(), deleteRange.getTo());
        var outcome = DeleteRangeOutcome.newBuilder();
        if (!span.isEmpty()) {
            long version = draft.nextVersion();
            draft.removeRange(span, version);
            draft.count();
            outcome.setVersion(version);
        }
        return Outcome.newBuilder().setDeleteRange(outcome).build();
    }

    private Outcome removeExpired(RemoveExpiredOperation removeExpired) {
        int lookAt = Math.min(removeExpired.getLimit(), draft.due());
        int removed = 0;
        for (int i = 0; i < lookAt; i++) {
            if (draft.removeNextDue(draft.nextVersion())) {
                removed++;
            }
        }
        if (removed > 0) {
            draft.count();
        }
        return Outcome.newBuilder()
                .setRemoveExpired(
                        RemoveExpiredOutcome.newBuilder().setRemoved(removed).setLookedAt(lookAt))
                .build();
    }
}
