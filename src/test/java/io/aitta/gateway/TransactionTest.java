package io.aitta.gateway;

import static io.aitta.gateway.Refusals.refused;
import static io.aitta.gateway.Requests.get;
import static io.aitta.gateway.Requests.hasValue;
import static io.aitta.gateway.Requests.set;
import static io.aitta.gateway.Requests.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;
import io.aitta.core.hash.KeyHash;
import io.aitta.proto.v1.Acknowledgement;
import io.aitta.proto.v1.Compare;
import io.aitta.proto.v1.Condition;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.TransactionOperation;
import io.aitta.proto.v1.TransactionRequest;
import io.aitta.proto.v1.TransactionResult;
import io.grpc.Status.Code;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TransactionTest {
    private final OpenDoor open = new OpenDoor();
    private final KvGrpc.KvBlockingStub kv = KvGrpc.newBlockingStub(open.channel);

    @AfterEach
    void close() throws Exception {
        open.close();
    }

    @Test
    void every_kind_of_operation_is_done_and_answered_in_order() {
        kv.set(set("{t}a", "1").build());
        var answer = kv.transaction(transaction()
                .addCompares(compare("{t}a", hasValue("1")))
                .addThenOperations(ofGet("{t}a"))
                .addThenOperations(ofSet("{t}b", "v"))
                .addThenOperations(TransactionOperation.newBuilder()
                        .setAppend(TransactionOperation.Append.newBuilder()
                                .setKey(utf8("{t}b"))
                                .setValue(utf8("w"))))
                .addThenOperations(TransactionOperation.newBuilder()
                        .setIncrement(TransactionOperation.Increment.newBuilder()
                                .setKey(utf8("{t}a"))
                                .setAmount(41)))
                .addThenOperations(TransactionOperation.newBuilder()
                        .setExpire(TransactionOperation.Expire.newBuilder()
                                .setKey(utf8("{t}b"))
                                .setTimeToLiveMillis(60_000)))
                .addThenOperations(ofGet("{t}b"))
                .addThenOperations(TransactionOperation.newBuilder()
                        .setPersist(TransactionOperation.Persist.newBuilder().setKey(utf8("{t}b"))))
                .addThenOperations(TransactionOperation.newBuilder()
                        .setDelete(TransactionOperation.Delete.newBuilder().setKey(utf8("{t}a"))))
                .addElseOperations(ofSet("{t}else", "v"))
                .build());
        assertThat(answer.getSucceeded()).isTrue();
        assertThat(answer.getResultsList()).hasSize(8);
        assertThat(answer.getResults(0).getValue().toStringUtf8()).isEqualTo("1");
        assertThat(answer.getResults(2).getLength()).isEqualTo(2);
        assertThat(answer.getResults(3).getNumber()).isEqualTo(42);
        assertThat(answer.getResults(5).getRemainingMillis()).isBetween(1L, 60_000L);
        assertThat(answer.getResults(7).getExisted()).isTrue();
        assertThat(answer.getResults(7).getVersion()).isZero();
        var stored = kv.get(get("{t}b").build());
        assertThat(stored.getValue().toStringUtf8()).isEqualTo("vw");
        assertThat(stored.getVersion()).isEqualTo(answer.getVersion());
        assertThat(stored.hasRemainingMillis()).isFalse();
        assertThat(answer.getHeader().getPositions(0).getIndex()).isEqualTo(2);
    }

    @Test
    void the_other_operations_are_done_if_a_compare_does_not_hold() {
        var answer = kv.transaction(transaction()
                .addCompares(compare("{t}a", hasValue("1")))
                .addThenOperations(ofSet("{t}a", "then"))
                .addElseOperations(ofSet("{t}a", "else"))
                .build());
        assertThat(answer.getSucceeded()).isFalse();
        assertThat(answer.getResultsList()).hasSize(1);
        assertThat(kv.get(get("{t}a").build()).getValue().toStringUtf8()).isEqualTo("else");
    }

    @Test
    void compares_alone_tell_whether_they_hold() {
        var request = transaction()
                .addCompares(
                        compare("k", Condition.newBuilder().setExists(false).build()));
        var answer = kv.transaction(request.build());
        assertThat(answer.getSucceeded()).isTrue();
        assertThat(answer.getVersion()).as("nothing was written").isZero();
    }

    @Test
    void a_refused_operation_undoes_the_whole() {
        kv.set(set("{t}a", "abc").build());
        refused(() -> kv.transaction(transaction()
                        .addThenOperations(ofSet("{t}b", "v"))
                        .addThenOperations(TransactionOperation.newBuilder()
                                .setIncrement(TransactionOperation.Increment.newBuilder()
                                        .setKey(utf8("{t}a"))
                                        .setAmount(1)))
                        .build()))
                .with(Code.FAILED_PRECONDITION, "NOT_A_NUMBER");
        assertThat(kv.get(get("{t}b").build()).getFound()).isFalse();
    }

    @Test
    void a_fast_transaction_has_no_results() {
        var fast = RequestHeader.newBuilder().setAcknowledgement(Acknowledgement.FAST);
        var answer = kv.transaction(transaction()
                .setHeader(fast)
                .addThenOperations(ofSet("{t}b", "v"))
                .build());
        assertThat(answer.getSucceeded()).isTrue();
        assertThat(answer.getResultsList()).isEmpty();
        assertThat(answer.getVersion()).isZero();
        assertThat(kv.transaction(transaction()
                                .setHeader(fast)
                                .addCompares(compare("{t}b", hasValue("v")))
                                .build())
                        .getSucceeded())
                .as("nobody knows yet")
                .isFalse();
    }

    @Test
    void keys_of_different_partitions_are_refused_by_name() {
        int ofA = KeyHash.partitionOf("a".getBytes(), 16);
        int ofB = KeyHash.partitionOf("b\n'".getBytes(), 16);
        assertThat(ofA).isNotEqualTo(ofB);
        var refusal = refused(() -> kv.transaction(transaction()
                        .addCompares(compare("a", hasValue("1")))
                        .addThenOperations(ofSet("b\n'", "v"))
                        .addThenOperations(ofGet("b\n'"))
                        .build()))
                .with(Code.INVALID_ARGUMENT, "KEYS_NOT_TOGETHER")
                .saying("'a' is in partition " + ofA, "'b\\x0a\\x27' is in partition " + ofB);
        assertThat(OpenDoor.detail(refusal.failure(), ErrorInfo.class).getMetadataMap())
                .hasSize(5)
                .containsKey("request_id")
                .containsAllEntriesOf(Map.of(
                        "key_0",
                        "a",
                        "partition_0",
                        Integer.toString(ofA),
                        "key_1",
                        "b\\x0a\\x27",
                        "partition_1",
                        Integer.toString(ofB)));
        assertThat(open.partitions.writes).isEmpty();
    }

    @Test
    void of_many_keys_that_do_not_belong_together_some_are_told() {
        var request = transaction();
        for (int i = 0; i < 100; i++) {
            request.addThenOperations(ofGet(i + "x".repeat(1_000)));
        }
        var refusal = refused(() -> kv.transaction(request.build()))
                .with(Code.INVALID_ARGUMENT, "KEYS_NOT_TOGETHER")
                .saying("more");
        assertThat(refusal.failure().getStatus().getDescription()).hasSizeLessThan(1_000);
        assertThat(OpenDoor.detail(refusal.failure(), ErrorInfo.class).getMetadataMap())
                .as("of eight keys, and the request's own")
                .hasSize(17);
    }

    @Test
    void a_transaction_must_have_something_to_do() {
        refused(() -> kv.transaction(transaction().build())).with(Code.INVALID_ARGUMENT, "BAD_TRANSACTION");
        refused(() -> kv.transaction(transaction()
                        .addThenOperations(ofGet("a"))
                        .addElseOperations(TransactionOperation.getDefaultInstance())
                        .build()))
                .with(Code.INVALID_ARGUMENT, "BAD_TRANSACTION")
                .blaming("else_operations[0]");
    }

    @Test
    void a_transaction_has_at_most_as_many_parts_as_a_request_has_keys() {
        var request = transaction();
        for (int i = 0; i < 101; i++) {
            request.addThenOperations(ofGet("a"));
        }
        refused(() -> kv.transaction(request.build()))
                .with(Code.INVALID_ARGUMENT, "BAD_TRANSACTION")
                .saying("101", "aitta.limits.keys-per-request = 100");
    }

    @Test
    void a_transaction_must_fit_one_log_entry() {
        var half = ByteString.copyFrom(new byte[400_000]);
        var operation = TransactionOperation.newBuilder()
                .setSet(TransactionOperation.Set.newBuilder().setKey(utf8("a")).setValue(half));
        refused(() -> kv.transaction(transaction()
                        .addThenOperations(operation)
                        .addThenOperations(operation)
                        .build()))
                .with(Code.RESOURCE_EXHAUSTED, "REQUEST_TOO_LARGE")
                .saying("800,000");
        assertThat(open.partitions.writes).isEmpty();
        assertThat(kv.transaction(transaction().addThenOperations(operation).build())
                        .getResultsList())
                .extracting(TransactionResult::getExisted)
                .containsExactly(false);
    }

    @Test
    void each_part_is_checked_as_a_request_of_its_own_would_be() {
        refused(() -> kv.transaction(transaction().addThenOperations(ofGet("")).build()))
                .with(Code.INVALID_ARGUMENT, "EMPTY_KEY")
                .blaming("then_operations[0].get.key");
        refused(() -> kv.transaction(transaction()
                        .addElseOperations(ofSet("a", "v".repeat(524_289)))
                        .build()))
                .with(Code.INVALID_ARGUMENT, "VALUE_TOO_LARGE")
                .blaming("else_operations[0].set.value");
        refused(() -> kv.transaction(transaction()
                        .addThenOperations(TransactionOperation.newBuilder()
                                .setExpire(
                                        TransactionOperation.Expire.newBuilder().setKey(utf8("a"))))
                        .build()))
                .with(Code.INVALID_ARGUMENT, "BAD_TIME_TO_LIVE")
                .blaming("then_operations[0].expire.time_to_live_millis");
        refused(() -> kv.transaction(transaction()
                        .addCompares(Compare.newBuilder().setKey(utf8("a")))
                        .build()))
                .with(Code.INVALID_ARGUMENT, "BAD_CONDITION")
                .blaming("compares[0].condition");
        refused(() -> kv.transaction(
                        transaction().addCompares(compare("", hasValue("v"))).build()))
                .with(Code.INVALID_ARGUMENT, "EMPTY_KEY")
                .blaming("compares[0].key");
        refused(() -> kv.transaction(transaction().setTable("_meta").build()))
                .with(Code.FAILED_PRECONDITION, "TABLE_PROTECTED");
    }

    private static TransactionRequest.Builder transaction() {
        return TransactionRequest.newBuilder().setTable("default");
    }

    private static Compare compare(String key, Condition condition) {
        return Compare.newBuilder().setKey(utf8(key)).setCondition(condition).build();
    }

    private static TransactionOperation ofGet(String key) {
        return TransactionOperation.newBuilder()
                .setGet(TransactionOperation.Get.newBuilder().setKey(utf8(key)))
                .build();
    }

    private static TransactionOperation ofSet(String key, String value) {
        return TransactionOperation.newBuilder()
                .setSet(TransactionOperation.Set.newBuilder().setKey(utf8(key)).setValue(utf8(value)))
                .build();
    }
}
