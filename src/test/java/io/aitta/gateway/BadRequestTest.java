package io.aitta.gateway;

import static io.aitta.gateway.Refusals.refused;
import static io.aitta.gateway.Requests.append;
import static io.aitta.gateway.Requests.delete;
import static io.aitta.gateway.Requests.exists;
import static io.aitta.gateway.Requests.expire;
import static io.aitta.gateway.Requests.get;
import static io.aitta.gateway.Requests.hasValue;
import static io.aitta.gateway.Requests.increment;
import static io.aitta.gateway.Requests.persist;
import static io.aitta.gateway.Requests.set;
import static io.aitta.gateway.Requests.timeToLive;
import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.proto.v1.Condition;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.MultiDeleteRequest;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.TableOptions;
import io.grpc.Status.Code;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests that say something wrong: each is refused by name, before any partition hears of it. */
class BadRequestTest {
    private final OpenDoor open = new OpenDoor();
    private final KvGrpc.KvBlockingStub kv = KvGrpc.newBlockingStub(open.channel);

    @AfterEach
    void nothing_reached_a_partition() throws Exception {
        open.close();
        assertThat(open.partitions.writes).isEmpty();
        assertThat(open.partitions.reads).isEmpty();
    }

    @Test
    void no_operation_takes_an_empty_key() {
        List<ThrowingCallable> calls = List.of(
                () -> kv.get(get("").build()),
                () -> kv.exists(exists("").build()),
                () -> kv.timeToLive(timeToLive("").build()),
                () -> kv.set(set("", "v").build()),
                () -> kv.delete(delete("").build()),
                () -> kv.append(append("", "v").build()),
                () -> kv.increment(increment("", 1).build()),
                () -> kv.expire(expire("", 1).build()),
                () -> kv.persist(persist("").build()));
        calls.forEach(
                call -> refused(call).with(Code.INVALID_ARGUMENT, "EMPTY_KEY").blaming("key"));
    }

    @Test
    void no_write_touches_the_systems_own_tables() {
        List<ThrowingCallable> calls = List.of(
                () -> kv.set(set("k", "v").setTable("_meta").build()),
                () -> kv.delete(delete("k").setTable("_meta").build()),
                () -> kv.append(append("k", "v").setTable("_meta").build()),
                () -> kv.increment(increment("k", 1).setTable("_meta").build()),
                () -> kv.expire(expire("k", 1).setTable("_meta").build()),
                () -> kv.persist(persist("k").setTable("_meta").build()),
                () -> kv.multiDelete(
                        MultiDeleteRequest.newBuilder().setTable("_meta").build()));
        calls.forEach(call -> refused(call).with(Code.FAILED_PRECONDITION, "TABLE_PROTECTED"));
    }

    @Test
    void a_time_to_live_of_nothing_is_no_time_to_live() {
        refused(() -> kv.expire(expire("k", 0).build()))
                .with(Code.INVALID_ARGUMENT, "BAD_TIME_TO_LIVE")
                .blaming("time_to_live_millis")
                .saying("Persist");
    }

    @Test
    void a_condition_must_say_something() {
        refused(() -> kv.set(set("k", "v")
                        .setCondition(Condition.getDefaultInstance())
                        .build()))
                .with(Code.INVALID_ARGUMENT, "BAD_CONDITION")
                .blaming("condition");
        refused(() -> kv.delete(
                        delete("k").setCondition(Condition.getDefaultInstance()).build()))
                .with(Code.INVALID_ARGUMENT, "BAD_CONDITION")
                .blaming("condition");
    }

    @Test
    void a_condition_is_no_larger_than_a_value_and_fits_the_log_with_it() {
        refused(() -> kv.delete(
                        delete("k").setCondition(hasValue("v".repeat(524_289))).build()))
                .with(Code.INVALID_ARGUMENT, "VALUE_TOO_LARGE")
                .blaming("condition.value");
        String half = "v".repeat(400_000);
        refused(() -> kv.set(set("k", half).setCondition(hasValue(half)).build()))
                .with(Code.RESOURCE_EXHAUSTED, "REQUEST_TOO_LARGE")
                .saying("800,000");
    }

    @Test
    void a_tables_own_limit_of_values_is_kept_by_every_write() {
        var options = TableOptions.newBuilder().setMaxValueBytes(10).build();
        open.topology.publish(FakeTopology.of(4, "default", 16, options));
        refused(() -> kv.set(set("k", "v".repeat(11)).build()))
                .with(Code.INVALID_ARGUMENT, "VALUE_TOO_LARGE")
                .saying("11 bytes", "'default'", "max-value-bytes");
        refused(() -> kv.append(append("k", "v".repeat(11)).build())).with(Code.INVALID_ARGUMENT, "VALUE_TOO_LARGE");
    }

    @Test
    void an_acknowledgement_of_the_future_is_refused() {
        var header = RequestHeader.newBuilder().setAcknowledgementValue(99);
        refused(() -> kv.increment(increment("k", 1).setHeader(header).build()))
                .with(Code.INVALID_ARGUMENT, "BAD_ACKNOWLEDGEMENT")
                .blaming("header.acknowledgement");
        refused(() -> kv.multiDelete(MultiDeleteRequest.newBuilder()
                        .setTable("default")
                        .setHeader(header)
                        .addKeys(Requests.utf8("k"))
                        .build()))
                .with(Code.INVALID_ARGUMENT, "BAD_ACKNOWLEDGEMENT");
    }

    @Test
    void a_bound_of_staleness_belongs_to_eventual_reads() {
        for (var consistency : List.of(ReadConsistency.STRONG, ReadConsistency.SESSION)) {
            refused(() -> kv.get(get("k").setConsistency(consistency)
                            .setMaxStalenessMillis(5)
                            .build()))
                    .with(Code.INVALID_ARGUMENT, "BAD_CONSISTENCY")
                    .blaming("max_staleness_millis")
                    .saying(consistency.name());
        }
        refused(() -> kv.get(get("k").setMaxStalenessMillis(5).build()))
                .with(Code.INVALID_ARGUMENT, "BAD_CONSISTENCY")
                .saying("the table's default");
    }
}
