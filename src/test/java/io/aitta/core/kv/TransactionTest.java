package io.aitta.core.kv;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.proto.record.v1.AppendOperation;
import io.aitta.proto.record.v1.Change;
import io.aitta.proto.record.v1.Compare;
import io.aitta.proto.record.v1.DeleteOperation;
import io.aitta.proto.record.v1.ExpireOperation;
import io.aitta.proto.record.v1.GetOperation;
import io.aitta.proto.record.v1.IncrementOperation;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.SetOperation;
import io.aitta.proto.record.v1.StoredValue;
import io.aitta.proto.record.v1.TransactionOperation;
import io.aitta.proto.record.v1.TransactionWrite;
import io.aitta.proto.record.v1.WriteResult;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Many keys, all or nothing. */
class TransactionTest {
    private final MemoryState state = new MemoryState();

    @Test
    void eachWriteSeesThoseBeforeItAndHasItsOwnResult() {
        var results = apply(1, set("a", "1"), increment("a", 4), append("a", "0"), get("a"), delete("a"), get("a"))
                .getTransaction()
                .getResultsList();
        assertThat(results)
                .containsExactly(
                        result(false, 1).build(),
                        result(true, 1).setNumber(5).build(),
                        result(true, 1).setLength(2).build(),
                        result(true, 1)
                                .setValue(StoredValue.newBuilder()
                                        .setValue(bytes("50"))
                                        .setVersion(1))
                                .build(),
                        result(true, 0).build(),
                        result(false, 0).build());
        assertThat(state.revision).isEqualTo(1);
        assertThat(state.changes)
                .extracting(Change::getKind)
                .containsExactly(Change.Kind.SET, Change.Kind.SET, Change.Kind.SET, Change.Kind.DELETE);
    }

    @Test
    void aRefusedWriteUndoesAllBeforeItAndIsNamedByItsPlace() {
        state.apply(1, Operations.set(bytes("a"), bytes("x"), null), Operations.set(bytes("b"), bytes("y"), null));
        var outcomes = state.apply(
                2,
                Operations.set(bytes("a"), bytes("2"), null),
                transaction(
                        set("a", "3"),
                        delete("a"),
                        set("new", "1"),
                        delete("b"),
                        increment("text", 1),
                        increment("b2", 1),
                        set("text", "z"),
                        increment("text", 1)),
                Operations.append(bytes("a"), bytes("!"), 0, 10, null));
        assertThat(outcomes.get(1).getRefused().getReason()).isEqualTo("NOT_A_NUMBER");
        assertThat(outcomes.get(1).getRefused().getMessage())
                .startsWith("operation 7 of the then operations: the value is no number");
        assertThat(outcomes.get(2).getAppend().getVersion()).isEqualTo(4);
        assertThat(state.read("a")).contains("2!");
        assertThat(state.read("b")).contains("y");
        assertThat(state.values).containsOnlyKeys(bytes("a"), bytes("b"));
        assertThat(state.changes).hasSize(2);
    }

    @Test
    void theElseOperationsAreNamedAsSuch() {
        var never = Compare.newBuilder().setKey(bytes("a")).setExists(true);
        var outcome = state.apply(
                        1,
                        Operations.transaction(
                                TransactionOperation.newBuilder()
                                        .addCompares(never)
                                        .addElseWrites(append("a", "12345678901"))
                                        .build(),
                                null))
                .get(0);
        assertThat(outcome.getRefused().getReason()).isEqualTo("VALUE_TOO_LARGE");
        assertThat(outcome.getRefused().getMessage()).startsWith("operation 0 of the else operations: ");
    }

