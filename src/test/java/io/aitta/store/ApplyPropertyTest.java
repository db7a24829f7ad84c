package io.aitta.store;

import static io.aitta.store.Writes.open;
import static io.aitta.store.Writes.rows;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Batches;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.Operations;
import io.aitta.proto.record.v1.Change;
import io.aitta.proto.record.v1.Compare;
import io.aitta.proto.record.v1.Condition;
import io.aitta.proto.record.v1.DeleteOperation;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.SessionStamp;
import io.aitta.proto.record.v1.SetOperation;
import io.aitta.proto.record.v1.TransactionOperation;
import io.aitta.proto.record.v1.TransactionWrite;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/**
 * Any sequence of batches gives the same outcomes and rows on a replica that applies them all, on one that was copied in
 * the middle, and on one that lost what was not flushed and replays; and they are those of a simple model.
 */
class ApplyPropertyTest {
    private static final PartitionId STEADY = new PartitionId("t", 1, 0);
    private static final PartitionId COPIED = new PartitionId("t", 1, 1);
    private static final PartitionId REPLAYED = new PartitionId("t", 1, 2);

    /** Keys are few, so that operations meet. */
    private static final List<ByteString> KEYS = List.of(utf8("a"), utf8("b"), utf8("c"), utf8("d"));

    record Entry(long timestampMillis, List<Operation> operations) {
        byte[] bytes() {
            return Batches.encode(
                    timestampMillis, operations.stream().map(Operation::bytes).toList());
        }
    }

    record Operation(byte[] bytes, SessionStamp stamp) {}

    private Path directory;
    private RocksStore store;

    @BeforeTry
    void begin() throws java.io.IOException {
        directory = Files.createTempDirectory("aitta-store");
        store = open(directory.resolve("live"));
    }

