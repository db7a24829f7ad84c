package io.aitta.core.kv;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.proto.record.v1.AppendOperation;
import io.aitta.proto.record.v1.Change;
import io.aitta.proto.record.v1.Compare;
import io.aitta.proto.record.v1.Condition;
import io.aitta.proto.record.v1.DeleteOperation;
import io.aitta.proto.record.v1.DeleteRangeOperation;
import io.aitta.proto.record.v1.ExpireOperation;
import io.aitta.proto.record.v1.GetOperation;
import io.aitta.proto.record.v1.IncrementOperation;
import io.aitta.proto.record.v1.Operation;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.RemoveExpiredOperation;
import io.aitta.proto.record.v1.SessionStamp;
import io.aitta.proto.record.v1.SetOperation;
import io.aitta.proto.record.v1.StoredValue;
import io.aitta.proto.record.v1.TransactionOperation;
import io.aitta.proto.record.v1.TransactionWrite;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;

/**
 * Any operations, sent and sent again, in batches of any size while time goes on, mean what {@link ReferenceModel} says;
 * on a replica that is restarted after every batch too. Replaying what a batch says it changed gives what it changed.
 */
class SemanticsPropertyTest {
    /** Few, so that operations meet, and some within ranges of others. */
    private static final List<ByteString> KEYS = List.of(utf8("a"), utf8("ab"), utf8("b"), utf8("c"));

    private static final List<String> VALUES = List.of(
            "", "x", "7", "-007", "+1", " 1", "9223372036854775807", "-9223372036854775808", "9223372036854775808");

    /**
     * @param timePasses before the operation, and so a batch begins with it
     * @param cut whether a batch begins with it anyway
     * @param client null: no session
     * @param repeats null: a new operation; else an earlier one with a session is sent again, counted from the first
     */
    record Step(Operation operation, long timePasses, boolean cut, String client, Integer repeats) {}

    record Sent(long timestampMillis, List<byte[]> operations) {}

    @Property(tries = 1000, shrinking = ShrinkingMode.BOUNDED)
    void everySequenceOfOperationsMeansWhatTheModelSays(@ForAll("steps") List<Step> steps) {
        var model = new ReferenceModel();
        var steady = new MemoryState();
        var restarted = new MemoryState();
        for (Sent batch : batches(steps)) {
            var operations = batch.operations.toArray(byte[][]::new);
            var before = new HashMap<>(steady.values);
            var outcomes = steady.apply(batch.timestampMillis, operations);
            assertThat(withoutMessages(outcomes)).isEqualTo(model.apply(batch.timestampMillis, batch.operations));
            assertThat(steady.values).isEqualTo(model.cells);
            assertThat(steady.revision).isEqualTo(model.revision);
            assertThat(replayed(before, steady.changes)).isEqualTo(steady.values);

            restarted.reload();
            assertThat(restarted.apply(batch.timestampMillis, operations)).isEqualTo(outcomes);
            assertThat(restarted.values).isEqualTo(steady.values);
            assertThat(restarted.expiryIndex).isEqualTo(steady.expiryIndex);
            assertThat(restarted.sessionRows).isEqualTo(steady.sessionRows);
            assertThat(restarted.changes).isEqualTo(steady.changes);
        }
    }

    private static List<Sent> batches(List<Step> steps) {
        var batches = new ArrayList<Sent>();
        var stamped = new ArrayList<byte[]>();
        long now = 1000;
        for (Step step : steps) {
            now += step.timePasses;
            if (batches.isEmpty() || step.cut || step.timePasses > 0) {
                batches.add(new Sent(now, new ArrayList<>()));
            }
            var last = batches.get(batches.size() - 1);
            if (step.client == null) {
                last.operations.add(step.operation.toByteArray());
            } else if (step.repeats == null || stamped.isEmpty()) {
                var stamp =
                        SessionStamp.newBuilder().setClientId(utf8(step.client)).setSequence(stamped.size() + 1L);
                stamped.add(step.operation.toBuilder().setSession(stamp).build().toByteArray());
                last.operations.add(stamped.get(stamped.size() - 1));
            } else {
                last.operations.add(stamped.get(step.repeats % stamped.size()));
            }
        }
        return batches;
    }

