package io.aitta.core.kv;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.proto.record.v1.Change;
import io.aitta.proto.record.v1.Condition;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.StoredValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What one write does to one key. */
class KeyWritesTest {
    private static final Condition PRESENT =
            Condition.newBuilder().setExists(true).build();
    private static final Condition ABSENT =
            Condition.newBuilder().setExists(false).build();

    private final MemoryState state = new MemoryState();

    @Test
    void aSetWhoseConditionDoesNotHoldWritesNothingAndTellsWhatIsThere() {
        apply(1, Operations.set(bytes("k"), bytes("1"), null));
        var outcome = apply(2, Operations.set(bytes("k"), bytes("2"), 0, ABSENT, true, null))
                .getSet();
        assertThat(outcome.getNotApplied()).isTrue();
        assertThat(outcome.getVersion()).isEqualTo(1);
        assertThat(outcome.getPrevious()).isEqualTo(stored("1", 1, 0));
        assertThat(state.read("k")).contains("1");
        assertThat(state.revision).isEqualTo(1);
        assertThat(state.changes).isEmpty();
    }

    @Test
    void aSetForAVersionIsDoneOnce() {
        var first = Operations.set(bytes("k"), bytes("1"), 0, version(0), false, null);
        assertThat(apply(1, first).getSet().getVersion()).isEqualTo(1);
        assertThat(apply(2, first).getSet().getNotApplied()).isTrue();
        var next = Operations.set(bytes("k"), bytes("2"), 0, version(1), true, null);
        var outcome = apply(3, next).getSet();
        assertThat(outcome.getVersion()).isEqualTo(2);
        assertThat(outcome.getPrevious().getValue()).isEqualTo(bytes("1"));
        assertThat(apply(4, next).getSet().getNotApplied()).isTrue();
    }

    @Test
    void aConditionSeesNothingOfAKeyWhoseTimeIsOver() {
        apply(1000, Operations.set(bytes("k"), bytes("1"), 10, null));
        var onlyIfPresent = Operations.set(bytes("k"), bytes("2"), 0, PRESENT, true, null);
        var outcome = apply(1010, onlyIfPresent).getSet();
        assertThat(outcome.getNotApplied()).isTrue();
        assertThat(outcome.getVersion()).isZero();
        assertThat(outcome.hasPrevious()).isFalse();
        assertThat(apply(1010, Operations.set(bytes("k"), bytes("2"), 0, ABSENT, false, null))
                        .getSet()
                        .getVersion())
                .isEqualTo(2);
    }

    @Test
    void aDeleteWithAConditionRemovesThatValueOnly() {
        apply(1, Operations.set(bytes("k"), bytes("1"), null));
        var wrong = Condition.newBuilder().setValue(bytes("2")).build();
        var kept = apply(2, Operations.delete(bytes("k"), wrong, true, null)).getDelete();
        assertThat(kept.getNotApplied()).isTrue();
        assertThat(kept.getExisted()).isTrue();
        assertThat(kept.getVersion()).isEqualTo(1);
        assertThat(kept.getPrevious()).isEqualTo(stored("1", 1, 0));
        var right = Condition.newBuilder().setValue(bytes("1")).build();
        var removed = apply(3, Operations.delete(bytes("k"), right, true, null)).getDelete();
        assertThat(removed.getNotApplied()).isFalse();
        assertThat(removed.getVersion()).isZero();
        assertThat(removed.getPrevious().getValue()).isEqualTo(bytes("1"));
        assertThat(state.values).isEmpty();
        assertThat(state.changes).containsExactly(change(Change.Kind.DELETE, 2).build());
    }

    @Test
    void aDeleteOfAMissingKeyIsDoneAndChangesNothing() {
        var outcome = apply(1, Operations.delete(bytes("k"), null)).getDelete();
        assertThat(outcome.getExisted()).isFalse();
        assertThat(outcome.getNotApplied()).isFalse();
        assertThat(state.changes).isEmpty();
    }

