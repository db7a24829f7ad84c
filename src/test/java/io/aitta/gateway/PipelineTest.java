package io.aitta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.config.LimitSettings;
import io.aitta.partition.PartitionAccess.ReadAnswer;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.MultiSetRequest;
import io.aitta.proto.v1.PipelineAnswer;
import io.aitta.proto.v1.PipelineCall;
import io.aitta.proto.v1.PipelineRequest;
import io.aitta.proto.v1.PipelineResponse;
import io.aitta.proto.v1.SetRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streaming sessions as a client meets them: over the wire, with partitions behind the door that do what a test says. */
@Timeout(60)
class PipelineTest {
    private static final int ROOM = 6;
    private static final LimitSettings LIMITS =
            new LimitSettings(1024, 524_288, 100, 1 << 20, 1 << 20, 64, 8 << 20, 2, 2, ROOM, 1 << 20);

    private final OpenDoor open = new OpenDoor(OpenDoor.GRPC, LIMITS);
    private final List<CompletableFuture<WriteAnswer>> held = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() throws Exception {
        held.forEach(write -> write.complete(new WriteAnswer.Unknown("the test is over")));
        open.close();
    }

    @Test
    void each_call_is_answered_under_its_id() {
        var session = new Session();
        session.send(set(7, "a"), set(8, "b"));
        assertThat(session.answers(2)).extracting(PipelineAnswer::getId).containsExactlyInAnyOrder(7L, 8L);
        session.send(get(9, "a"), get(10, "none"));
        var answers = session.answers(4);
        assertThat(answers.get(2).getGet().getValue().toStringUtf8()).isEqualTo("value of a");
        assertThat(answers.get(3).getGet().getFound()).isFalse();
    }

    @Test
    void a_single_call_does_not_wait_for_others() {
        var session = new Session();
        holdWrites();
        session.send(set(1, "slow"));
        Eventually.holds(() -> assertThat(held).hasSize(1));
        session.send(get(2, "a"));
        assertThat(session.answers(1)).extracting(PipelineAnswer::getId).containsExactly(2L);
    }

    @Test
    void answers_that_are_ready_together_leave_together() {
        var session = new Session();
        session.send(get(1, "a"), get(2, "b"), get(3, "c"), get(4, "d"));
        session.answers(4);
        assertThat(session.messages).hasSize(1);
    }

    @Test
    void writes_of_a_key_keep_their_order() {
        var session = new Session();
        for (int i = 0; i < 20; i++) {
            session.send(set(2 * i + 1, "{k}", "first " + i), set(2 * i + 2, "{k}", "second " + i));
        }
        session.answers(40);
        assertThat(open.partitions.writes)
                .extracting(write -> write.operation().getSet().getValue().toStringUtf8())
                .containsExactlyElementsOf(IntStream.range(0, 20)
                        .boxed()
                        .flatMap(i -> List.of("first " + i, "second " + i).stream())
                        .toList());
    }

    @Test
    void an_error_concerns_its_call_alone() {
        var session = new Session();
        session.send(
                set(1, "a"),
                set(2, ""),
                call(3).setGet(GetRequest.newBuilder().setTable("nope").setKey(utf8("a")))
                        .build(),
                get(4, "a"));
        var answers = session.answers(4);
        assertThat(errorOf(2, answers)).isEqualTo("EMPTY_KEY");
        assertThat(errorOf(3, answers)).isEqualTo("TABLE_NOT_FOUND");
        assertThat(answer(1, answers).hasSet()).isTrue();
        assertThat(answer(4, answers).hasGet()).isTrue();
    }

    @Test
    void an_error_tells_what_a_call_by_itself_would_have_been_told() {
        open.partitions.onWrite = (partition, operation) ->
                CompletableFuture.completedFuture(new WriteAnswer.Unknown("the node was lost"));
        var session = new Session();
        session.send(set(1, "a"));
        var error = session.answers(1).get(0).getError();
        assertThat(error.getReason()).isEqualTo("OUTCOME_UNKNOWN");
        assertThat(error.getCode()).isEqualTo(Status.Code.UNKNOWN.value());
        assertThat(error.getMessage()).isEqualTo("the node was lost");
        assertThat(error.hasRetryMillis()).isFalse();
    }