    private static List<Outcome> withoutMessages(List<Outcome> outcomes) {
        return outcomes.stream()
                .map(outcome -> {
                    var builder = outcome.toBuilder();
                    if (outcome.hasRefused()) {
                        builder.getRefusedBuilder().clearMessage();
                    }
                    return builder.build();
                })
                .toList();
    }

    /** As one who watches would do. */
    private static Map<ByteString, StoredValue> replayed(Map<ByteString, StoredValue> values, List<Change> changes) {
        for (Change change : changes) {
            switch (change.getKind()) {
                case SET ->
                    values.put(
                            change.getKey(),
                            StoredValue.newBuilder()
                                    .setValue(change.getValue())
                                    .setVersion(change.getVersion())
                                    .setExpiresAtMillis(change.getExpiresAtMillis())
                                    .build());
                case EXPIRY_CHANGED ->
                    assertThat(values.computeIfPresent(change.getKey(), (key, value) -> value.toBuilder()
                                    .setVersion(change.getVersion())
                                    .setExpiresAtMillis(change.getExpiresAtMillis())
                                    .build()))
                            .isNotNull();
                case DELETE, EXPIRED ->
                    assertThat(values.remove(change.getKey()))
                            .as("%s removes something", change)
                            .isNotNull();
                case RANGE_DELETED -> values.keySet().removeIf(new KeySpan(change.getKey(), change.getTo())::contains);
                default -> throw new AssertionError(change);
            }
        }
        return values;
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        var timePasses = Arbitraries.frequency(Tuple.of(6, 0L), Tuple.of(2, 1L), Tuple.of(2, 10L), Tuple.of(1, 40L));
        return Combinators.combine(
                        operations(),
                        timePasses,
                        Arbitraries.of(true, false),
                        Arbitraries.of("one", "two").injectNull(0.6),
                        Arbitraries.integers().between(0, 50).injectNull(0.6))
                .as(Step::new)
                .list()
                .ofMaxSize(60);
    }

    private static Arbitrary<Operation> operations() {
        return Arbitraries.oneOf(List.of(
                Combinators.combine(sets(), conditions().injectNull(0.5), Arbitraries.of(true, false))
                        .as((set, condition, previous) -> {
                            var conditional = set.toBuilder().setReturnPrevious(previous);
                            return operation()
                                    .setSet(condition == null ? conditional : conditional.setCondition(condition));
                        })
                        .map(Operation.Builder::build),
                Combinators.combine(deletes(), conditions().injectNull(0.5), Arbitraries.of(true, false))
                        .as((delete, condition, previous) -> {
                            var conditional = delete.toBuilder().setReturnPrevious(previous);
                            return operation()
                                    .setDelete(condition == null ? conditional : conditional.setCondition(condition));
                        })
                        .map(Operation.Builder::build),
                appends().map(append -> operation().setAppend(append).build()),
                increments()
                        .map(increment -> operation().setIncrement(increment).build()),
                expires().map(expire -> operation().setExpire(expire).build()),
                ranges().map(range -> operation().setDeleteRange(range).build()),
                Arbitraries.integers().between(1, 5).map(limit -> operation()
                        .setRemoveExpired(RemoveExpiredOperation.newBuilder().setLimit(limit))
                        .build()),
                Combinators.combine(
                                compares().list().ofMaxSize(2),
                                writes().list().ofMaxSize(4),
                                writes().list().ofMaxSize(4))
                        .as((compares, thenWrites, elseWrites) -> operation()
                                .setTransaction(TransactionOperation.newBuilder()
                                        .addAllCompares(compares)
                                        .addAllThenWrites(thenWrites)
                                        .addAllElseWrites(elseWrites))
                                .build())));
    }

    private static Operation.Builder operation() {
        return Operation.newBuilder();
    }

