package io.aitta.gateway;

import static io.aitta.gateway.Refusals.refused;
import static io.aitta.gateway.Requests.absent;
import static io.aitta.gateway.Requests.append;
import static io.aitta.gateway.Requests.delete;
import static io.aitta.gateway.Requests.exists;
import static io.aitta.gateway.Requests.expire;
import static io.aitta.gateway.Requests.get;
import static io.aitta.gateway.Requests.hasValue;
import static io.aitta.gateway.Requests.hasVersion;
import static io.aitta.gateway.Requests.increment;
import static io.aitta.gateway.Requests.persist;
import static io.aitta.gateway.Requests.set;
import static io.aitta.gateway.Requests.timeToLive;
import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.hash.KeyHash;
import io.aitta.partition.PartitionAccess.Acknowledgement;
import io.aitta.proto.v1.Condition;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.Position;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.TableOptions;
import io.grpc.Status.Code;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What each operation of one key answers. */
class OneKeyTest {
    private static final RequestHeader FAST = RequestHeader.newBuilder()
            .setAcknowledgement(io.aitta.proto.v1.Acknowledgement.FAST)
            .build();

    private final OpenDoor open = new OpenDoor();
    private final KvGrpc.KvBlockingStub kv = KvGrpc.newBlockingStub(open.channel);

    @AfterEach
    void close() throws Exception {
        open.close();
    }

    @Test
    void a_key_exists_from_its_set_to_its_delete() {
        assertThat(kv.exists(exists("k").build()).getFound()).isFalse();
        long version = kv.set(set("k", "v").build()).getVersion();
        assertThat(kv.exists(exists("k").build()).getFound()).isTrue();
        assertThat(kv.exists(exists("k").build()).getVersion()).isEqualTo(version);
        kv.delete(delete("k").build());
        assertThat(kv.exists(exists("k").build()).getVersion()).isZero();
    }

    @Test
    void a_set_whose_condition_does_not_hold_says_so_and_what_stays() {
        var first = kv.set(set("k", "one").setCondition(absent()).build());
        assertThat(first.getApplied()).isTrue();
        var again = kv.set(
                set("k", "two").setCondition(absent()).setReturnPrevious(true).build());
        assertThat(again.getApplied()).isFalse();
        assertThat(again.getVersion()).isEqualTo(first.getVersion());
        assertThat(again.getPrevious().getValue().toStringUtf8()).isEqualTo("one");
        var byVersion = kv.set(
                set("k", "three").setCondition(hasVersion(first.getVersion())).build());
        assertThat(byVersion.getApplied()).isTrue();
        assertThat(byVersion.hasPrevious()).as("nobody asked for it").isFalse();
        assertThat(kv.set(set("k", "four").setCondition(hasValue("three")).build())
                        .getApplied())
                .isTrue();
    }

    @Test
    void a_delete_tells_what_was_there() {
        long version = kv.set(set("k", "v").setTimeToLiveMillis(60_000).build()).getVersion();
        var kept = kv.delete(delete("k").setCondition(hasValue("other")).build());
        assertThat(kept.getApplied()).isFalse();
        assertThat(kept.getVersion()).isEqualTo(version);
        var gone = kv.delete(delete("k").setReturnPrevious(true).build());
        assertThat(gone.getApplied()).isTrue();
        assertThat(gone.getExisted()).isTrue();
        assertThat(gone.getVersion()).isZero();
        assertThat(gone.getPrevious().getVersion()).isEqualTo(version);
        assertThat(gone.getPrevious().getRemainingMillis()).isBetween(1L, 60_000L);
    }

    @Test
    void appends_and_increments_answer_with_what_came_of_them() {
        assertThat(kv.append(append("log", "ab").build()).getLength()).isEqualTo(2);
        var longer = kv.append(append("log", "cde").build());
        assertThat(longer.getLength()).isEqualTo(5);
        assertThat(kv.get(get("log").build()).getVersion()).isEqualTo(longer.getVersion());
        assertThat(kv.increment(increment("n", 5).build()).getValue()).isEqualTo(5);
        assertThat(kv.increment(increment("n", -7).build()).getValue()).isEqualTo(-2);
        assertThat(kv.get(get("n").build()).getValue().toStringUtf8()).isEqualTo("-2");
    }

