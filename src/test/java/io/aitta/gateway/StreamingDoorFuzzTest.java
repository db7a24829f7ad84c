package io.aitta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.aitta.config.LimitSettings;
import io.aitta.proto.v1.AdminProto;
import io.aitta.proto.v1.KvProto;
import io.aitta.proto.v1.PipelineCall;
import io.aitta.proto.v1.PipelineRequest;
import io.aitta.proto.v1.PipelineResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthProto;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import net.jqwik.api.statistics.Statistics;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * The same as {@link FrontDoorFuzzTest} for methods whose requests or answers are streams: whatever is sent, there is an
 * answer or an end with a reason that blames the client, soon; a call that was refused has changed nothing; and when the
 * streams are gone nothing is left of them.
 */
class StreamingDoorFuzzTest {
    private static final LimitSettings LIMITS =
            new LimitSettings(1024, 524_288, 100, 1 << 20, 1 << 20, 64, 8 << 20, 256, 256, 16, 1 << 20);
    private static final List<Code> NOT_THE_CLIENTS_FAULT =
            List.of(Code.INTERNAL, Code.UNKNOWN, Code.DEADLINE_EXCEEDED, Code.UNAVAILABLE, Code.CANCELLED);
    private static final long PATIENCE_SECONDS = 20;

    private static OpenDoor open;

    @BeforeContainer
    static void open() {
        open = new OpenDoor(OpenDoor.GRPC, LIMITS);
        for (int i = 0; i < 50; i++) {
            open.partitions.scans.put("a" + i, "value");
        }
    }

    @AfterContainer
    static void close() throws Exception {
        try {
            Eventually.holds(() -> assertThat(open.changes.waiting()).isZero());
            Eventually.holds(() -> assertThat(open.topology.listeners).isEmpty());
        } finally {
            open.close();
        }
    }

    // ---- one request, a stream of answers

    @Property(tries = 400, shrinking = ShrinkingMode.OFF)
    void any_request_for_a_stream_is_answered_or_refused(
            @ForAll("streaming") MethodDescriptor method, @ForAll long seed, @ForAll boolean damaged) {
        var random = new Random(seed);
        byte[] request = RandomMessages.of(method.getInputType(), random).toByteArray();
        int moments = open.partitions.scans.moments.size();
        var stream = new Client(method.getService().getFullName() + "/" + method.getName());
        stream.send(damaged ? RandomMessages.mutated(request, random) : request);
        stream.call.halfClose();
        Eventually.holds(() -> assertThat(stream.answers > 0 || stream.ended.isDone() || isQuiet(method))
                .as("%s of %s", method.getFullName(), request)
                .isTrue());
        if (stream.ended.isDone() && !stream.status().isOk()) {
            assertBlamesClient(method.getFullName(), stream);
        }
        stream.call.cancel("seen enough", null);
        Eventually.holds(() -> assertThat(open.partitions.scans.moments).hasSizeLessThanOrEqualTo(moments));
        Statistics.label("answers")
                .collect(stream.answers > 0 ? "answer" : "refusal")
                .coverage(share -> {
                    share.check("answer").percentage(percent -> percent > 1);
                    share.check("refusal").percentage(percent -> percent > 1);
                });
    }

    /** Whether it stands and may well say nothing: who knows the topology is told of the next one only. */
    private static boolean isQuiet(MethodDescriptor method) {
        return method.getName().equals("WatchTopology") && !open.topology.listeners.isEmpty();
    }

    @Provide
    Arbitrary<MethodDescriptor> streaming() {
        return Arbitraries.of(
                Stream.of(KvProto.getDescriptor(), AdminProto.getDescriptor(), HealthProto.getDescriptor())
                        .flatMap(file -> file.getServices().stream())
                        .map(ServiceDescriptor::getMethods)
                        .flatMap(List::stream)
                        .filter(method -> method.isServerStreaming() && !method.isClientStreaming())
                        .toList());
    }

