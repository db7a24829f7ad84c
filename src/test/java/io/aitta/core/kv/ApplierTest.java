package io.aitta.core.kv;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.proto.record.v1.Compare;
import io.aitta.proto.record.v1.DeleteOperation;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.SetOperation;
import io.aitta.proto.record.v1.StoredValue;
import io.aitta.proto.record.v1.TransactionOperation;
import io.aitta.proto.record.v1.TransactionOutcome;
import io.aitta.proto.record.v1.TransactionWrite;
import io.aitta.proto.record.v1.WriteResult;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ApplierTest {
    private final MemoryState state = new MemoryState();

    @Test
    void everyWriteRaisesTheRevisionAndAKeysVersionIsThatOfItsLastWrite() {
        var outcomes = state.apply(1, set("a", "1"), set("b", "1"), delete("c"), set("a", "2"));
        assertThat(outcomes)
                .extracting(outcome -> outcome.getSet().getVersion())
                .containsExactly(1L, 2L, 0L, 4L);
        assertThat(state.revision).isEqualTo(4);
        assertThat(state.values.get(bytes("a")).getVersion()).isEqualTo(4);
        assertThat(state.values.get(bytes("b")).getVersion()).isEqualTo(2);
    }

    @Test
    void aDeleteSaysWhetherTheKeyExistedEvenWithinItsBatch() {
        assertThat(existed(state.apply(1, delete("a"), set("a", "1"), delete("a"), delete("a"))))
                .containsExactly(false, false, true, false);
        state.apply(2, set("b", "1"));
        assertThat(existed(state.apply(3, delete("b"), delete("b")))).containsExactly(true, false);
        assertThat(state.read("b")).isEmpty();
    }

    @Test
    void aPlainSetReadsNothing() {
        var unread = new KvReader() {
            @Override
            public List<Optional<StoredValue>> read(List<ByteString> keys) {
                throw new AssertionError("read " + keys);
            }

            @Override
            public List<Expiring> expired(long nowMillis, int limit) {
                throw new AssertionError("read the expiry index");
            }
        };
        var batch = Batches.encode(1, List.of(set("a", "1")));
        var effects = Applier.apply(batch, 0, 0, new SessionTable(Map.of(), 0), unread);
        assertThat(effects.writes()).containsOnlyKeys(bytes("a"));
    }

    @Test
    void anExpiredKeyIsAbsentFromTheMomentOnAndDoesNotComeBackWithAnEarlierTimestamp() {
        state.apply(1000, setFor("a", "1", 50));
        assertThat(existed(state.apply(1049, delete("x")))).containsExactly(false);
        assertThat(succeeded(state.apply(1049, transaction(List.of(exists("a", true)), List.of(), List.of()))))
                .isTrue();
        assertThat(succeeded(state.apply(1050, transaction(List.of(exists("a", true)), List.of(), List.of()))))
                .isFalse();
        // The new primary's clock is late.
        assertThat(succeeded(state.apply(1001, transaction(List.of(exists("a", false)), List.of(), List.of()))))
                .isTrue();
        assertThat(existed(state.apply(1001, delete("a")))).containsExactly(false);
        assertThat(state.timestampMillis).isEqualTo(1050);
    }

    @Test
    void aTimeToLiveBeyondAllTimeIsForEver() {
        state.apply(1000, setFor("a", "1", Long.MAX_VALUE), setFor("b", "1", -1));
        assertThat(state.values.get(bytes("a")).getExpiresAtMillis()).isEqualTo(Long.MAX_VALUE);
        assertThat(state.values.get(bytes("b")).getExpiresAtMillis()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aTransactionChoosesByAllItsComparesAndWritesAllAtOneVersion() {
        state.apply(1, set("a", "1"));
        var all =
                List.of(exists("a", true), version("a", 1), value("a", "1"), version("missing", 0), exists("b", false));
        var outcome = state.apply(2, transaction(all, List.of(put("b", "x"), put("c", "y"), remove("a")), List.of()))
                .get(0)
                .getTransaction();
        assertThat(outcome)
                .isEqualTo(TransactionOutcome.newBuilder()
                        .setSucceeded(true)
                        .setVersion(2)
                        .addResults(WriteResult.newBuilder().setVersion(2))
                        .addResults(WriteResult.newBuilder().setVersion(2))
                        .addResults(WriteResult.newBuilder().setExisted(true))
                        .build());
        assertThat(state.read("a")).isEmpty();
        assertThat(state.values.get(bytes("b")).getVersion()).isEqualTo(2);
        assertThat(state.values.get(bytes("c")).getVersion()).isEqualTo(2);
        assertThat(state.revision).isEqualTo(2);
    }

    @Test
    void oneCompareThatDoesNotHoldChoosesTheOtherWrites() {
        state.apply(1, set("a", "1"));
        for (Compare wrong : List.of(exists("a", false), version("a", 9), value("a", "2"), value("missing", ""))) {
            var outcomes = state.apply(
                    2,
                    transaction(
                            List.of(exists("a", true), wrong), List.of(put("a", "then")), List.of(put("b", "else"))));
            assertThat(succeeded(outcomes)).isFalse();
            assertThat(state.read("a")).contains("1");
            assertThat(state.read("b")).contains("else");
        }
    }

    @Test
    void aTransactionThatWritesNothingLeavesTheRevision() {
        var outcome = state.apply(1, transaction(List.of(exists("a", true)), List.of(put("a", "1")), List.of()))
                .get(0);
        assertThat(outcome.getTransaction()).isEqualTo(TransactionOutcome.getDefaultInstance());
        assertThat(state.revision).isZero();
    }

    @Test
    void compareAndSetWithinOneBatchLetsExactlyOneWin() {
        var claim = transaction(List.of(exists("lock", false)), List.of(put("lock", "mine")), List.of());
        assertThat(state.apply(1, claim, claim, claim))
                .extracting(outcome -> outcome.getTransaction().getSucceeded())
                .containsExactly(true, false, false);
    }

    @Test
    void aBadOperationIsRefusedAndItsNeighboursAreApplied() {
        var withoutKind = new byte[0];
        var withoutKey = set("", "1");
        var halfTransaction =
                transaction(List.of(), List.of(put("b", "1"), TransactionWrite.getDefaultInstance()), List.of());
        var withoutExpectation = transaction(
                List.of(Compare.newBuilder().setKey(bytes("a")).build()), List.of(put("b", "1")), List.of());
        var outcomes = state.apply(
                1,
                set("a", "1"),
                new byte[] {1, 2, 3},
                withoutKind,
                withoutKey,
                halfTransaction,
                withoutExpectation,
                set("c", "1"));
        assertThat(outcomes.subList(1, 6))
                .allSatisfy(
                        outcome -> assertThat(outcome.getRefused().getReason()).isEqualTo("MALFORMED_OPERATION"));
        assertThat(outcomes.get(6).getSet().getVersion()).isEqualTo(2);
        assertThat(state.values).containsOnlyKeys(bytes("a"), bytes("c"));
    }

    @Property
    void garbageIsAnsweredOperationByOperation(@ForAll @Size(max = 5) List<byte[]> garbage) {
        assertThat(state.apply(1, garbage.toArray(byte[][]::new))).hasSize(garbage.size());
    }

    @Test
    void aBatchThatDoesNotDecodeIsOneRefusal() {
        var batch = Batches.encode(1, List.of(set("a", "1")));
        assertThat(state.applyBatch(Arrays.copyOf(batch, batch.length - 1)))
                .extracting(outcome -> outcome.getRefused().getReason())
                .containsExactly("MALFORMED_OPERATION");
        assertThat(state.values).isEmpty();
    }

    private static boolean succeeded(List<Outcome> outcomes) {
        assertThat(outcomes.get(0).hasTransaction()).isTrue();
        return outcomes.get(0).getTransaction().getSucceeded();
    }

    private static List<Boolean> existed(List<Outcome> outcomes) {
        return outcomes.stream()
                .map(outcome -> outcome.getDelete().getExisted())
                .toList();
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static byte[] set(String key, String value) {
        return Operations.set(bytes(key), bytes(value), null);
    }

    private static byte[] setFor(String key, String value, long timeToLiveMillis) {
        return Operations.set(bytes(key), bytes(value), timeToLiveMillis, null);
    }

    private static byte[] delete(String key) {
        return Operations.delete(bytes(key), null);
    }

    private static byte[] transaction(
            List<Compare> compares, List<TransactionWrite> thenWrites, List<TransactionWrite> elseWrites) {
        return Operations.transaction(
                TransactionOperation.newBuilder()
                        .addAllCompares(compares)
                        .addAllThenWrites(thenWrites)
                        .addAllElseWrites(elseWrites)
                        .build(),
                null);
    }

    private static Compare exists(String key, boolean exists) {
        return Compare.newBuilder().setKey(bytes(key)).setExists(exists).build();
    }

    private static Compare version(String key, long version) {
        return Compare.newBuilder().setKey(bytes(key)).setVersion(version).build();
    }

    private static Compare value(String key, String value) {
        return Compare.newBuilder().setKey(bytes(key)).setValue(bytes(value)).build();
    }

    private static TransactionWrite put(String key, String value) {
        return TransactionWrite.newBuilder()
                .setSet(SetOperation.newBuilder().setKey(bytes(key)).setValue(bytes(value)))
                .build();
    }

    private static TransactionWrite remove(String key) {
        return TransactionWrite.newBuilder()
                .setDelete(DeleteOperation.newBuilder().setKey(bytes(key)))
                .build();
    }
}