    @Test
    void what_replicas_refuse_has_the_status_of_its_reason() {
        kv.set(set("k", "abc").build());
        refused(() -> kv.increment(increment("k", 1).build())).with(Code.FAILED_PRECONDITION, "NOT_A_NUMBER");
        kv.set(set("k", Long.toString(Long.MAX_VALUE)).build());
        refused(() -> kv.increment(increment("k", 1).build())).with(Code.FAILED_PRECONDITION, "OVERFLOW");
        kv.set(set("k", "v".repeat(500_000)).build());
        refused(() -> kv.append(append("k", "v".repeat(30_000)).build()))
                .with(Code.INVALID_ARGUMENT, "VALUE_TOO_LARGE");
    }

    @Test
    void a_time_to_live_is_told_taken_away_and_given() {
        kv.set(set("k", "v").setTimeToLiveMillis(60_000).build());
        assertThat(kv.get(get("k").build()).getRemainingMillis()).isBetween(1L, 60_000L);
        assertThat(kv.timeToLive(timeToLive("k").build()).getRemainingMillis()).isBetween(1L, 60_000L);
        assertThat(kv.persist(persist("k").build()).getExisted()).isTrue();
        var forever = kv.timeToLive(timeToLive("k").build());
        assertThat(forever.getFound()).isTrue();
        assertThat(forever.hasRemainingMillis()).isFalse();
        long version = kv.expire(expire("k", 90_000).build()).getVersion();
        var limited = kv.timeToLive(timeToLive("k").build());
        assertThat(limited.getVersion()).isEqualTo(version);
        assertThat(limited.getRemainingMillis()).isBetween(60_001L, 90_000L);
        assertThat(kv.expire(expire("missing", 1).build()).getExisted()).isFalse();
        assertThat(kv.persist(persist("missing").build()).getExisted()).isFalse();
    }

    @Test
    void a_time_to_live_beyond_all_time_is_none() {
        kv.set(set("k", "v").setTimeToLiveMillis(-1).build());
        assertThat(kv.get(get("k").build()).hasRemainingMillis()).isFalse();
    }

    @Test
    void the_tables_time_to_live_holds_where_a_request_has_none() {
        var options = TableOptions.newBuilder().setDefaultTimeToLiveMillis(60_000);
        open.topology.publish(FakeTopology.of(4, "default", 16, options.build()));
        kv.set(set("default", "v").build());
        kv.set(set("never", "v").setTimeToLiveMillis(0).build());
        kv.append(append("appended", "v").build());
        kv.increment(increment("counted", 1).build());
        for (String key : new String[] {"default", "appended", "counted"}) {
            assertThat(kv.get(get(key).build()).getRemainingMillis()).as(key).isBetween(1L, 60_000L);
        }
        assertThat(kv.get(get("never").build()).hasRemainingMillis()).isFalse();
    }

    @Test
    void every_answer_tells_where_its_partition_stands() {
        int partition = KeyHash.partitionOf("k".getBytes(), 16);
        var first = Position.newBuilder()
                .setPartition(partition)
                .setIndex(1)
                .setTableEpoch(1)
                .build();
        assertThat(kv.set(set("k", "1").build()).getHeader().getPositionsList()).containsExactly(first);
        assertThat(kv.get(get("k").build()).getHeader().getPositionsList()).containsExactly(first);
        assertThat(kv.increment(increment("k", 1).setHeader(FAST).build())
                        .getHeader()
                        .getPositionsList())
                .containsExactly(first.toBuilder().setIndex(2).build());
    }

    @Test
    void a_fast_write_says_no_more_than_that_it_was_ordered() {
        kv.set(set("k", "1").build());
        var set = kv.set(set("k", "2").setReturnPrevious(true).setHeader(FAST).build());
        assertThat(set.getApplied()).isTrue();
        assertThat(set.getVersion()).isZero();
        assertThat(set.hasPrevious()).isFalse();
        var perhaps = kv.set(set("k", "3")
                .setCondition(Condition.newBuilder().setExists(true))
                .setHeader(FAST)
                .build());
        assertThat(perhaps.getApplied()).as("nobody knows yet").isFalse();
        assertThat(kv.delete(delete("k").setCondition(absent()).setHeader(FAST).build())
                        .getApplied())
                .isFalse();
        var incremented = kv.increment(increment("k", 1).setHeader(FAST).build());
        assertThat(incremented.getVersion()).isZero();
        assertThat(incremented.getValue()).isZero();
        assertThat(kv.get(get("k").build()).getValue().toStringUtf8()).isEqualTo("4");
        assertThat(open.partitions.writes)
                .extracting(FakePartitions.Write::acknowledgement)
                .startsWith(Acknowledgement.QUORUM, Acknowledgement.FAST);
    }
}
