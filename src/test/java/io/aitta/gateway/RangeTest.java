package io.aitta.gateway;

import static io.aitta.gateway.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.partition.PartitionAccess.CountAnswer;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.partition.PartitionAccess.Refusal;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.proto.record.v1.DeleteRangeOutcome;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.RefusedOutcome;
import io.aitta.proto.v1.CountRequest;
import io.aitta.proto.v1.DeleteRangeRequest;
import io.aitta.proto.v1.FlushRequest;
import io.aitta.proto.v1.KeyRange;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.Position;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.Session;
import io.aitta.store.ReplicaStore.Estimate;
import io.grpc.Status.Code;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RangeTest {
    private static final WriteAnswer DONE = new WriteAnswer.Done(
            Outcome.newBuilder()
                    .setDeleteRange(DeleteRangeOutcome.newBuilder().setVersion(4))
                    .build()
                    .toByteArray(),
            11);
    private static final WriteAnswer NO_QUORUM =
            new WriteAnswer.Refused(new Refusal(Reason.NO_QUORUM, "only a minority"));

    private final OpenDoor open = new OpenDoor();
    private final KvGrpc.KvBlockingStub kv = KvGrpc.newBlockingStub(open.channel);

    @BeforeEach
    void answerDone() {
        open.partitions.onWrite = (partition, operation) -> CompletableFuture.completedFuture(DONE);
    }

    @AfterEach
    void close() throws Exception {
        open.close();
    }

    @Test
    void a_removal_goes_to_every_partition_under_one_sequence_and_an_item_each() {
        var answer = kv.deleteRange(removal("a/")
                .setHeader(RequestHeader.newBuilder()
                        .setSession(Session.newBuilder()
                                .setClientId(ByteString.copyFrom(new byte[16]))
                                .setSequence(9)))
                .build());
        var all = IntStream.range(0, 16).boxed().toList();
        assertThat(open.partitions.writes)
                .extracting(write -> write.partition().partition())
                .containsExactlyInAnyOrderElementsOf(all);
        assertThat(open.partitions.writes).allSatisfy(write -> {
            assertThat(write.operation().getDeleteRange().getFrom().toStringUtf8())
                    .isEqualTo("a/");
            assertThat(write.operation().getDeleteRange().getTo().toStringUtf8())
                    .isEqualTo("a0");
            assertThat(write.operation().getSession().getSequence()).isEqualTo(9);
            assertThat(write.operation().getSession().getItem())
                    .isEqualTo(write.partition().partition());
        });
        assertThat(answer.getHeader().getPositionsList())
                .extracting(Position::getPartition)
                .containsExactlyElementsOf(all);
        assertThat(answer.getHeader().getPositions(3).getIndex()).isEqualTo(11);
    }

    @Test
    void a_flush_removes_everything() {
        kv.flush(FlushRequest.newBuilder().setTable("default").build());
        assertThat(open.partitions.writes).hasSize(16).allSatisfy(write -> assertThat(
                        write.operation().getDeleteRange().getSerializedSize())
                .isZero());
    }

    @Test
    void a_prefix_that_contains_a_hash_tag_concerns_one_partition() {
        kv.deleteRange(removal("{42}:").build());
        assertThat(open.partitions.writes).hasSize(1);
    }

    @Test
    void a_removal_must_say_of_what() {
        refused(() -> kv.deleteRange(
                        DeleteRangeRequest.newBuilder().setTable("default").build()))
                .with(Code.INVALID_ARGUMENT, "BAD_RANGE")
                .blaming("range")
                .saying("use Flush");
        refused(() -> kv.flush(FlushRequest.newBuilder().setTable("_meta").build()))
                .with(Code.FAILED_PRECONDITION, "TABLE_PROTECTED");
        assertThat(open.partitions.writes).isEmpty();
    }

    @Test
    void what_all_partitions_refuse_has_not_happened() {
        open.partitions.onWrite = (partition, operation) -> CompletableFuture.completedFuture(NO_QUORUM);
        refused(() -> kv.deleteRange(removal("a").build()))
                .with(Code.UNAVAILABLE, "NO_QUORUM")
                .toBeRetried()
                .saying("partition 0 of table 'default'");
    }

    @Test
    void what_some_partitions_refuse_has_happened_in_part_and_is_unknown() {
        open.partitions.onWrite = (partition, operation) ->
                CompletableFuture.completedFuture(partition.partition() == 5 ? NO_QUORUM : DONE);
        refused(() -> kv.deleteRange(removal("a").build()))
                .with(Code.UNKNOWN, "OUTCOME_UNKNOWN")
                .saying("NO_QUORUM in partition 5", "15 of 16 partitions are done", "send the same request again");
    }

    @Test
    void an_unknown_outcome_in_one_partition_makes_the_whole_unknown() {
        open.partitions.onWrite = (partition, operation) -> CompletableFuture.completedFuture(
                partition.partition() == 7 ? new WriteAnswer.Unknown("node n2 was lost") : NO_QUORUM);
        refused(() -> kv.flush(FlushRequest.newBuilder().setTable("default").build()))
                .with(Code.UNKNOWN, "OUTCOME_UNKNOWN")
                .saying("partition 7", "node n2 was lost");
    }

    @Test
    void what_a_session_can_never_do_is_not_to_be_sent_again_as_it_is() {
        open.partitions.onWrite = (partition, operation) -> CompletableFuture.completedFuture(
                switch (partition.partition()) {
                    case 2 -> new WriteAnswer.Unknown("node n2 was lost");
                    case 5 -> refusedWhenApplied("SESSION_REUSED");
                    default -> DONE;
                });
        refused(() -> kv.flush(FlushRequest.newBuilder().setTable("default").build()))
                .with(Code.UNKNOWN, "OUTCOME_UNKNOWN")
                .saying(
                        "SESSION_REUSED in partition 5",
                        "14 of 16 partitions are done",
                        "one that was not used before");
        open.partitions.onWrite = (partition, operation) -> CompletableFuture.completedFuture(
                partition.partition() == 5 ? refusedWhenApplied("SESSION_EXPIRED") : DONE);
        refused(() -> kv.deleteRange(removal("a").build()))
                .with(Code.UNKNOWN, "OUTCOME_UNKNOWN")
                .saying("SESSION_EXPIRED in partition 5", "again in a new one");
        open.partitions.onWrite =
                (partition, operation) -> CompletableFuture.completedFuture(refusedWhenApplied("SESSION_REUSED"));
        refused(() -> kv.deleteRange(removal("a").build())).with(Code.FAILED_PRECONDITION, "SESSION_REUSED");
    }

    private static WriteAnswer refusedWhenApplied(String reason) {
        return new WriteAnswer.Done(
                Outcome.newBuilder()
                        .setRefused(
                                RefusedOutcome.newBuilder().setReason(reason).setMessage("no"))
                        .build()
                        .toByteArray(),
                11);
    }

    @Test
    void counts_are_summed_over_partitions() {
        for (int i = 0; i < 50; i++) {
            open.partitions.scans.put((i < 20 ? "a" : "b") + i, "v");
        }
        var all = kv.count(CountRequest.newBuilder().setTable("default").build());
        assertThat(all.getKeys()).isEqualTo(50);
        assertThat(all.getBytes()).isEqualTo(500);
        assertThat(all.getExact()).isTrue();
        assertThat(all.getHeader().getPositionsCount()).isEqualTo(16);
        var part = CountRequest.newBuilder()
                .setTable("default")
                .setRange(KeyRange.newBuilder().setPrefix(ByteString.copyFromUtf8("a")))
                .build();
        assertThat(kv.count(part).getKeys()).isEqualTo(20);
        open.partitions.scans.onCount =
                partition -> partition.partition() == 3 ? new CountAnswer.Counted(new Estimate(5, 5, false), 1) : null;
        assertThat(kv.count(part).getExact()).isFalse();
    }

    @Test
    void a_count_needs_all_partitions() {
        open.partitions.scans.onCount = partition -> partition.partition() == 3
                ? new CountAnswer.Refused(new Refusal(Reason.NO_QUORUM, "only a minority"))
                : null;
        refused(() -> kv.count(CountRequest.newBuilder().setTable("default").build()))
                .with(Code.UNAVAILABLE, "NO_QUORUM");
    }

    private static DeleteRangeRequest.Builder removal(String prefix) {
        return DeleteRangeRequest.newBuilder()
                .setTable("default")
                .setRange(KeyRange.newBuilder().setPrefix(ByteString.copyFromUtf8(prefix)));
    }
}