    private static void assertBlamesClient(String method, Client stream) {
        var refusal = stream.status().asRuntimeException(stream.trailers);
        assertThat(refusal.getStatus().getCode())
                .as("%s: %s", method, refusal.getMessage())
                .isNotIn(NOT_THE_CLIENTS_FAULT);
        assertThat(OpenDoor.detail(refusal, ErrorInfo.class).getReason()).isNotEmpty();
    }

    // ---- streaming sessions

    @Property(tries = 500, shrinking = ShrinkingMode.OFF)
    void any_call_of_a_session_is_answered_under_its_id_and_a_refused_one_changes_nothing(@ForAll long seed)
            throws InvalidProtocolBufferException {
        var call = call(new Random(seed), 7);
        var before = open.partitions.contents();
        var session = new Client("aitta.v1.Kv/Pipeline");
        session.send(PipelineRequest.newBuilder().addCalls(call).build().toByteArray());
        var answers = session.pipelineAnswers(1);
        session.call.halfClose();
        assertThat(session.status().isOk()).as("%s", session.status()).isTrue();
        assertThat(answers).hasSize(1);
        var answer = answers.get(0).getAnswers(0);
        assertThat(answer.getId()).isEqualTo(7);
        if (answer.hasError()) {
            var error = answer.getError();
            boolean isOverMany = call.hasDeleteRange() || call.hasFlush();
            // Atomic within each partition only: it says that some are done, and what the others said.
            if (!isOverMany || !error.getReason().equals("OUTCOME_UNKNOWN")) {
                assertThat(Status.fromCodeValue(error.getCode()).getCode())
                        .as("%s: %s", call.getRequestCase(), error.getMessage())
                        .isNotIn(NOT_THE_CLIENTS_FAULT);
                assertThat(error.getReason()).isNotIn("", "MALFORMED_OPERATION");
                assertThat(open.partitions.contents())
                        .as("%s refused, %s, and did it nevertheless", call.getRequestCase(), error.getMessage())
                        .isEqualTo(before);
            }
        } else {
            assertThat(answer.getResponseCase().name())
                    .isEqualTo(call.getRequestCase().name());
        }
        Statistics.label("answers")
                .collect(answer.hasError() ? "error" : "response")
                .coverage(share -> {
                    share.check("response").percentage(percent -> percent > 5);
                    share.check("error").percentage(percent -> percent > 5);
                });
    }

    @Property(tries = 400, shrinking = ShrinkingMode.OFF)
    void messages_of_a_session_are_answered_call_by_call_or_end_it_if_they_are_none(@ForAll long seed)
            throws InvalidProtocolBufferException {
        var random = new Random(seed);
        var session = new Client("aitta.v1.Kv/Pipeline");
        int calls = 0;
        boolean isGarbage = false;
        for (int i = random.nextInt(4); i >= 0; i--) {
            var message = PipelineRequest.newBuilder();
            for (int j = random.nextInt(30); j > 0; j--) {
                message.addCalls(call(random, random.nextInt(40)));
            }
            byte[] bytes = message.build().toByteArray();
            if (random.nextInt(3) == 0) {
                bytes = RandomMessages.mutated(bytes, random);
            }
            if (bytes.length > 1 << 20) {
                continue;
            }
            session.send(bytes);
            try {
                calls += PipelineRequest.parseFrom(bytes).getCallsCount();
            } catch (InvalidProtocolBufferException garbage) {
                isGarbage = true;
                break;
            }
        }
        session.call.halfClose();
        if (isGarbage) {
            assertThat(session.status().getCode()).as("%s", session.status()).isEqualTo(Code.INVALID_ARGUMENT);
            assertBlamesClient("Pipeline", session);
        } else {
            assertThat(session.status().isOk()).as("%s", session.status()).isTrue();
            var codes = new ArrayList<Code>();
            int answers = 0;
            for (var response : session.received()) {
                answers += response.getAnswersCount();
                response.getAnswersList().stream()
                        .filter(answer -> answer.hasError())
                        .map(answer -> Status.fromCodeValue(answer.getError().getCode())
                                .getCode())
                        .forEach(codes::add);
            }
            assertThat(answers).isEqualTo(calls);
            assertThat(codes).doesNotContain(Code.INTERNAL, Code.UNAVAILABLE, Code.CANCELLED);
        }
        Statistics.label("sessions").collect(isGarbage ? "refused" : "answered").coverage(share -> {
            share.check("refused").percentage(percent -> percent > 5);
            share.check("answered").percentage(percent -> percent > 5);
        });
    }

