package io.aitta.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import io.aitta.core.PartitionId;
import io.aitta.core.hash.KeyHash;
import io.aitta.core.kv.Operations;
import io.aitta.partition.PartitionAccess.Acknowledgement;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.partition.PartitionAccess.Refusal;
import io.aitta.partition.PartitionAccess.ScanAnswer;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.proto.record.v1.Operation;
import io.aitta.proto.record.v1.StoredValue;
import io.aitta.proto.v1.CountRequest;
import io.aitta.proto.v1.CountResponse;
import io.aitta.proto.v1.DeleteRangeRequest;
import io.aitta.proto.v1.DeleteRangeResponse;
import io.aitta.proto.v1.KeyRange;
import io.aitta.proto.v1.Position;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Removals and counts by hash tag, over partitions in memory that are scanned at moments. */
class TagRangeTest {
    private static final int PARTITIONS = 2;
    private static final ByteString TAG = Requests.utf8("42");

    private final FakePartitions partitions = new FakePartitions();
    private final RangeService ranges;

    TagRangeTest() {
        var topology = new FakeTopology();
        topology.publish(FakeTopology.of(3, "default", PARTITIONS));
        ranges = new RangeService(partitions, topology, OpenDoor.LIMITS);
        partitions.scans.pageRows = 3;
        partitions.scans.onScan = this::scanWhatIsStored;
    }

    // ---- removals -----------------------------------------------------------------------------------------------

    @Test
    void allKeysWithTheTagAreRemovedAndNoOthers() {
        for (int i = 0; i < 10; i++) {
            set("a{42}" + i, "v");
            set("{42}" + i, "v");
            set("b{43}" + i, "v");
            set("plain" + i, "v");
        }
        var answer = removed(tagged(KeyRange.newBuilder()));
        assertThat(keys()).hasSize(20).noneMatch(key -> key.contains("{42}"));
        assertThat(partitions.scans.asked)
                .allSatisfy(ask -> assertThat(ask.partition()).isEqualTo(partitionOf("{42}")))
                .allSatisfy(ask -> assertThat(ask.level()).isEqualTo(ReadLevel.STRONG))
                .allSatisfy(ask -> assertThat(ask.query().keysOnly()).isTrue());
        assertThat(partitions.scans.moments).isEmpty();
        // As long as the partition's log: whoever reads in this session will not see the keys again.
        long log = ((WriteAnswer.Done) partitions.apply(partitionOf("{42}"), Operation.getDefaultInstance())).index();
        assertThat(answer.getHeader().getPositionsList())
                .containsExactly(Position.newBuilder()
                        .setPartition(partitionOf("{42}").partition())
                        .setIndex(log - 1)
                        .setTableEpoch(1)
                        .build());
    }

    @Test
    void prefixAndBoundsNarrowIt() {
        for (var key : List.of("a{42}", "b{42}1", "b{42}2", "c{42}", "d{42}")) {
            set(key, "v");
        }
        removed(tagged(KeyRange.newBuilder().setPrefix(Requests.utf8("b"))));
        removed(tagged(KeyRange.newBuilder().setFrom(Requests.utf8("d"))));
        assertThat(keys()).containsExactly("a{42}", "c{42}");
    }

    @Test
    void aPrefixThatContainsTheTagIsRemovedAtOnce() {
        set("{42}1", "v");
        set("{42}2", "v");
        removed(tagged(KeyRange.newBuilder().setPrefix(Requests.utf8("{42}"))));
        assertThat(keys()).isEmpty();
        assertThat(partitions.writes).hasSize(1);
        assertThat(partitions.scans.asked).isEmpty();
    }

    @Test
    void aKeyThatWasWrittenMeanwhileStays() {
        for (int i = 0; i < 5; i++) {
            set("{42}" + i, "old");
        }
        partitions.onWrite = (partition, operation) -> {
            partitions.onWrite = (p, o) -> null;
            set("{42}1", "new");
            set("{42}4", "new");
            set("{42}9", "new");
            return null;
        };
        removed(tagged(KeyRange.newBuilder()));
        assertThat(keys()).containsExactly("{42}1", "{42}4", "{42}9");
    }

    @Test
    void itsWritesTakeNoPlaceInTheSessionAndAreAcknowledgedAsAskedFor() {
        set("{42}", "v");
        var session = Session.newBuilder()
                .setClientId(ByteString.copyFrom(new byte[16]))
                .setSequence(9);
        removed(tagged(KeyRange.newBuilder())
                .setHeader(RequestHeader.newBuilder()
                        .setSession(session)
                        .setAcknowledgement(io.aitta.proto.v1.Acknowledgement.FAST)));
        assertThat(keys()).isEmpty();
        assertThat(partitions.writes).hasSize(1).allSatisfy(write -> {
            assertThat(write.operation().hasSession()).isFalse();
            assertThat(write.acknowledgement()).isEqualTo(Acknowledgement.FAST);
        });
    }