    @AfterTry
    void end() throws java.io.IOException {
        store.close();
        try (var files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }

    @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
    void everyReplicaComesToTheSameState(
            @ForAll("entries") List<Entry> entries,
            @ForAll @IntRange(max = 30) int copyAt,
            @ForAll @IntRange(max = 30) int flushAt,
            @ForAll @IntRange(max = 30) int cutAt) {
        var model = new Model();
        var steady = applyEverywhere(entries, copyAt, flushAt, cutAt, (entry, outcomes) -> assertThat(outcomes)
                .isEqualTo(model.apply(entry)));
        assertThat(readAll(steady, model.now)).isEqualTo(model.readable());
    }

    @Property(tries = 100, shrinking = ShrinkingMode.BOUNDED)
    void everyKindOfOperationGivesTheSameStateAndItsChangesLeadThere(
            @ForAll("entriesOfAllKinds") List<Entry> entries,
            @ForAll @IntRange(max = 30) int copyAt,
            @ForAll @IntRange(max = 30) int flushAt,
            @ForAll @IntRange(max = 30) int cutAt) {
        var steady = applyEverywhere(entries, copyAt, flushAt, cutAt, (entry, outcomes) -> {});
        long now = steady.mark().getTimestampMillis();
        var followed = new TreeMap<ByteString, Followed>(ByteString.unsignedLexicographicalComparator());
        var changes = steady.changes(0, KeySpan.ALL, 1 << 30).orElseThrow();
        for (var entry : changes.entries()) {
            entry.changes().getChangesList().forEach(change -> follow(followed, change));
        }
        assertThat(changes.lookedAtTo()).isEqualTo(entries.size());
        followed.values().removeIf(value -> value.expires != 0 && value.expires <= now);
        var stored = new TreeMap<ByteString, Followed>(ByteString.unsignedLexicographicalComparator());
        try (var view = steady.view()) {
            view.scan(KeySpan.ALL, null, key -> true, 100, 1 << 20, false, now)
                    .rows()
                    .forEach(row -> stored.put(
                            row.key(),
                            new Followed(
                                    ByteString.copyFrom(row.value().bytes()),
                                    row.value().version(),
                                    row.value().expiresAtMillis())));
        }
        assertThat(followed).isEqualTo(stored);
    }

    record Followed(ByteString value, long version, long expires) {}

    /** What a watcher would make of a change. */
    private static void follow(TreeMap<ByteString, Followed> followed, Change change) {
        switch (change.getKind()) {
            case SET ->
                followed.put(
                        change.getKey(),
                        new Followed(change.getValue(), change.getVersion(), change.getExpiresAtMillis()));
            case DELETE, EXPIRED -> followed.remove(change.getKey());
            case EXPIRY_CHANGED ->
                followed.computeIfPresent(
                        change.getKey(),
                        (key, was) -> new Followed(was.value, change.getVersion(), change.getExpiresAtMillis()));
            case RANGE_DELETED -> followed.keySet().removeIf(new KeySpan(change.getKey(), change.getTo())::contains);
            default -> throw new AssertionError("a change of no known kind: " + change);
        }
    }

    private ReplicaStore applyEverywhere(
            List<Entry> entries, int copyAt, int flushAt, int cutAt, BiConsumer<Entry, List<Outcome>> seen) {
        var steady = store.replica(STEADY);
        var outcomes = new ArrayList<List<Outcome>>();
        for (int i = 0; i < entries.size(); i++) {
            if (i == copyAt) {
                Writes.copy(steady, store.replica(COPIED), 50);
            }
            outcomes.add(applyNext(steady, entries));
            seen.accept(entries.get(i), outcomes.get(i));
            if (i >= copyAt) {
                assertThat(applyNext(store.replica(COPIED), entries)).isEqualTo(outcomes.get(i));
            }
            assertThat(applyNext(store.replica(REPLAYED), entries)).isEqualTo(outcomes.get(i));
            if (i == flushAt) {
                store.flush();
            }
            if (i == cutAt) {
                cutPower();
                steady = store.replica(STEADY);
                replay(entries, i + 1, outcomes, copyAt);
            }
        }
        for (PartitionId other : List.of(COPIED, REPLAYED)) {
            if (other == REPLAYED || copyAt < entries.size()) {
                var replica = store.replica(other);
                assertThat(rows(replica)).isEqualTo(rows(steady));
                assertThat(replica.mark().toBuilder().clearGeneration().build()).isEqualTo(steady.mark());
                assertThat(replica.nextExpiryMillis()).isEqualTo(steady.nextExpiryMillis());
            }
        }
        return steady;
    }

    private void cutPower() {
        var left = Writes.afterPowerCut(directory.resolve("live"), directory);
        store.close();
        store = open(left);
    }

    /** As after a restart: every replica applies again what its mark does not cover. */
    private void replay(List<Entry> entries, int upTo, List<List<Outcome>> outcomes, int copyAt) {
        for (PartitionId partition : List.of(STEADY, COPIED, REPLAYED)) {
            if (partition == COPIED && copyAt >= upTo) {
                continue;
            }
            var replica = store.replica(partition);
            while (replica.mark().getAppliedIndex() < upTo) {
                int index = (int) replica.mark().getAppliedIndex();
                assertThat(applyNext(replica, entries)).isEqualTo(outcomes.get(index));
            }
        }
    }

    private static List<Outcome> applyNext(ReplicaStore replica, List<Entry> entries) {
        int index = (int) replica.mark().getAppliedIndex();
        return replica.apply(index + 1, 1, entries.get(index).bytes()).stream()
                .map(Writes::parse)
                .toList();
    }

    private static Map<ByteString, ByteString> readAll(ReplicaStore replica, long now) {
        var values = new HashMap<ByteString, ByteString>();
        for (ByteString key : KEYS) {
            replica.get(key.toByteArray(), now).ifPresent(value -> values.put(key, ByteString.copyFrom(value.bytes())));
        }
        return values;
    }

    /** What the operations mean, as plainly as can be. */
    private static final class Model {
        record Cell(ByteString value, long version, long expires) {}

        final Map<ByteString, Cell> cells = new HashMap<>();
        final Map<SessionStamp, Outcome> answered = new HashMap<>();
        long now;
        long revision;

        List<Outcome> apply(Entry entry) {
            now = Math.max(now, entry.timestampMillis);
            cells.values().removeIf(cell -> cell.expires != 0 && cell.expires <= now);
            var outcomes = new ArrayList<Outcome>();
            for (Operation operation : entry.operations) {
                outcomes.add(
                        operation.stamp == null
                                ? apply(operation)
                                : answered.computeIfAbsent(operation.stamp, stamp -> apply(operation)));
            }
            return outcomes;
        }

        Map<ByteString, ByteString> readable() {
            var values = new HashMap<ByteString, ByteString>();
            cells.forEach((key, cell) -> values.put(key, cell.value));
            return values;
        }

        private Outcome apply(Operation operation) {
            try {
                var parsed = io.aitta.proto.record.v1.Operation.parseFrom(operation.bytes);
                var outcome = Outcome.newBuilder();
                if (parsed.hasSet()) {
                    set(parsed.getSet(), ++revision);
                    outcome.getSetBuilder().setVersion(revision);
                } else if (parsed.hasDelete()) {
                    revision++;
                    outcome.getDeleteBuilder()
                            .setExisted(cells.remove(parsed.getDelete().getKey()) != null);
                } else {
                    apply(parsed.getTransaction(), outcome);
                }
                return outcome.build();
            } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        }

        private void apply(TransactionOperation transaction, Outcome.Builder outcome) {
            boolean holds = transaction.getComparesList().stream().allMatch(this::holds);
            var chosen = holds ? transaction.getThenWritesList() : transaction.getElseWritesList();
            outcome.getTransactionBuilder().setSucceeded(holds);
            if (!chosen.isEmpty()) {
                outcome.getTransactionBuilder().setVersion(++revision);
            }
            for (TransactionWrite write : chosen) {
                var result = outcome.getTransactionBuilder().addResultsBuilder();
                if (write.hasSet()) {
                    result.setExisted(cells.containsKey(write.getSet().getKey()))
                            .setVersion(revision);
                    set(write.getSet(), revision);
                } else {
                    result.setExisted(cells.remove(write.getDelete().getKey()) != null);
                }
            }
        }

        private boolean holds(Compare compare) {
            var cell = cells.get(compare.getKey());
            return switch (compare.getExpectedCase()) {
                case EXISTS -> compare.getExists() == (cell != null);
                case VERSION -> compare.getVersion() == (cell == null ? 0 : cell.version);
                case VALUE -> cell != null && cell.value.equals(compare.getValue());
                case EXPECTED_NOT_SET -> throw new AssertionError();
            };
        }

        private void set(SetOperation set, long version) {
            long timeToLive = set.getTimeToLiveMillis();
            cells.put(set.getKey(), new Cell(set.getValue(), version, timeToLive == 0 ? 0 : now + timeToLive));
        }
    }

    @Provide
    Arbitrary<List<Entry>> entries() {
        return entries(unstamped());
    }

    @Provide
    Arbitrary<List<Entry>> entriesOfAllKinds() {
        return entries(Arbitraries.frequencyOf(Tuple.of(2, unstamped()), Tuple.of(3, ofOtherKinds())));
    }

    private Arbitrary<List<Entry>> entries(Arbitrary<io.aitta.proto.record.v1.Operation> unstamped) {
        // Timestamps go back at times, as when a primary with a late clock takes over.
        return Combinators.combine(
                        Arbitraries.longs().between(1, 60),
                        operations(unstamped).list().ofMaxSize(5))
                .as(Entry::new)
                .list()
                .ofMaxSize(25);
    }

    private Arbitrary<Operation> operations(Arbitrary<io.aitta.proto.record.v1.Operation> unstamped) {
        return Combinators.combine(unstamped, stamps()).as((operation, stamp) -> {
            if (stamp.isEmpty()) {
                return new Operation(operation.toByteArray(), null);
            }
            // A retry is about the same keys, so the keys belong to the stamp.
            var retry =
                    Operations.set(KEYS.get((int) (stamp.get().getSequence() % KEYS.size())), utf8("s"), stamp.get());
            return new Operation(retry, stamp.get());
        });
    }

    private Arbitrary<io.aitta.proto.record.v1.Operation> ofOtherKinds() {
        var keys = Arbitraries.of(KEYS);
        var times = Arbitraries.longs().between(0, 20);
        var conditions = compares().map(ApplyPropertyTest::condition);
        var values = Arbitraries.of("", "7", "x").map(ApplyPropertyTest::utf8);
        return Arbitraries.oneOf(
                        Combinators.combine(keys, values, times, conditions, Arbitraries.of(true, false))
                                .as((key, value, time, condition, previous) ->
                                        Operations.set(key, value, time, condition, previous, null)),
                        Combinators.combine(keys, conditions, Arbitraries.of(true, false))
                                .as((key, condition, previous) -> Operations.delete(key, condition, previous, null)),
                        Combinators.combine(keys, values, times)
                                .as((key, value, time) -> Operations.append(key, value, time, 3, null)),
                        Combinators.combine(keys, Arbitraries.of(1L, -5L, Long.MAX_VALUE), times)
                                .as((key, amount, time) -> Operations.increment(key, amount, time, null)),
                        Combinators.combine(keys, times).as((key, time) -> Operations.expire(key, time, null)),
                        Combinators.combine(keys, keys)
                                .as((from, to) -> Operations.deleteRange(new KeySpan(from, to), null)),
                        Arbitraries.integers().between(1, 4).map(Operations::removeExpired))
                .map(ApplyPropertyTest::parse);
    }

    private static Condition condition(Compare compare) {
        var condition = Condition.newBuilder();
        return switch (compare.getExpectedCase()) {
            case EXISTS -> condition.setExists(compare.getExists()).build();
            case VERSION -> condition.setVersion(compare.getVersion()).build();
            case VALUE -> condition.setValue(compare.getValue()).build();
            case EXPECTED_NOT_SET -> throw new AssertionError();
        };
    }

    private static io.aitta.proto.record.v1.Operation parse(byte[] operation) {
        try {
            return io.aitta.proto.record.v1.Operation.parseFrom(operation);
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private Arbitrary<Optional<SessionStamp>> stamps() {
        var stamps = Combinators.combine(
                        Arbitraries.of("c1", "c2"), Arbitraries.longs().between(1, 8))
                .as(Writes::stamp);
        return stamps.optional(0.3);
    }

    private Arbitrary<io.aitta.proto.record.v1.Operation> unstamped() {
        var operation = io.aitta.proto.record.v1.Operation.getDefaultInstance();
        return Arbitraries.oneOf(
                sets().map(set -> operation.toBuilder().setSet(set).build()),
                deletes().map(delete -> operation.toBuilder().setDelete(delete).build()),
                Combinators.combine(
                                compares().list().ofMaxSize(2),
                                writes().list().ofMaxSize(3),
                                writes().list().ofMaxSize(2))
                        .as((compares, thenWrites, elseWrites) -> operation.toBuilder()
                                .setTransaction(TransactionOperation.newBuilder()
                                        .addAllCompares(compares)
                                        .addAllThenWrites(thenWrites)
                                        .addAllElseWrites(elseWrites))
                                .build()));
    }

    private Arbitrary<SetOperation> sets() {
        return Combinators.combine(
                        Arbitraries.of(KEYS),
                        Arbitraries.of("", "x", "y"),
                        Arbitraries.longs().between(0, 20))
                .as((key, value, timeToLive) -> SetOperation.newBuilder()
                        .setKey(key)
                        .setValue(utf8(value))
                        .setTimeToLiveMillis(timeToLive)
                        .build());
    }

    private Arbitrary<DeleteOperation> deletes() {
        return Arbitraries.of(KEYS)
                .map(key -> DeleteOperation.newBuilder().setKey(key).build());
    }

    private Arbitrary<TransactionWrite> writes() {
        return Arbitraries.oneOf(
                sets().map(set -> TransactionWrite.newBuilder().setSet(set).build()),
                deletes()
                        .map(delete ->
                                TransactionWrite.newBuilder().setDelete(delete).build()));
    }

    private Arbitrary<Compare> compares() {
        var compare =
                Combinators.combine(Arbitraries.of(KEYS), Arbitraries.integers().between(0, 6));
        return compare.as((key, kind) -> {
            var expecting = Compare.newBuilder().setKey(key);
            return switch (kind) {
                case 0 -> expecting.setExists(true).build();
                case 1 -> expecting.setExists(false).build();
                case 2 -> expecting.setValue(utf8("x")).build();
                default -> expecting.setVersion(kind - 3L).build();
            };
        });
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