    @Test
    void aConditionWithoutAKindIsNoOperation() {
        var nothing = Condition.getDefaultInstance();
        assertThat(reason(Operations.set(bytes("k"), bytes("1"), 0, nothing, false, null)))
                .isEqualTo("MALFORMED_OPERATION");
        assertThat(reason(Operations.delete(bytes("k"), nothing, false, null))).isEqualTo("MALFORMED_OPERATION");
    }

    @Test
    void anAppendMakesAKeyWithATimeToLiveAndThenKeepsIt() {
        apply(1000, append("ab", 50));
        var outcome = apply(1010, append("cd", 5000)).getAppend();
        assertThat(outcome.getLength()).isEqualTo(4);
        assertThat(outcome.getVersion()).isEqualTo(2);
        assertThat(state.values.get(bytes("k"))).isEqualTo(stored("abcd", 2, 1050));
        assertThat(state.changes)
                .containsExactly(change(Change.Kind.SET, 2)
                        .setValue(bytes("abcd"))
                        .setExpiresAtMillis(1050)
                        .build());
        apply(1050, append("new", 20));
        assertThat(state.values.get(bytes("k"))).isEqualTo(stored("new", 3, 1070));
    }

    @Test
    void anAppendBeyondTheLargestValueIsRefusedWithItsSizes() {
        apply(1, Operations.set(bytes("k"), bytes("1234"), null));
        var refused = apply(2, Operations.append(bytes("k"), bytes("567"), 0, 6, null))
                .getRefused();
        assertThat(refused.getReason()).isEqualTo("VALUE_TOO_LARGE");
        assertThat(refused.getMessage()).isEqualTo("the value has 4 bytes and would have 7; a value has at most 6");
        assertThat(state.read("k")).contains("1234");
        assertThat(state.revision).isEqualTo(1);
        assertThat(apply(3, Operations.append(bytes("k"), bytes("56"), 0, 6, null))
                        .getAppend()
                        .getLength())
                .isEqualTo(6);
    }