    @Test
    void whatWasRefusedBeforeAnythingWasRemovedHasNotHappened() {
        set("{42}", "v");
        partitions.scans.onScan = ask -> new ScanAnswer.Refused(new Refusal(Reason.NO_QUORUM, "only a minority"));
        assertThat(problem(tagged(KeyRange.newBuilder()), in(20)).reason()).isEqualTo("NO_QUORUM");
        assertThat(problem(tagged(KeyRange.newBuilder()), in(0)).reason()).isEqualTo("DEADLINE_EXCEEDED");
        partitions.scans.onScan = this::scanWhatIsStored;
        partitions.onWrite = (partition, operation) -> refusing(Reason.OVERLOADED);
        assertThat(problem(tagged(KeyRange.newBuilder()), in(20)).reason()).isEqualTo("OVERLOADED");
        assertThat(partitions.scans.moments).isEmpty();
    }

    @Test
    void whatEndsInTheMiddleSaysHowFarItCameAndTheSameAgainRemovesTheRest() {
        for (int i = 0; i < 8; i++) {
            set("{42}" + i, "v");
        }
        partitions.onWrite =
                (partition, operation) -> partitions.writes.size() == 6 ? refusing(Reason.NO_PRIMARY) : null;
        var problem = problem(tagged(KeyRange.newBuilder()), in(20));
        assertThat(problem.isOutcomeUnknown()).isTrue();
        assertThat(problem.code()).isEqualTo(Code.UNKNOWN);
        assertThat(problem.message())
                .contains("the hash tag '42'", "after 5 of them", "NO_PRIMARY", "send the same request again");
        assertThat(keys()).hasSize(3);
        assertThat(partitions.scans.moments).as("given up").isEmpty();
        removed(tagged(KeyRange.newBuilder()));
        assertThat(keys()).isEmpty();
    }

    @Test
    void aDeadlineInTheMiddleLeavesTheOutcomeUnknown() {
        for (int i = 0; i < 8; i++) {
            set("{42}" + i, "v");
        }
        var call = TestCalls.within(Duration.ofMillis(700));
        partitions.onWrite = (partition, operation) -> {
            while (!call.isExpired()) {
                LockSupport.parkNanos(call.remainingNanos());
            }
            return null;
        };
        var problem = problem(tagged(KeyRange.newBuilder()), call);
        assertThat(problem.isOutcomeUnknown()).isTrue();
        assertThat(problem.code()).isEqualTo(Code.DEADLINE_EXCEEDED);
        assertThat(problem.message()).contains("after 3 of them", "the deadline passed");
        assertThat(keys()).hasSize(5);
    }

    @Test
    void aMomentThatIsLostInTheMiddleIsNoExpiredScanToTheClient() {
        for (int i = 0; i < 8; i++) {
            set("{42}" + i, "v");
        }
        partitions.onWrite = (partition, operation) -> {
            partitions.scans.forgetMoments();
            return null;
        };
        assertThat(problem(tagged(KeyRange.newBuilder()), in(20)).message()).contains("after 3 of them", "was lost");
    }

    /**
     * Others write and delete all the time, and steps fail: what was written after the moment is as its last writer left
     * it; of what was not, all that is in the range goes, or, if the removal did not come to its end, some of it; and
     * nothing else is touched.
     */
    @Property(tries = 300)
    void whateverHappensMeanwhileOnlyWhatWasThereAtTheMomentIsRemoved(@ForAll long seed) {
        var run = new TagRangeTest();
        var random = new Random(seed);
        for (int i = 0; i < 30; i++) {
            run.set(anyKey(random), "old" + i);
        }
        var before = run.contents();
        Map<String, String> since = new HashMap<>();
        int failing = random.nextInt(40);
        run.partitions.scans.pageRows = 1 + random.nextInt(5);
        run.partitions.scans.onScan = ask -> {
            var page = run.scanWhatIsStored(ask);
            // The moment of the first is taken before the others write.
            var answer = page != null ? page : run.partitions.scans.answerNow(ask);
            run.writeAnything(random, since);
            return answer;
        };
        run.partitions.onWrite = (partition, operation) -> {
            run.writeAnything(random, since);
            if (run.partitions.writes.size() != failing) {
                return null;
            }
            return random.nextBoolean()
                    ? refusing(Reason.OVERLOADED)
                    : CompletableFuture.completedFuture(new WriteAnswer.Unknown("lost"));
        };
        var prefix = Requests.utf8(random.nextInt(3) == 0 ? "a" : "");
        var request = tagged(KeyRange.newBuilder().setPrefix(prefix));
        var failure = catchThrowable(() -> run.ranges
                .deleteRange(request.build(), in(20))
                .toCompletableFuture()
                .join());

        var expected = new TreeMap<>(before);
        var mayRemain = new TreeMap<String, String>();
        for (var key : before.keySet()) {
            if (key.contains("{42}") && key.startsWith(prefix.toStringUtf8())) {
                mayRemain.put(key, expected.remove(key));
            }
        }
        since.forEach((key, value) -> {
            mayRemain.remove(key);
            expected.remove(key);
            if (value != null) {
                expected.put(key, value);
            }
        });
        var after = run.contents();
        if (failure != null) {
            after.entrySet().removeIf(entry -> entry.getValue().equals(mayRemain.get(entry.getKey())));
        }
        assertThat(after).isEqualTo(expected);
        assertThat(failure == null).isEqualTo(run.partitions.writes.size() < Math.max(1, failing) || failing == 0);
        assertThat(run.partitions.scans.moments).isEmpty();
    }