    /** As long as the server likes. */
    private static PipelineCall call(Random random, long id) throws InvalidProtocolBufferException {
        return PipelineCall.parseFrom(
                        RandomMessages.of(PipelineCall.getDescriptor(), random).toByteArray())
                .toBuilder()
                .setId(id)
                .clearTimeoutMillis()
                .build();
    }

    // ---- frames

    @Property(tries = 500, shrinking = ShrinkingMode.OFF)
    void frames_cut_anywhere_give_the_messages_and_damaged_ones_give_no_others_than_the_stream_says(
            @ForAll long seed, @ForAll boolean damaged) throws Exception {
        var random = new Random(seed);
        var messages = new ArrayList<byte[]>();
        var frames = ByteString.emptyByteString();
        for (int i = random.nextInt(6); i > 0; i--) {
            byte[] message = new byte[random.nextInt(300)];
            random.nextBytes(message);
            messages.add(message);
            int length = message.length;
            frames = frames.concat(ByteString.fromArray(new byte[] {0, 0, 0, (byte) (length >> 8), (byte) length}))
                    .concat(ByteString.fromArray(message));
        }
        if (damaged) {
            frames = ByteString.fromArray(RandomMessages.mutated(frames.toArray(), random));
        }
        var pieces = new ArrayList<ByteString>();
        for (var rest = frames; !rest.isEmpty(); ) {
            int piece = Math.min(rest.size(), 1 + random.nextInt(random.nextBoolean() ? 6 : 400));
            pieces.add(rest.take(piece));
            rest = rest.drop(piece);
        }
        CompletionStage<List<byte[]>> split = Source.from(pieces)
                .via(new FrameSplitter(100_000, Duration.ofSeconds(1)))
                .runWith(Sink.seq(), open.system);
        var result = split.toCompletableFuture()
                .<Object>thenApply(found -> found)
                .exceptionally(failure -> failure instanceof CompletionException ? failure.getCause() : failure)
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (damaged) {
            assertThat(result).isInstanceOfAny(List.class, ProblemException.class);
        } else {
            assertThat(result).usingRecursiveComparison().isEqualTo(messages);
        }
    }

    /** One stream, seen by a client that sends and takes bytes as they are. */
    private static final class Client extends ClientCall.Listener<byte[]> {
        final ClientCall<byte[], byte[]> call;
        private final LinkedBlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
        final CompletableFuture<Status> ended = new CompletableFuture<>();
        volatile int answers;
        volatile Metadata trailers = new Metadata();

        Client(String method) {
            call = open.channel.newCall(
                    WireTest.bytes(method).toBuilder()
                            .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
                            .build(),
                    CallOptions.DEFAULT);
            call.start(this, new Metadata());
            call.request(Integer.MAX_VALUE);
        }

        void send(byte[] message) {
            call.sendMessage(message);
        }

        Status status() {
            return ended.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        }

        List<PipelineResponse> pipelineAnswers(int count) throws InvalidProtocolBufferException {
            var responses = new ArrayList<PipelineResponse>();
            while (responses.size() < count) {
                try {
                    byte[] message = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    assertThat(message).as("an answer; the session: %s", ended).isNotNull();
                    responses.add(PipelineResponse.parseFrom(message));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError(e);
                }
            }
            return responses;
        }

        List<PipelineResponse> received() throws InvalidProtocolBufferException {
            return pipelineAnswers(messages.size());
        }

        @Override
        public void onMessage(byte[] message) {
            answers++;
            messages.add(message);
        }

        @Override
        public void onClose(Status status, Metadata last) {
            trailers = last;
            ended.complete(status);
        }
    }
}