    @Test
    void a_call_without_a_number_or_with_one_in_use_or_without_a_request_is_refused_and_the_others_are_not() {
        holdWrites();
        var session = new Session();
        session.send(set(5, "a"));
        Eventually.holds(() -> assertThat(held).hasSize(1));
        session.send(get(0, "a"), get(5, "a"), call(6).build(), get(7, "a"));
        var answers = session.answers(4);
        assertThat(answers.stream().filter(PipelineAnswer::hasError).map(answer -> answer.getError()
                        .getReason()))
                .containsExactly("BAD_PIPELINE_CALL", "BAD_PIPELINE_CALL", "BAD_PIPELINE_CALL");
        assertThat(answer(7, answers).hasGet()).isTrue();
        // The refusal has not made the number free, but its own answer does.
        held.get(0).complete(new WriteAnswer.Unknown("lost"));
        session.answers(5);
        session.send(get(5, "a"));
        assertThat(session.answers(6).get(5).hasGet()).isTrue();
    }

    @Test
    void a_call_has_a_deadline_of_its_own() {
        var session = new Session();
        long before = System.nanoTime();
        session.send(set(1, "a"), set(2, "b").toBuilder().setTimeoutMillis(700).build());
        session.answers(2);
        assertThat(open.partitions.writes)
                .extracting(write ->
                        Duration.ofNanos(write.deadlineNanos() - before).toSeconds() >= 4)
                .containsExactlyInAnyOrder(true, false);
    }

    @Test
    void a_session_with_as_many_calls_as_it_may_have_is_not_read_from_until_one_is_answered() {
        holdWrites();
        var session = new Session();
        for (int i = 1; i <= 3; i++) {
            session.send(set(3 * i, "a" + i), set(3 * i + 1, "b" + i), set(3 * i + 2, "c" + i));
        }
        Eventually.holds(() -> assertThat(held).hasSize(ROOM));
        settle();
        assertThat(held).hasSize(ROOM);
        held.get(0).complete(new WriteAnswer.Unknown("lost"));
        Eventually.holds(() -> assertThat(held).hasSize(ROOM + 1));
        completeAll(9);
        session.answers(9);
    }

    @Test
    void a_client_that_does_not_read_its_answers_is_not_read_from() {
        byte[] large = new byte[200 << 10];
        open.partitions.onRead = (partition, keys) -> CompletableFuture.completedFuture(new ReadAnswer.Values(
                keys.stream()
                        .map(key -> Optional.of(new io.aitta.core.kv.Value(large, 1, 0)))
                        .toList(),
                0));
        var session = new Session(0);
        int calls = 300;
        for (int i = 1; i <= calls; i++) {
            session.send(get(i, "a" + i));
        }
        Eventually.holds(() -> assertThat(open.partitions.reads.size()).isGreaterThanOrEqualTo(ROOM));
        settle();
        int read = open.partitions.reads.size();
        assertThat(read).as("of 60 MB of answers").isLessThan(calls / 3);
        session.call.request(Integer.MAX_VALUE);
        assertThat(session.answers(calls)).hasSize(calls);
    }

    @Test
    void more_than_the_node_may_have_in_flight_is_refused_call_by_call() throws Exception {
        try (var small = new OpenDoor(
                OpenDoor.GRPC,
                new LimitSettings(1024, 524_288, 100, 1 << 20, 1 << 20, 2, 4 << 20, 2, 2, 10, 1 << 20))) {
            var write = new CompletableFuture<WriteAnswer>();
            small.partitions.onWrite = (partition, operation) -> write;
            var session = new Session(small, 100);
            session.send(set(1, "a"), set(2, "b"), set(3, "c"));
            var answers = session.answers(1);
            assertThat(errorOf(3, answers)).isEqualTo("OVERLOADED");
            assertThat(answers.get(0).getError().getRetryMillis()).isPositive();
            write.complete(new WriteAnswer.Unknown("lost"));
            session.answers(3);
            session.send(get(4, "a"));
            assertThat(session.answers(4).get(3).hasGet())
                    .as("places are given back")
                    .isTrue();
        }
    }

