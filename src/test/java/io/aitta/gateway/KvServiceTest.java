package io.aitta.gateway;

import static io.aitta.gateway.Refusals.refused;
import static io.aitta.gateway.Requests.delete;
import static io.aitta.gateway.Requests.get;
import static io.aitta.gateway.Requests.set;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.core.hash.KeyHash;
import io.aitta.partition.PartitionAccess.ReadAnswer;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.partition.PartitionAccess.Refusal;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.RefusedOutcome;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.GetResponse;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.PartitionRoute;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.Session;
import io.aitta.proto.v1.SetRequest;
import io.grpc.Status.Code;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class KvServiceTest {
    private final OpenDoor open = new OpenDoor();
    private final KvGrpc.KvBlockingStub kv = KvGrpc.newBlockingStub(open.channel);

    @AfterEach
    void close() throws Exception {
        open.close();
    }

    @Test
    void a_value_that_was_set_is_read_until_it_is_deleted() {
        long version = kv.set(set("greeting", "hello").build()).getVersion();
        GetResponse found = kv.get(get("greeting").build());
        assertThat(found.getFound()).isTrue();
        assertThat(found.getValue().toStringUtf8()).isEqualTo("hello");
        assertThat(found.getVersion()).isEqualTo(version);
        assertThat(kv.delete(delete("greeting").build()).getExisted()).isTrue();
        assertThat(kv.delete(delete("greeting").build()).getExisted()).isFalse();
        assertThat(kv.get(get("greeting").build()).getFound()).isFalse();
    }

    @Test
    void empty_values_and_the_largest_keys_and_values_pass() {
        kv.set(set("empty", "").build());
        assertThat(kv.get(get("empty").build()).getFound()).isTrue();
        var key = ByteString.copyFrom(new byte[1024]);
        var value = ByteString.copyFrom(new byte[524_288]);
        kv.set(SetRequest.newBuilder()
                .setTable("default")
                .setKey(key)
                .setValue(value)
                .build());
        assertThat(kv.get(GetRequest.newBuilder()
                                .setTable("default")
                                .setKey(key)
                                .build())
                        .getValue())
                .isEqualTo(value);
    }

    @Test
    void a_request_goes_to_the_partition_of_its_key_with_its_level() {
        kv.set(set("user:{42}:name", "x").build());
        kv.get(get("user:{42}:name").setConsistency(ReadConsistency.EVENTUAL).build());
        int partition = KeyHash.partitionOf("42".getBytes(), 16);
        assertThat(open.partitions.writes.peek().partition().partition()).isEqualTo(partition);
        assertThat(open.partitions.writes.peek().partition().tableEpoch()).isEqualTo(1);
        assertThat(open.partitions.reads.peek())
                .isEqualTo(new FakePartitions.Read(open.partitions.writes.peek().partition(), 1, ReadLevel.EVENTUAL));
    }

    @Test
    void an_empty_key_is_refused() {
        refused(() -> kv.set(set("", "x").build()))
                .with(Code.INVALID_ARGUMENT, "EMPTY_KEY")
                .blaming("key");
        refused(() -> kv.get(get("").build())).with(Code.INVALID_ARGUMENT, "EMPTY_KEY");
        refused(() -> kv.delete(delete("").build())).with(Code.INVALID_ARGUMENT, "EMPTY_KEY");
        assertThat(open.partitions.writes).isEmpty();
    }

    @Test
    void an_oversize_key_or_value_is_refused_with_both_sizes() {
        refused(() -> kv.set(set("k".repeat(1025), "x").build()))
                .with(Code.INVALID_ARGUMENT, "KEY_TOO_LARGE")
                .blaming("key")
                .saying("1,025", "1,024", "aitta.limits.key-bytes");
        refused(() -> kv.set(set("k", "v".repeat(524_289)).build()))
                .with(Code.INVALID_ARGUMENT, "VALUE_TOO_LARGE")
                .blaming("value")
                .saying("524,289", "524,288");
        assertThat(open.partitions.writes).isEmpty();
    }

    @Test
    void an_unknown_table_is_refused_with_a_hint_at_those_there_are() {
        refused(() -> kv.get(get("k").setTable("defualt").build()))
                .with(Code.NOT_FOUND, "TABLE_NOT_FOUND")
                .saying("'defualt'", "there are: default");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "ä", "two words", "-dash", "tab\there", "@", "nul\0", "_"})
    void a_table_name_with_odd_characters_is_refused(String name) {
        refused(() -> kv.get(get("k").setTable(name).build()))
                .with(Code.INVALID_ARGUMENT, "BAD_TABLE_NAME")
                .blaming("table");
    }

    @Test
    void a_table_name_that_is_a_novel_is_shortened_in_the_answer() {
        var refusal = refused(
                        () -> kv.get(get("k").setTable("x".repeat(100_000)).build()))
                .with(Code.INVALID_ARGUMENT, "BAD_TABLE_NAME");
        assertThat(refusal.failure().getStatus().getDescription()).hasSizeLessThan(300);
    }

    @Test
    void the_systems_own_tables_cannot_be_written() {
        refused(() -> kv.set(set("k", "v").setTable("_meta").build()))
                .with(Code.FAILED_PRECONDITION, "TABLE_PROTECTED");
        refused(() -> kv.delete(delete("k").setTable("_meta").build()))
                .with(Code.FAILED_PRECONDITION, "TABLE_PROTECTED");
    }

    @Test
    void a_read_level_of_the_future_is_refused() {
        refused(() -> kv.get(get("k").setConsistencyValue(99).build()))
                .with(Code.INVALID_ARGUMENT, "BAD_CONSISTENCY")
                .blaming("consistency");
    }

    @Test
    void the_session_travels_with_the_operation() {
        var id = ByteString.copyFrom(new byte[16]);
        var session = Session.newBuilder()
                .setClientId(id)
                .setSequence(5)
                .setAcknowledgedBelow(4)
                .setStartedMillis(99);
        kv.set(set("k", "v")
                .setHeader(RequestHeader.newBuilder().setSession(session))
                .build());
        var stamp = open.partitions.writes.peek().operation().getSession();
        assertThat(stamp.getClientId()).isEqualTo(id);
        assertThat(stamp.getSequence()).isEqualTo(5);
        assertThat(stamp.getAcknowledgedBelow()).isEqualTo(4);
        assertThat(stamp.getStartedMillis()).isEqualTo(99);
    }

    @Test
    void a_session_without_a_proper_identity_is_refused() {
        var session =
                Session.newBuilder().setClientId(ByteString.copyFromUtf8("me")).setSequence(1);
        var header = RequestHeader.newBuilder().setSession(session);
        refused(() -> kv.set(set("k", "v").setHeader(header).build()))
                .with(Code.INVALID_ARGUMENT, "INVALID_SESSION")
                .blaming("header.session.client_id");
        header.getSessionBuilder()
                .setClientId(ByteString.copyFrom(new byte[16]))
                .setSequence(0);
        refused(() -> kv.set(set("k", "v").setHeader(header).build())).blaming("header.session.sequence");
        header.getSessionBuilder().setSequence(2).setAcknowledgedBelow(3);
        refused(() -> kv.set(set("k", "v").setHeader(header).build())).blaming("header.session.acknowledged_below");
    }

    @ParameterizedTest
    @EnumSource(Reason.class)
    void every_refusal_of_a_partition_keeps_its_name(Reason reason) {
        open.partitions.onWrite = (partition, operation) -> CompletableFuture.completedFuture(refusedWrite(reason));
        open.partitions.onRead = (partition, keys) ->
                CompletableFuture.completedFuture(new ReadAnswer.Refused(new Refusal(reason, "because")));
        Code code =
                switch (reason) {
                    case NO_QUORUM, NO_PRIMARY, PARTITION_NOT_FOUND, TOO_STALE, STOPPING -> Code.UNAVAILABLE;
                    case OVERLOADED -> Code.RESOURCE_EXHAUSTED;
                    case SCAN_EXPIRED -> Code.FAILED_PRECONDITION;
                    case DEADLINE_EXCEEDED -> Code.DEADLINE_EXCEEDED;
                };
        var refusals =
                new Refusals[] {refused(() -> kv.set(set("k", "v").build())), refused(() -> kv.get(get("k").build()))};
        for (var refusal : refusals) {
            refusal.with(code, reason.name()).saying("because");
            if (reason != Reason.DEADLINE_EXCEEDED && reason != Reason.SCAN_EXPIRED) {
                refusal.toBeRetried();
            }
        }
    }

    @Test
    void an_unknown_outcome_says_that_it_is_unknown() {
        open.partitions.onWrite = (partition, operation) ->
                CompletableFuture.completedFuture(new WriteAnswer.Unknown("the primary went away"));
        refused(() -> kv.set(set("k", "v").build()))
                .with(Code.UNKNOWN, "OUTCOME_UNKNOWN")
                .saying("the primary went away");
    }

    @Test
    void what_a_replica_refuses_when_applying_passes_through() {
        var refusal = Outcome.newBuilder()
                .setRefused(RefusedOutcome.newBuilder()
                        .setReason("SESSION_EXPIRED")
                        .setMessage("begin a new one")
                        .setSessionsFromMillis(77));
        open.partitions.onWrite = (partition, operation) -> CompletableFuture.completedFuture(
                new WriteAnswer.Done(refusal.build().toByteArray(), 0));
        var answer = refused(() -> kv.set(set("k", "v").build()))
                .with(Code.FAILED_PRECONDITION, "SESSION_EXPIRED")
                .saying("begin a new one");
        assertThat(OpenDoor.detail(answer.failure(), com.google.rpc.ErrorInfo.class)
                        .getMetadataMap())
                .containsEntry("sessions_from_millis", "77");
    }

    @Test
    void only_a_client_with_an_older_epoch_is_told_the_route() {
        int partition = KeyHash.partitionOf("k".getBytes(), 16);
        var route = PartitionRoute.newBuilder()
                .setPartition(partition)
                .setPrimaryNode("n1")
                .setEndpoint("10.0.0.1:7400")
                .build();
        var older = kv.get(
                get("k").setHeader(RequestHeader.newBuilder().setEpoch(2)).build());
        assertThat(older.getHeader().getEpoch()).isEqualTo(3);
        assertThat(older.getHeader().getRoute()).isEqualTo(route);
        var same = kv.get(
                get("k").setHeader(RequestHeader.newBuilder().setEpoch(3)).build());
        assertThat(same.getHeader().getEpoch()).isEqualTo(3);
        assertThat(same.getHeader().hasRoute()).isFalse();
        assertThat(kv.get(get("k").build()).getHeader().hasRoute()).isFalse();
    }

    @Test
    void a_new_topology_is_followed_at_once() {
        open.topology.publish(FakeTopology.of(4, "other", 1));
        refused(() -> kv.get(get("k").build())).with(Code.NOT_FOUND, "TABLE_NOT_FOUND");
        assertThat(kv.get(get("k").setTable("other").build()).getHeader().getEpoch())
                .isEqualTo(4);
    }

    private static WriteAnswer refusedWrite(Reason reason) {
        return new WriteAnswer.Refused(new Refusal(reason, "because"));
    }
}