    // ---- counts -------------------------------------------------------------------------------------------------

    @Test
    void countsAreExactAndOfOneMoment() {
        for (int i = 0; i < 10; i++) {
            set("{42}" + i, "value");
            set("{43}" + i, "value");
        }
        partitions.scans.onScan = ask -> {
            var other = scanWhatIsStored(ask);
            set("{42}x", "more");
            return other;
        };
        var counted = counted(count());
        assertThat(counted.getKeys()).isEqualTo(10);
        assertThat(counted.getBytes()).isEqualTo(10 * (5 + 5));
        assertThat(counted.getExact()).isTrue();
        assertThat(counted.getHeader().getPositionsCount()).isEqualTo(1);
        assertThat(partitions.scans.asked).hasSize(4);
    }

    @Test
    void countsAreMadeAtTheLevelOfTheRead() {
        counted(count().setConsistency(ReadConsistency.EVENTUAL).setMaxStalenessMillis(5));
        assertThat(partitions.scans.asked).singleElement().satisfies(ask -> assertThat(ask.level())
                .isEqualTo(new ReadLevel.Eventual(5)));
    }

    @Test
    void aCountThatCannotBeReadToItsEndIsNoCount() {
        for (int i = 0; i < 10; i++) {
            set("{42}" + i, "value");
        }
        partitions.scans.onScan = ask -> {
            if (partitions.scans.asked.size() == 3) {
                partitions.scans.forgetMoments();
            }
            return scanWhatIsStored(ask);
        };
        var failure = catchThrowable(() -> counted(count()));
        assertThat(ErrorTrailers.problem(failure).reason()).isEqualTo("NO_PRIMARY");
        assertThat(counted(count()).getKeys()).isEqualTo(10);
    }

    // ---- helpers ------------------------------------------------------------------------------------------------

    private ScanAnswer scanWhatIsStored(FakeScans.Asked ask) {
        if (ask.query().moment().isEmpty()) {
            partitions.scans.hold(ask.partition(), partitions.contents().getOrDefault(ask.partition(), Map.of()));
        }
        return null;
    }

    private void writeAnything(Random random, Map<String, String> since) {
        for (int i = random.nextInt(3); i > 0; i--) {
            String key = anyKey(random);
            if (random.nextInt(3) == 0) {
                write(key, Operations.delete(Requests.utf8(key), null));
                since.put(key, null);
            } else {
                String value = "new" + random.nextInt();
                set(key, value);
                since.put(key, value);
            }
        }
    }

    private static String anyKey(Random random) {
        return List.of("a{42}", "b{42}", "a{43}", "a").get(random.nextInt(4)) + random.nextInt(8);
    }

    private void set(String key, String value) {
        write(key, Operations.set(Requests.utf8(key), Requests.utf8(value), null));
    }

    private void write(String key, byte[] operation) {
        try {
            partitions.apply(partitionOf(key), Operation.parseFrom(operation));
        } catch (com.google.protobuf.InvalidProtocolBufferException damaged) {
            throw new AssertionError(damaged);
        }
    }

    private static PartitionId partitionOf(String key) {
        return new PartitionId(
                "default", 1, KeyHash.partitionOf(Requests.utf8(key).toByteArray(), PARTITIONS));
    }

    private TreeMap<String, String> contents() {
        var contents = new TreeMap<String, String>();
        for (Map<ByteString, StoredValue> partition : partitions.contents().values()) {
            partition.forEach((key, stored) ->
                    contents.put(key.toStringUtf8(), stored.getValue().toStringUtf8()));
        }
        return contents;
    }

    private List<String> keys() {
        return new ArrayList<>(contents().keySet());
    }

    private static DeleteRangeRequest.Builder tagged(KeyRange.Builder range) {
        return DeleteRangeRequest.newBuilder().setTable("default").setRange(range.setTag(TAG));
    }

    private static CountRequest.Builder count() {
        return CountRequest.newBuilder()
                .setTable("default")
                .setRange(KeyRange.newBuilder().setTag(TAG));
    }

    private DeleteRangeResponse removed(DeleteRangeRequest.Builder request) {
        return ranges.deleteRange(request.build(), in(20)).toCompletableFuture().join();
    }

    private CountResponse counted(CountRequest.Builder request) {
        return ranges.count(request.build(), in(20)).toCompletableFuture().join();
    }

    private Problem problem(DeleteRangeRequest.Builder request, Call call) {
        return ErrorTrailers.problem(catchThrowable(() ->
                ranges.deleteRange(request.build(), call).toCompletableFuture().join()));
    }

    private static CompletableFuture<WriteAnswer> refusing(Reason reason) {
        return CompletableFuture.completedFuture(new WriteAnswer.Refused(new Refusal(reason, "not now")));
    }

    private static Call in(long seconds) {
        return TestCalls.within(Duration.ofSeconds(seconds));
    }
}