    @Test
    void more_sessions_than_allowed_are_refused_and_one_that_ends_makes_room() {
        var first = new Session();
        var second = new Session();
        first.send(get(1, "a"));
        second.send(get(1, "a"));
        first.answers(1);
        second.answers(1);
        var third = new Session();
        third.send(get(1, "a"));
        assertThat(third.end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        first.call.cancel("enough", null);
        Eventually.holds(() -> {
            var next = new Session();
            next.send(get(1, "a"));
            next.answers(1);
            next.call.cancel("enough", null);
        });
    }

    @Test
    void a_client_that_has_no_more_to_ask_gets_its_answers_and_a_good_end() {
        holdWrites();
        var session = new Session();
        session.send(set(1, "a"));
        session.call.halfClose();
        Eventually.holds(() -> assertThat(held).hasSize(1));
        held.get(0).complete(new WriteAnswer.Unknown("lost"));
        assertThat(session.end().getCode()).isEqualTo(Status.Code.OK);
        assertThat(session.answers(1)).hasSize(1);
    }

    @Test
    void what_a_client_that_went_away_had_begun_is_finished_and_gives_its_places_back() throws Exception {
        try (var small = new OpenDoor(
                OpenDoor.GRPC,
                new LimitSettings(1024, 524_288, 100, 1 << 20, 1 << 20, 2, 4 << 20, 2, 2, 10, 1 << 20))) {
            var writes = new ConcurrentLinkedQueue<CompletableFuture<WriteAnswer>>();
            small.partitions.onWrite = (partition, operation) -> {
                var write = new CompletableFuture<WriteAnswer>();
                writes.add(write);
                return write;
            };
            var gone = new Session(small, 100);
            gone.send(set(1, "a"), set(2, "b"));
            Eventually.holds(() -> assertThat(writes).hasSize(2));
            gone.call.cancel("gone", null);
            gone.end();
            var other = new Session(small, 100);
            other.send(get(1, "a"));
            assertThat(errorOf(1, other.answers(1))).isEqualTo("OVERLOADED");
            writes.forEach(write -> write.complete(new WriteAnswer.Unknown("lost")));
            other.send(get(2, "a"));
            assertThat(other.answers(2).get(1).hasGet()).isTrue();
        }
    }

    @Test
    void a_node_that_stops_answers_what_was_begun_refuses_the_rest_and_ends_the_session() {
        holdWrites();
        var session = new Session();
        session.send(set(1, "a"));
        Eventually.holds(() -> assertThat(held).hasSize(1));
        var closed = open.door.close(Duration.ofSeconds(20)).toCompletableFuture();
        session.send(set(2, "b"));
        assertThat(errorOf(2, session.answers(1))).isEqualTo("STOPPING");
        assertThat(session.ended).isNotDone();
        held.get(0).complete(new WriteAnswer.Unknown("lost"));
        assertThat(session.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(session.answers(2)).hasSize(2);
        assertThat(closed).succeedsWithin(Duration.ofSeconds(15));
    }

    @Test
    void garbage_ends_the_session_and_no_other() {
        var random = new Random(11);
        var other = new Session();
        other.send(get(1, "a"));
        other.answers(1);
        for (int i = 0; i < 60; i++) {
            byte[] message = set(1, "key").toByteArray();
            var garbage = new byte[random.nextInt(1, 400)];
            random.nextBytes(garbage);
            if (i % 2 == 0) {
                // A message that is right but for some bytes.
                garbage = PipelineRequest.newBuilder()
                        .addCalls(set(1, "key"))
                        .addCalls(get(2, "key"))
                        .build()
                        .toByteArray();
                garbage[random.nextInt(garbage.length)] = (byte) random.nextInt();
            } else {
                garbage[0] = 0x07;
            }
            var session = new Raw(garbage);
            Status status = session.end();
            assertThat(status.getCode())
                    .as("%s of %d bytes", status, message.length)
                    .isIn(Status.Code.OK, Status.Code.INVALID_ARGUMENT);
            if (i % 2 == 1) {
                assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            }
        }
        other.send(get(2, "a"));
        assertThat(other.answers(2)).hasSize(2);
    }

    @Test
    void a_message_of_very_many_calls_is_done_little_by_little() {
        var session = new Session();
        int calls = 20_000;
        session.send(
                LongStream.rangeClosed(1, calls).mapToObj(id -> get(id, "a")).toArray(PipelineCall[]::new));
        assertThat(session.answers(calls)).extracting(PipelineAnswer::getId).doesNotHaveDuplicates();
    }

    @Test
    void every_kind_of_request_is_known() {
        var session = new Session();
        long id = 0;
        for (var kind : PipelineCall.getDescriptor().getOneofs().get(0).getFields()) {
            var call = PipelineCall.newBuilder().setId(++id);
            session.send(
                    call.setField(kind, call.newBuilderForField(kind).build()).build());
        }
        assertThat(session.answers((int) id))
                .noneMatch(answer -> answer.getError().getReason().equals("BAD_PIPELINE_CALL"));
    }

    @Test
    void calls_of_many_keys_travel_too() {
        var session = new Session();
        session.send(call(1).setMultiSet(MultiSetRequest.newBuilder()
                        .setTable("default")
                        .addEntries(io.aitta.proto.v1.KeyValue.newBuilder()
                                .setKey(utf8("a"))
                                .setValue(utf8("1"))))
                .build());
        assertThat(session.answers(1).get(0).getMultiSet().getWritesCount()).isEqualTo(1);
    }

    private void holdWrites() {
        open.partitions.onWrite = (partition, operation) -> {
            var write = new CompletableFuture<WriteAnswer>();
            held.add(write);
            return write;
        };
    }

    private void completeAll(int expected) {
        Eventually.holds(() -> {
            held.forEach(write -> write.complete(new WriteAnswer.Unknown("lost")));
            assertThat(held).hasSize(expected);
        });
        held.forEach(write -> write.complete(new WriteAnswer.Unknown("lost")));
    }

    /** A round through the same connection: what was sent before has arrived when it returns. */
    private void settle() {
        for (int i = 0; i < 5; i++) {
            KvGrpc.newBlockingStub(open.channel)
                    .get(GetRequest.newBuilder()
                            .setTable("default")
                            .setKey(utf8("settle"))
                            .build());
        }
    }

    private static PipelineCall.Builder call(long id) {
        return PipelineCall.newBuilder().setId(id);
    }

    private static PipelineCall get(long id, String key) {
        return call(id).setGet(GetRequest.newBuilder().setTable("default").setKey(utf8(key)))
                .build();
    }

    private static PipelineCall set(long id, String key) {
        return set(id, key, "value of " + key);
    }

    private static PipelineCall set(long id, String key, String value) {
        return call(id).setSet(SetRequest.newBuilder()
                        .setTable("default")
                        .setKey(utf8(key))
                        .setValue(utf8(value)))
                .build();
    }

    private static PipelineAnswer answer(long id, List<PipelineAnswer> answers) {
        return answers.stream()
                .filter(answer -> answer.getId() == id)
                .findFirst()
                .orElseThrow();
    }

    private static String errorOf(long id, List<PipelineAnswer> answers) {
        return answer(id, answers).getError().getReason();
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }

    /** One session, seen from the client. */
    private final class Session extends ClientCall.Listener<PipelineResponse> {
        final ClientCall<PipelineRequest, PipelineResponse> call;
        final List<PipelineResponse> messages = new CopyOnWriteArrayList<>();
        final CompletableFuture<Status> ended = new CompletableFuture<>();

        Session() {
            this(open, Integer.MAX_VALUE);
        }

        Session(int messages) {
            this(open, messages);
        }

        Session(OpenDoor door, int messages) {
            call = door.channel.newCall(KvGrpc.getPipelineMethod(), CallOptions.DEFAULT);
            call.start(this, new Metadata());
            if (messages > 0) {
                call.request(messages);
            }
        }

        void send(PipelineCall... calls) {
            call.sendMessage(
                    PipelineRequest.newBuilder().addAllCalls(List.of(calls)).build());
        }

        /** All that came so far, once they are so many. */
        List<PipelineAnswer> answers(int count) {
            List<PipelineAnswer> answers = new ArrayList<>();
            Eventually.holds(() -> {
                answers.clear();
                messages.forEach(message -> answers.addAll(message.getAnswersList()));
                assertThat(answers.size()).as("answers; the session: %s", ended).isGreaterThanOrEqualTo(count);
            });
            assertThat(answers).hasSize(count);
            return answers;
        }

        Status end() {
            return ended.orTimeout(20, TimeUnit.SECONDS).join();
        }

        @Override
        public void onMessage(PipelineResponse message) {
            messages.add(message);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            ended.complete(status);
        }
    }

    /** A session that sends one message of these bytes, and no more. */
    private final class Raw extends ClientCall.Listener<byte[]> {
        private final CompletableFuture<Status> ended = new CompletableFuture<>();

        Raw(byte[] message) {
            var call = open.channel.newCall(
                    MethodDescriptor.newBuilder(Bytes.INSTANCE, Bytes.INSTANCE)
                            .setFullMethodName(KvGrpc.getPipelineMethod().getFullMethodName())
                            .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                            .build(),
                    CallOptions.DEFAULT);
            call.start(this, new Metadata());
            call.request(Integer.MAX_VALUE);
            call.sendMessage(message);
            call.halfClose();
        }

        Status end() {
            return ended.orTimeout(20, TimeUnit.SECONDS).join();
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            ended.complete(status);
        }
    }

    private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
        INSTANCE;

        @Override
        public InputStream stream(byte[] bytes) {
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
        }
    }
}