    @Test
    void aTransactionThatOnlyLooksIsNoWrite() {
        state.apply(1000, Operations.set(bytes("a"), bytes("1"), 10, null));
        var outcome = apply(1005, get("a"), expire("missing", 10), expire("a", 5), get("missing"))
                .getTransaction();
        assertThat(outcome.getSucceeded()).isTrue();
        assertThat(outcome.getVersion()).isZero();
        assertThat(outcome.getResultsList())
                .containsExactly(
                        result(true, 1)
                                .setValue(StoredValue.newBuilder()
                                        .setValue(bytes("1"))
                                        .setVersion(1)
                                        .setExpiresAtMillis(1010))
                                .build(),
                        result(false, 0).build(),
                        result(true, 1).build(),
                        result(false, 0).build());
        assertThat(state.revision).isEqualTo(1);
        assertThat(state.changes).isEmpty();
    }

    @Test
    void aKeyWhoseTimeIsOverIsMissingForItsComparesAndWrites() {
        state.apply(1000, Operations.set(bytes("n"), bytes("5"), 10, null));
        var outcome = state.apply(
                        1010,
                        Operations.transaction(
                                TransactionOperation.newBuilder()
                                        .addCompares(Compare.newBuilder()
                                                .setKey(bytes("n"))
                                                .setExists(false))
                                        .addThenWrites(increment("n", 1))
                                        .build(),
                                null))
                .get(0)
                .getTransaction();
        assertThat(outcome.getSucceeded()).isTrue();
        assertThat(outcome.getResults(0).getNumber()).isEqualTo(1);
        assertThat(outcome.getResults(0).getExisted()).isFalse();
    }

    @Test
    void moreThanAnAnswerMayHoldIsRefusedAndNothingHappens() {
        var large = ByteString.copyFrom(new byte[512 << 10]);
        state.apply(1, Operations.set(bytes("large"), large, null));
        assertThat(apply(2, get("large")).hasTransaction())
                .as("the largest value fits")
                .isTrue();
        var refused = apply(3, set("a", "1"), get("large"), get("large")).getRefused();
        assertThat(refused.getReason()).isEqualTo("RESPONSE_TOO_LARGE");
        assertThat(refused.getMessage()).startsWith("operation 2 of the then operations: ");
        assertThat(state.read("a")).isEmpty();
    }

    private Outcome apply(long timestampMillis, TransactionWrite... writes) {
        return state.apply(timestampMillis, transaction(writes)).get(0);
    }

    private static byte[] transaction(TransactionWrite... writes) {
        return Operations.transaction(
                TransactionOperation.newBuilder()
                        .addAllThenWrites(List.of(writes))
                        .build(),
                null);
    }

    private static WriteResult.Builder result(boolean existed, long version) {
        return WriteResult.newBuilder().setExisted(existed).setVersion(version);
    }

    private static TransactionWrite set(String key, String value) {
        return TransactionWrite.newBuilder()
                .setSet(SetOperation.newBuilder().setKey(bytes(key)).setValue(bytes(value)))
                .build();
    }

    private static TransactionWrite delete(String key) {
        return TransactionWrite.newBuilder()
                .setDelete(DeleteOperation.newBuilder().setKey(bytes(key)))
                .build();
    }

    private static TransactionWrite append(String key, String value) {
        return TransactionWrite.newBuilder()
                .setAppend(AppendOperation.newBuilder()
                        .setKey(bytes(key))
                        .setValue(bytes(value))
                        .setMaxValueBytes(10))
                .build();
    }

    private static TransactionWrite increment(String key, long amount) {
        return TransactionWrite.newBuilder()
                .setIncrement(IncrementOperation.newBuilder().setKey(bytes(key)).setAmount(amount))
                .build();
    }

    private static TransactionWrite expire(String key, long timeToLiveMillis) {
        return TransactionWrite.newBuilder()
                .setExpire(ExpireOperation.newBuilder().setKey(bytes(key)).setTimeToLiveMillis(timeToLiveMillis))
                .build();
    }

    private static TransactionWrite get(String key) {
        return TransactionWrite.newBuilder()
                .setGet(GetOperation.newBuilder().setKey(bytes(key)))
                .build();
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