    private static Arbitrary<TransactionWrite> writes() {
        return Arbitraries.oneOf(List.of(
                sets().map(set -> TransactionWrite.newBuilder().setSet(set).build()),
                deletes()
                        .map(delete ->
                                TransactionWrite.newBuilder().setDelete(delete).build()),
                appends()
                        .map(append ->
                                TransactionWrite.newBuilder().setAppend(append).build()),
                increments().map(increment -> TransactionWrite.newBuilder()
                        .setIncrement(increment)
                        .build()),
                expires()
                        .map(expire ->
                                TransactionWrite.newBuilder().setExpire(expire).build()),
                keys().map(key -> TransactionWrite.newBuilder()
                        .setGet(GetOperation.newBuilder().setKey(key))
                        .build())));
    }

    private static Arbitrary<SetOperation> sets() {
        return Combinators.combine(keys(), values(), timesToLive())
                .as((key, value, timeToLive) -> SetOperation.newBuilder()
                        .setKey(key)
                        .setValue(value)
                        .setTimeToLiveMillis(timeToLive)
                        .build());
    }

    private static Arbitrary<DeleteOperation> deletes() {
        return keys().map(key -> DeleteOperation.newBuilder().setKey(key).build());
    }

    private static Arbitrary<AppendOperation> appends() {
        return Combinators.combine(keys(), values(), timesToLive(), Arbitraries.of(1L, 5L, 1000L))
                .as((key, value, timeToLive, max) -> AppendOperation.newBuilder()
                        .setKey(key)
                        .setValue(value)
                        .setTimeToLiveMillis(timeToLive)
                        .setMaxValueBytes(max)
                        .build());
    }

    private static Arbitrary<IncrementOperation> increments() {
        return Combinators.combine(keys(), Arbitraries.of(0L, 1L, -1L, Long.MAX_VALUE, Long.MIN_VALUE), timesToLive())
                .as((key, amount, timeToLive) -> IncrementOperation.newBuilder()
                        .setKey(key)
                        .setAmount(amount)
                        .setTimeToLiveMillis(timeToLive)
                        .build());
    }

    private static Arbitrary<ExpireOperation> expires() {
        return Combinators.combine(keys(), timesToLive()).as((key, timeToLive) -> ExpireOperation.newBuilder()
                .setKey(key)
                .setTimeToLiveMillis(timeToLive)
                .build());
    }

    private static Arbitrary<DeleteRangeOperation> ranges() {
        var ends = Arbitraries.of("", "a", "ab", "b", "bb", "d").map(SemanticsPropertyTest::utf8);
        return Combinators.combine(ends, ends).as((from, to) -> DeleteRangeOperation.newBuilder()
                .setFrom(from)
                .setTo(to)
                .build());
    }

    private static Arbitrary<Condition> conditions() {
        return Arbitraries.oneOf(
                Arbitraries.of(true, false)
                        .map(exists -> Condition.newBuilder().setExists(exists).build()),
                Arbitraries.longs().between(0, 8).map(version -> Condition.newBuilder()
                        .setVersion(version)
                        .build()),
                values().map(value -> Condition.newBuilder().setValue(value).build()));
    }

    private static Arbitrary<Compare> compares() {
        return Combinators.combine(keys(), conditions()).as((key, condition) -> {
            var compare = Compare.newBuilder().setKey(key);
            return switch (condition.getKindCase()) {
                case EXISTS -> compare.setExists(condition.getExists()).build();
                case VERSION -> compare.setVersion(condition.getVersion()).build();
                case VALUE -> compare.setValue(condition.getValue()).build();
                case KIND_NOT_SET -> throw new AssertionError(condition);
            };
        });
    }

    private static Arbitrary<ByteString> keys() {
        return Arbitraries.of(KEYS);
    }

    private static Arbitrary<ByteString> values() {
        return Arbitraries.of(VALUES).map(SemanticsPropertyTest::utf8);
    }

    private static Arbitrary<Long> timesToLive() {
        return Arbitraries.of(0L, 0L, 1L, 5L, 10L, 30L, Long.MAX_VALUE, -1L);
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
