package io.aitta.gateway;

import static io.aitta.gateway.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.core.hash.KeyHash;
import io.aitta.partition.PartitionAccess.ReadAnswer;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.partition.PartitionAccess.Refusal;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.proto.v1.Acknowledgement;
import io.aitta.proto.v1.KeyDelete;
import io.aitta.proto.v1.KeyError;
import io.aitta.proto.v1.KeyRead;
import io.aitta.proto.v1.KeyValue;
import io.aitta.proto.v1.KeyWrite;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.MultiDeleteRequest;
import io.aitta.proto.v1.MultiGetRequest;
import io.aitta.proto.v1.MultiSetRequest;
import io.aitta.proto.v1.Position;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.Session;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ManyKeysTest {
    private final OpenDoor open = new OpenDoor();
    private final KvGrpc.KvBlockingStub kv =
            KvGrpc.newBlockingStub(open.channel).withMaxInboundMessageSize(16 << 20);

    @AfterEach
    void close() throws Exception {
        open.close();
    }

    @Test
    void outcomes_come_in_the_order_of_the_input_over_all_partitions() {
        var keys = IntStream.range(0, 100).mapToObj(i -> "key-" + i).toList();
        List<KeyWrite> writes = kv.multiSet(multiSet(keys, "v")).getWritesList();
        assertThat(writes).hasSize(100).noneMatch(KeyWrite::hasError);
        List<KeyRead> reads = kv.multiGet(multiGet(keys)).getReadsList();
        assertThat(reads).hasSize(100).allMatch(KeyRead::getFound);
        for (int i = 0; i < 100; i++) {
            assertThat(reads.get(i).getValue().toStringUtf8()).isEqualTo("v" + i);
            assertThat(reads.get(i).getVersion()).isEqualTo(writes.get(i).getVersion());
        }
        assertThat(open.partitions.reads).as("one read for each partition").hasSize(16);
    }

    @Test
    void each_entry_says_by_itself_what_happened() {
        var keys = List.of("done", "refused", "unknown", "done-too");
        open.partitions.onWrite = (partition, operation) -> switch (operation
                .getSet()
                .getKey()
                .toStringUtf8()) {
            case "refused" ->
                CompletableFuture.completedFuture(
                        new WriteAnswer.Refused(new Refusal(Reason.NO_QUORUM, "one of three is up")));
            case "unknown" -> CompletableFuture.completedFuture(new WriteAnswer.Unknown("timed out"));
            default -> null;
        };
        List<KeyWrite> writes = kv.multiSet(multiSet(keys, "v")).getWritesList();
        assertThat(writes.get(0).getVersion()).isPositive();
        assertThat(writes.get(1).getError())
                .isEqualTo(error(KeyError.Kind.UNAVAILABLE, "NO_QUORUM", "one of three is up"));
        assertThat(writes.get(2).getError())
                .isEqualTo(error(KeyError.Kind.OUTCOME_UNKNOWN, "OUTCOME_UNKNOWN", "timed out"));
        assertThat(writes.get(3).getVersion()).isPositive();
    }

    @Test
    void the_keys_of_an_unreadable_partition_fail_and_the_others_are_read() {
        var keys = IntStream.range(0, 50).mapToObj(i -> "key-" + i).toList();
        kv.multiSet(multiSet(keys, "v"));
        open.partitions.onRead = (partition, wanted) -> partition.partition() != 3
                ? null
                : CompletableFuture.completedFuture(new ReadAnswer.Refused(new Refusal(Reason.NO_PRIMARY, "none yet")));
        List<KeyRead> reads = kv.multiGet(multiGet(keys)).getReadsList();
        for (int i = 0; i < 50; i++) {
            boolean unreadable = KeyHash.partitionOf(keys.get(i).getBytes(), 16) == 3;
            assertThat(reads.get(i).hasError()).isEqualTo(unreadable);
            assertThat(reads.get(i).getFound()).isEqualTo(!unreadable);
        }
    }

    @Test
    void a_key_that_stands_twice_is_written_in_order() {
        kv.multiSet(multiSet(List.of("k", "other", "k"), "v"));
        assertThat(open.partitions.writes)
                .filteredOn(write ->
                        write.operation().getSet().getKey().toStringUtf8().equals("k"))
                .extracting(write -> write.operation().getSet().getValue().toStringUtf8())
                .as("in one go, so that their partition keeps their order")
                .containsExactly("v0", "v2");
        var reads = kv.multiGet(multiGet(List.of("k", "k", "missing"))).getReadsList();
        assertThat(reads.get(0).getValue().toStringUtf8()).isEqualTo("v2");
        assertThat(reads.get(1)).isEqualTo(reads.get(0));
        assertThat(reads.get(2)).isEqualTo(KeyRead.getDefaultInstance());
        var deletes = kv.multiDelete(multiDelete("k", "missing", "k")).getDeletesList();
        assertThat(deletes).extracting(KeyDelete::getExisted).containsExactly(true, false, false);
    }

    @Test
    void an_unknown_outcome_of_an_earlier_write_of_a_key_says_nothing_of_a_later_one() {
        open.partitions.onWrite = (partition, operation) ->
                operation.getSet().getValue().toStringUtf8().equals("v0")
                        ? CompletableFuture.completedFuture(new WriteAnswer.Unknown("timed out"))
                        : null;
        var writes = kv.multiSet(multiSet(List.of("k", "k"), "v")).getWritesList();
        assertThat(writes.get(0).getError().getKind()).isEqualTo(KeyError.Kind.OUTCOME_UNKNOWN);
        assertThat(writes.get(1).getVersion()).isPositive();
        assertThat(kv.multiGet(multiGet(List.of("k"))).getReads(0).getValue().toStringUtf8())
                .isEqualTo("v1");
    }

    @Test
    void each_entry_has_a_stamp_of_its_own() {
        var session = Session.newBuilder()
                .setClientId(ByteString.copyFrom(new byte[16]))
                .setSequence(7);
        kv.multiSet(multiSet(List.of("a", "b"), "v").toBuilder()
                .setHeader(RequestHeader.newBuilder().setSession(session))
                .build());
        assertThat(open.partitions.writes)
                .extracting(write -> write.operation().getSession().getItem())
                .containsExactly(0, 1);
        assertThat(open.partitions.writes)
                .extracting(write -> write.operation().getSession().getSequence())
                .containsOnly(7L);
    }

    @Test
    void nothing_asked_is_nothing_answered() {
        assertThat(kv.multiSet(multiSet(List.of(), "v")).getWritesList()).isEmpty();
        assertThat(kv.multiGet(multiGet(List.of())).getReadsList()).isEmpty();
    }

    @Test
    void one_bad_entry_refuses_all_before_anything_is_written() {
        refused(() -> kv.multiSet(multiSet(List.of("good", ""), "v")))
                .with(Code.INVALID_ARGUMENT, "EMPTY_KEY")
                .blaming("entries[1].key");
        refused(() -> kv.multiGet(multiGet(List.of("good", "k".repeat(2000)))))
                .with(Code.INVALID_ARGUMENT, "KEY_TOO_LARGE")
                .blaming("keys[1]");
        assertThat(open.partitions.writes).isEmpty();
    }

    @Test
    void too_many_keys_are_refused() {
        var keys = IntStream.range(0, 101).mapToObj(i -> "key-" + i).toList();
        refused(() -> kv.multiSet(multiSet(keys, "v")))
                .with(Code.INVALID_ARGUMENT, "TOO_MANY_KEYS")
                .saying("101", "100", "aitta.limits.keys-per-request");
        refused(() -> kv.multiGet(multiGet(keys))).with(Code.INVALID_ARGUMENT, "TOO_MANY_KEYS");
    }

    @Test
    void too_many_bytes_are_refused() {
        refused(() -> kv.multiSet(multiSet(List.of("a", "b", "c"), "v".repeat(400_000))))
                .with(Code.RESOURCE_EXHAUSTED, "REQUEST_TOO_LARGE")
                .saying("aitta.limits.request-bytes");
        assertThat(open.partitions.writes).isEmpty();
    }

    @Test
    void an_answer_that_would_grow_too_large_leaves_values_out_and_says_which() {
        var keys = List.of("a", "b", "c");
        keys.forEach(key -> kv.multiSet(multiSet(List.of(key), "v".repeat(400_000))));
        List<KeyRead> reads = kv.multiGet(multiGet(keys)).getReadsList();
        assertThat(reads).filteredOn(KeyRead::getFound).hasSize(2);
        assertThat(reads).filteredOn(KeyRead::hasError).singleElement().satisfies(read -> assertThat(
                        read.getError().getReason())
                .isEqualTo("RESPONSE_TOO_LARGE"));
    }

    @Test
    void no_more_is_read_once_the_answer_is_full() {
        kv.multiSet(multiSet(List.of("{t}"), "v".repeat(500_000)));
        var keys = Collections.nCopies(100, "{t}");
        List<KeyRead> reads = kv.multiGet(multiGet(keys)).getReadsList();
        assertThat(reads).filteredOn(KeyRead::getFound).hasSize(2);
        assertThat(reads).filteredOn(KeyRead::hasError).hasSize(98);
        assertThat(open.partitions.reads)
                .extracting(FakePartitions.Read::keys)
                .as("100 keys of one partition")
                .containsExactly(64);
    }

    @Test
    void many_keys_of_one_partition_are_all_read_whenever_their_answers_come() {
        var keys = IntStream.range(0, 100).mapToObj(i -> "{t}" + i).toList();
        kv.multiSet(multiSet(keys, "v"));
        var later = new CompletableFuture<Void>();
        open.partitions.onRead = (partition, wanted) -> {
            open.partitions.onRead = (unused, others) -> null;
            return later.thenCompose(now ->
                    open.partitions.read(partition, wanted, ReadLevel.STRONG, System.nanoTime() + 1_000_000_000L));
        };
        var answer = KvGrpc.newFutureStub(open.channel).multiGet(multiGet(keys));
        Eventually.holds(() -> assertThat(open.partitions.reads).hasSize(1));
        later.complete(null);
        Eventually.holds(() -> assertThat(answer).isDone());
        assertThat(answer).succeedsWithin(Duration.ofSeconds(1)).satisfies(response -> assertThat(
                        response.getReadsList())
                .extracting(read -> read.getValue().toStringUtf8())
                .containsExactlyElementsOf(
                        IntStream.range(0, 100).mapToObj(i -> "v" + i).toList()));
    }

    @Test
    void an_answer_tells_where_all_its_partitions_stood() {
        var keys = IntStream.range(0, 100).mapToObj(i -> "key-" + i).toList();
        var written = kv.multiSet(multiSet(keys, "v")).getHeader().getPositionsList();
        assertThat(written).extracting(Position::getPartition).hasSize(16).doesNotHaveDuplicates();
        assertThat(written.stream().mapToLong(Position::getIndex).sum()).isEqualTo(100);
        assertThat(kv.multiGet(multiGet(keys)).getHeader().getPositionsList()).isEqualTo(written);
        var deleted = kv.multiDelete(multiDelete(keys.toArray(String[]::new)));
        assertThat(deleted.getDeletesList()).hasSize(100).allMatch(KeyDelete::getExisted);
        assertThat(deleted.getHeader().getPositionsList().stream()
                        .mapToLong(Position::getIndex)
                        .sum())
                .isEqualTo(200);
    }

    @Test
    void fast_writes_of_many_keys_have_neither_version_nor_error() {
        var fast = RequestHeader.newBuilder().setAcknowledgement(Acknowledgement.FAST);
        var writes = kv.multiSet(multiSet(List.of("a", "b"), "v").toBuilder()
                        .setHeader(fast)
                        .build())
                .getWritesList();
        assertThat(writes).containsExactly(KeyWrite.getDefaultInstance(), KeyWrite.getDefaultInstance());
        assertThat(kv.multiGet(multiGet(List.of("a", "b"))).getReadsList()).allMatch(KeyRead::getFound);
        assertThat(kv.multiDelete(multiDelete("a").toBuilder().setHeader(fast).build())
                        .getDeletesList())
                .containsExactly(KeyDelete.getDefaultInstance());
    }

    @Test
    void each_removal_says_by_itself_what_happened() {
        kv.multiSet(multiSet(List.of("there"), "v"));
        open.partitions.onWrite = (partition, operation) ->
                operation.getDelete().getKey().toStringUtf8().equals("refused")
                        ? CompletableFuture.completedFuture(
                                new WriteAnswer.Refused(new Refusal(Reason.OVERLOADED, "full")))
                        : null;
        var deletes = kv.multiDelete(multiDelete("there", "refused", "missing")).getDeletesList();
        assertThat(deletes.get(0).getExisted()).isTrue();
        assertThat(deletes.get(1).getError()).isEqualTo(error(KeyError.Kind.UNAVAILABLE, "OVERLOADED", "full"));
        assertThat(deletes.get(2)).isEqualTo(KeyDelete.getDefaultInstance());
        refused(() -> kv.multiDelete(multiDelete("good", "")))
                .with(Code.INVALID_ARGUMENT, "EMPTY_KEY")
                .blaming("keys[1]");
    }

    @Test
    void each_entry_may_have_a_time_to_live_of_its_own() {
        var request = multiSet(List.of("short", "never"), "v").toBuilder();
        request.getEntriesBuilder(0).setTimeToLiveMillis(60_000);
        kv.multiSet(request.build());
        var reads = kv.multiGet(multiGet(List.of("short", "never"))).getReadsList();
        assertThat(reads.get(0).getRemainingMillis()).isBetween(1L, 60_000L);
        assertThat(reads.get(1).hasRemainingMillis()).isFalse();
    }

    private static KeyError error(KeyError.Kind kind, String reason, String message) {
        return KeyError.newBuilder()
                .setKind(kind)
                .setReason(reason)
                .setMessage(message)
                .build();
    }

    /** Values are {@code value} followed by the entry's position. */
    private static MultiSetRequest multiSet(List<String> keys, String value) {
        var request = MultiSetRequest.newBuilder().setTable("default");
        for (int i = 0; i < keys.size(); i++) {
            request.addEntries(KeyValue.newBuilder()
                    .setKey(ByteString.copyFromUtf8(keys.get(i)))
                    .setValue(ByteString.copyFromUtf8(value + i)));
        }
        return request.build();
    }

    private static MultiDeleteRequest multiDelete(String... keys) {
        return MultiDeleteRequest.newBuilder()
                .setTable("default")
                .addAllKeys(Stream.of(keys).map(ByteString::copyFromUtf8).toList())
                .build();
    }

    private static MultiGetRequest multiGet(List<String> keys) {
        return MultiGetRequest.newBuilder()
                .setTable("default")
                .addAllKeys(keys.stream().map(ByteString::copyFromUtf8).toList())
                .build();
    }
}