    @Test
    void anIncrementCountsFromZeroAndKeepsTheTimeToLive() {
        assertThat(apply(1000, increment(5, 50)).getIncrement().getValue()).isEqualTo(5);
        assertThat(apply(1001, increment(-7, 5000)).getIncrement().getValue()).isEqualTo(-2);
        assertThat(state.values.get(bytes("k"))).isEqualTo(stored("-2", 2, 1050));
        assertThat(apply(1050, increment(1, 0)).getIncrement().getValue())
                .as("its time was over")
                .isEqualTo(1);
        assertThat(state.values.get(bytes("k"))).isEqualTo(stored("1", 3, 0));
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "-0,0",
        "007,7",
        "-007,-7",
        "9223372036854775807,9223372036854775807",
        "-9223372036854775808,-9223372036854775808",
        "00000000000000000000000000001,1"
    })
    void whatIsANumberIsRead(String text, long number) {
        apply(1, Operations.set(bytes("k"), bytes(text), null));
        assertThat(apply(2, increment(0, 0)).getIncrement().getValue()).isEqualTo(number);
        assertThat(state.read("k")).contains(Long.toString(number));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "+1",
                " 1",
                "1 ",
                "1.0",
                "1e3",
                "0x1",
                "--1",
                "x",
                "\u0661",
                "9223372036854775808",
                "-9223372036854775809",
                "99999999999999999999999"
            })
    void whatIsNoNumberIsRefusedAndStays(String text) {
        apply(1, Operations.set(bytes("k"), bytes(text), null));
        assertThat(reason(increment(1, 0))).isEqualTo("NOT_A_NUMBER");
        assertThat(state.read("k")).contains(text);
        assertThat(state.revision).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"9223372036854775807,1", "-9223372036854775808,-1", "-1,-9223372036854775808"})
    void anOverflowIsRefusedWithTheNumbers(String text, long amount) {
        apply(1, Operations.set(bytes("k"), bytes(text), null));
        var refused = apply(2, increment(amount, 0)).getRefused();
        assertThat(refused.getReason()).isEqualTo("OVERFLOW");
        assertThat(refused.getMessage()).contains("the value is " + text + "; adding " + amount);
        assertThat(state.read("k")).contains(text);
    }

    @Test
    void expireGivesAnotherTimeAndPersistTakesItAway() {
        apply(1000, Operations.set(bytes("k"), bytes("1"), 10, null));
        var expired = apply(1005, Operations.expire(bytes("k"), 100, null)).getExpire();
        assertThat(expired.getExisted()).isTrue();
        assertThat(expired.getVersion()).isEqualTo(2);
        assertThat(state.values.get(bytes("k"))).isEqualTo(stored("1", 2, 1105));
        assertThat(state.changes)
                .containsExactly(change(Change.Kind.EXPIRY_CHANGED, 2)
                        .setExpiresAtMillis(1105)
                        .build());
        apply(1050, Operations.expire(bytes("k"), 0, null));
        assertThat(state.values.get(bytes("k"))).isEqualTo(stored("1", 3, 0));
        assertThat(state.changes)
                .containsExactly(change(Change.Kind.EXPIRY_CHANGED, 3).build());
    }

    @Test
    void anExpiryThatChangesNothingIsNoWrite() {
        assertThat(apply(1000, Operations.expire(bytes("k"), 10, null))
                        .getExpire()
                        .getExisted())
                .isFalse();
        apply(1000, Operations.set(bytes("k"), bytes("1"), null));
        var persisted = apply(1001, Operations.expire(bytes("k"), 0, null)).getExpire();
        assertThat(persisted.getExisted()).isTrue();
        assertThat(persisted.getVersion()).isEqualTo(1);
        apply(1001, Operations.expire(bytes("k"), 9, null));
        assertThat(apply(1010, Operations.expire(bytes("k"), 10, null))
                        .getExpire()
                        .getExisted())
                .as("its time was over")
                .isFalse();
        assertThat(state.changes).isEmpty();
        assertThat(state.revision).isEqualTo(2);
    }

    @Test
    void aRefusedWriteIsNotRememberedSoItsRetryMayBeAccepted() {
        var stamp = io.aitta.proto.record.v1.SessionStamp.newBuilder()
                .setClientId(bytes("c"))
                .setSequence(1)
                .build();
        var increment = Operations.increment(bytes("k"), 1, 0, stamp);
        apply(1, Operations.set(bytes("k"), bytes("x"), null));
        assertThat(apply(2, increment).getRefused().getReason()).isEqualTo("NOT_A_NUMBER");
        apply(3, Operations.set(bytes("k"), bytes("1"), null));
        assertThat(apply(4, increment).getIncrement().getValue()).isEqualTo(2);
        assertThat(apply(5, increment).getIncrement().getValue())
                .as("and then once only")
                .isEqualTo(2);
    }

    private static byte[] append(String value, long timeToLiveMillis) {
        return Operations.append(bytes("k"), bytes(value), timeToLiveMillis, 1000, null);
    }

    private static byte[] increment(long amount, long timeToLiveMillis) {
        return Operations.increment(bytes("k"), amount, timeToLiveMillis, null);
    }

    private Outcome apply(long timestampMillis, byte[] operation) {
        return state.apply(timestampMillis, operation).get(0);
    }

    private String reason(byte[] operation) {
        return apply(state.timestampMillis, operation).getRefused().getReason();
    }

    private static Condition version(long version) {
        return Condition.newBuilder().setVersion(version).build();
    }

    private static Change.Builder change(Change.Kind kind, long version) {
        return Change.newBuilder().setKind(kind).setKey(bytes("k")).setVersion(version);
    }

    private static StoredValue stored(String value, long version, long expiresAtMillis) {
        return StoredValue.newBuilder()
                .setValue(bytes(value))
                .setVersion(version)
                .setExpiresAtMillis(expiresAtMillis)
                .build();
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
