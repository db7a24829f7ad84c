package io.aitta.core.kv;

import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.TransactionOperation;
import io.aitta.proto.record.v1.TransactionOutcome;
import io.aitta.proto.record.v1.TransactionWrite;
import io.aitta.proto.record.v1.WriteResult;

/**
 * A transaction: compares, then one of two lists of writes, each seeing what those before it did, all at one version. It
 * is done as a whole or, if one of its writes is refused, not at all.
 */
final class TransactionRun {
    /**
     * The results of all writes together. It holds the largest value and some thousand results without one; with it the
     * row of a session stays below what fits into one message between nodes.
     */
    static final int MAX_RESULT_BYTES = 640 << 10;

    private final Draft draft;
    private final KeyWrites writes;
    private final long version;
    private boolean wrote;

    private TransactionRun(Draft draft, KeyWrites writes) {
        this.draft = draft;
        this.writes = writes;
        version = draft.nextVersion();
    }

    static Outcome run(TransactionOperation transaction, Draft draft, KeyWrites writes) throws Refused {
        return new TransactionRun(draft, writes).run(transaction);
    }

    private Outcome run(TransactionOperation transaction) throws Refused {
        boolean succeeded = transaction.getComparesList().stream()
                .allMatch(compare -> Conditions.holds(compare, draft.current(compare.getKey())));
        var chosen = succeeded ? transaction.getThenWritesList() : transaction.getElseWritesList();
        var outcome = TransactionOutcome.newBuilder().setSucceeded(succeeded);
        long resultBytes = 0;
        draft.begin();
        for (int i = 0; i < chosen.size(); i++) {
            try {
                var result = write(chosen.get(i));
                resultBytes += result.getSerializedSize();
                if (resultBytes > MAX_RESULT_BYTES) {
                    throw new Refused(
                            RefusalReason.RESPONSE_TOO_LARGE,
                            "the results of the transaction have more than " + MAX_RESULT_BYTES + " bytes; get less");
                }
                outcome.addResults(result);
            } catch (Refused refused) {
                draft.rollBack();
                throw refused.in("operation " + i + " of the " + (succeeded ? "then" : "else") + " operations");
            }
        }
        draft.commit();
        if (wrote) {
            draft.count();
            outcome.setVersion(version);
        }
        return Outcome.newBuilder().setTransaction(outcome).build();
    }

    private WriteResult write(TransactionWrite write) throws Refused {
        var key = OperationKeys.keyOf(write);
        var before = draft.current(key);
        var result = WriteResult.newBuilder().setExisted(before.isPresent());
        switch (write.getKindCase()) {
            case SET -> {
                writes.set(write.getSet(), version);
                wrote = true;
            }
            case DELETE -> {
                writes.delete(key, version);
                wrote = true;
            }
            case APPEND -> {
                result.setLength(writes.append(write.getAppend(), version));
                wrote = true;
            }
            case INCREMENT -> {
                result.setNumber(writes.increment(write.getIncrement(), version));
                wrote = true;
            }
            case EXPIRE -> wrote |= writes.expire(write.getExpire(), version);
            case GET -> before.ifPresent(result::setValue);
            case KIND_NOT_SET -> throw new AssertionError("a write without a kind is refused before");
        }
        return result.setVersion(Conditions.versionOf(draft.current(key))).build();
    }
}
