package io.aitta.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaException.OutcomeUnknown;
import io.aitta.client.AittaException.Refused;
import io.aitta.client.AittaException.Unavailable;
import io.aitta.proto.v1.CallError;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.GetResponse;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.PipelineAnswer;
import io.aitta.proto.v1.PipelineCall;
import io.aitta.proto.v1.PipelineRequest;
import io.aitta.proto.v1.PipelineResponse;
import io.aitta.proto.v1.SetRequest;
import io.aitta.proto.v1.SetResponse;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of calls in a streaming session, against a node that does with it what a test says. */
@Timeout(60)
class PipelineTransportTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final FakeNode node = new FakeNode();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final PipelineTransport transport;
    private final java.util.concurrent.ExecutorService executor = Executors.newFixedThreadPool(2);
    private Server server;

    PipelineTransportTest() {
        transport = new PipelineTransport(new GrpcTransport(executor, Credentials.NONE), executor, timer);
    }

    @BeforeEach
    void start() throws Exception {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(node)
                .build()
                .start();
        // The first call of a process loads many classes, which is not what short deadlines are to measure.
        get("warm", LONG).join();
        node.calls.clear();
        node.messages.set(0);
    }

    @AfterEach
    void close() throws Exception {
        transport.close();
        timer.shutdownNow();
        server.shutdownNow();
        assertThat(server.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        executor.shutdown();
    }

    @Test
    void all_calls_to_a_node_share_one_session() {
        var calls = new ArrayList<CompletableFuture<?>>();
        for (int i = 0; i < 500; i++) {
            calls.add(i % 2 == 0 ? set("k" + i, LONG) : get("k" + i, LONG));
        }
        calls.forEach(CompletableFuture::join);
        assertThat(node.sessions).hasValue(1);
        assertThat(node.applied).hasSize(250);
    }

    @Test
    void a_call_gets_its_own_answer_whatever_the_order() {
        node.hold = true;
        var first = get("first", LONG);
        var second = get("second", LONG);
        eventually(() -> node.held.size() == 2);
        node.answer(1);
        assertThat(second.join().getValue().toStringUtf8()).isEqualTo("second");
        assertThat(first).isNotDone();
        node.answer(0);
        assertThat(first.join().getValue().toStringUtf8()).isEqualTo("first");
    }

    @Test
    void calls_made_while_answers_are_handled_gather_in_one_message() {
        node.hold = true;
        var all = new CompletableFuture<?>[50];
        for (int i = 0; i < all.length; i++) {
            int number = i;
            all[i] = get("a" + i, LONG).thenCompose(answer -> get("b" + number, LONG));
        }
        eventually(() -> node.held.size() == all.length);
        node.hold = false;
        int before = node.messages.get();
        node.answerAllTogether();
        CompletableFuture.allOf(all).join();
        assertThat(node.messages.get() - before).isEqualTo(1);
    }

    @Test
    void an_error_is_judged_as_that_of_a_call_by_itself() {
        node.error = CallError.newBuilder()
                .setCode(Status.Code.NOT_FOUND.value())
                .setReason("TABLE_NOT_FOUND")
                .setMessage("there is no table t")
                .build();
        assertThat(failure(set("a", LONG))).isInstanceOf(Refused.class).hasMessage("there is no table t");
        node.error = CallError.newBuilder()
                .setCode(Status.Code.UNAVAILABLE.value())
                .setReason("NO_QUORUM")
                .setRetryMillis(100)
                .build();
        AittaException noQuorum = failure(set("a", LONG));
        assertThat(noQuorum).isInstanceOf(Unavailable.class);
        assertThat(noQuorum.retryAfter()).contains(Duration.ofMillis(100));
        node.error = CallError.newBuilder()
                .setCode(Status.Code.UNKNOWN.value())
                .setReason("OUTCOME_UNKNOWN")
                .build();
        assertThat(failure(set("a", LONG))).isInstanceOf(OutcomeUnknown.class);
        assertThat(failure(get("a", LONG))).isInstanceOf(Unavailable.class);
    }

    @Test
    void a_call_that_is_not_answered_ends_at_its_deadline_and_the_others_go_on() {
        node.hold = true;
        var write = set("late", Duration.ofMillis(100));
        var read = get("late", Duration.ofMillis(100));
        var patient = get("patient", LONG);
        assertThat(failure(write)).isInstanceOf(OutcomeUnknown.class);
        assertThat(failure(read)).isInstanceOf(Unavailable.class);
        eventually(() -> node.held.size() == 3);
        node.answerAllTogether();
        assertThat(patient.join().getValue().toStringUtf8()).isEqualTo("patient");
        assertThat(node.calls).extracting(PipelineCall::getTimeoutMillis).allMatch(millis -> millis > 0);
    }

    @Test
    void a_session_that_breaks_leaves_writes_unknown_and_reads_undone_and_is_opened_again() {
        node.hold = true;
        var write = set("a", LONG);
        var read = get("a", LONG);
        eventually(() -> node.held.size() == 2);
        node.breakOff();
        assertThat(failure(write)).isInstanceOf(OutcomeUnknown.class);
        assertThat(failure(read)).isInstanceOf(Unavailable.class);
        node.hold = false;
        get("b", LONG).join();
        assertThat(node.sessions).hasValue(2);
    }

    @Test
    void what_was_never_sent_has_not_happened() throws Exception {
        int free;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        var nowhere = new Endpoint("127.0.0.1", free);
        var call = transport
                .call(nowhere, KvGrpc.getSetMethod(), SetRequest.getDefaultInstance(), LONG, true)
                .toCompletableFuture();
        AittaException failure = failure(call);
        assertThat(failure).isInstanceOf(Unavailable.class);
        assertThat(failure.reason()).isEqualTo("UNREACHABLE");
    }

    @Test
    void a_node_that_knows_no_sessions_gets_the_calls_one_by_one() {
        node.old = true;
        node.breakOff();
        eventually(() -> get("is it seen", LONG)
                .handle((answer, failure) -> failure == null)
                .join());
        var writes = new ArrayList<CompletableFuture<SetResponse>>();
        for (int i = 0; i < 50; i++) {
            writes.add(set("k" + i, LONG));
        }
        writes.forEach(CompletableFuture::join);
        assertThat(node.applied).hasSize(50);
        assertThat(get("k1", LONG).join().getFound()).isTrue();
    }

    @Test
    void closing_ends_all_calls() {
        node.hold = true;
        var write = set("a", LONG);
        eventually(() -> node.held.size() == 1);
        transport.close();
        assertThat(failure(write)).isInstanceOf(OutcomeUnknown.class);
        assertThat(failure(get("a", LONG))).isInstanceOf(Unavailable.class);
    }

    @Test
    void whenever_sessions_break_every_call_is_answered_once_and_nothing_is_said_to_be_undone_that_was_done() {
        node.chaos = new Random(5);
        var told = new ConcurrentHashMap<String, AtomicInteger>();
        var wrong = new CopyOnWriteArrayList<String>();
        var kinds = ConcurrentHashMap.newKeySet();
        for (int round = 0; round < 10; round++) {
            var calls = new ArrayList<CompletableFuture<?>>();
            for (int i = 0; i < 200; i++) {
                String key = round + "-" + i;
                told.put(key, new AtomicInteger());
                calls.add(set(key, Duration.ofMillis(i % 10 == 0 ? 100 : 600)).handle((answer, failure) -> {
                    told.get(key).incrementAndGet();
                    kinds.add(failure == null ? "done" : failure.getClass().getSimpleName());
                    if (failure == null && !node.applied.contains(key)) {
                        wrong.add(key + " is said to be done and was not");
                    }
                    if (failure != null && !(failure instanceof OutcomeUnknown) && node.applied.contains(key)) {
                        wrong.add(key + " was done and is said not to be: " + failure);
                    }
                    return null;
                }));
            }
            CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new)).join();
        }
        assertThat(told.values()).allMatch(times -> times.get() == 1);
        assertThat(wrong).isEmpty();
        assertThat(kinds).contains("done", "OutcomeUnknown");
        assertThat(transport.sweepAll()).as("calls under way").isFalse();
    }

    private CompletableFuture<SetResponse> set(String key, Duration timeout) {
        var request =
                SetRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
        return transport
                .call(endpoint(), KvGrpc.getSetMethod(), request, timeout, true)
                .toCompletableFuture();
    }

    private CompletableFuture<GetResponse> get(String key, Duration timeout) {
        var request =
                GetRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
        return transport
                .call(endpoint(), KvGrpc.getGetMethod(), request, timeout, false)
                .toCompletableFuture();
    }

    private Endpoint endpoint() {
        return new Endpoint("127.0.0.1", server.getPort());
    }

    private static AittaException failure(CompletableFuture<?> call) {
        try {
            call.join();
        } catch (CompletionException failed) {
            return (AittaException) failed.getCause();
        }
        throw new AssertionError("the call did not fail");
    }

    private static void eventually(BooleanSupplier condition) {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - limit).as("waited in vain").isNegative();
            Thread.onSpinWait();
        }
    }

    /** A node whose gets answer with the key and whose sets are noted. */
    private static final class FakeNode extends KvGrpc.KvImplBase {
        final AtomicInteger sessions = new AtomicInteger();
        final AtomicInteger messages = new AtomicInteger();
        final List<PipelineCall> calls = new CopyOnWriteArrayList<>();
        final List<PipelineCall> held = new CopyOnWriteArrayList<>();
        final Set<String> applied = ConcurrentHashMap.newKeySet();
        volatile boolean hold;
        volatile boolean old;
        volatile CallError error;
        /** Where sessions break, at random; null: nowhere. */
        volatile Random chaos;

        volatile ServerCallStreamObserver<PipelineResponse> open;

        @Override
        public StreamObserver<PipelineRequest> pipeline(StreamObserver<PipelineResponse> answers) {
            if (old) {
                return super.pipeline(answers);
            }
            sessions.incrementAndGet();
            var stream = (ServerCallStreamObserver<PipelineResponse>) answers;
            stream.setOnCancelHandler(() -> {});
            open = stream;
            return new StreamObserver<>() {
                private boolean broken;

                @Override
                public void onNext(PipelineRequest request) {
                    messages.incrementAndGet();
                    var response = PipelineResponse.newBuilder();
                    for (PipelineCall call : request.getCallsList()) {
                        if (!broken) {
                            take(call, response);
                        }
                    }
                    if (!broken && response.getAnswersCount() > 0) {
                        stream.onNext(response.build());
                    }
                }

                private void take(PipelineCall call, PipelineResponse.Builder response) {
                    calls.add(call);
                    boolean applies = chaos == null || chaos.nextInt(40) > 0;
                    if (applies) {
                        PipelineAnswer answer = answerOf(call);
                        if (hold) {
                            held.add(call);
                        } else if (chaos == null || chaos.nextInt(100) > 0) {
                            response.addAnswers(answer);
                        }
                    }
                    if (chaos != null && chaos.nextInt(120) == 0) {
                        broken = true;
                        stream.onError(
                                Status.UNAVAILABLE.withDescription("dropped").asRuntimeException());
                    }
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onCompleted() {
                    stream.onCompleted();
                }
            };
        }

        private PipelineAnswer answerOf(PipelineCall call) {
            var answer = PipelineAnswer.newBuilder().setId(call.getId());
            if (error != null) {
                return answer.setError(error).build();
            }
            if (call.hasSet()) {
                applied.add(call.getSet().getKey().toStringUtf8());
                return answer.setSet(SetResponse.newBuilder().setVersion(1)).build();
            }
            return answer.setGet(GetResponse.newBuilder()
                            .setFound(true)
                            .setValue(call.getGet().getKey()))
                    .build();
        }

        void answer(int place) {
            open.onNext(PipelineResponse.newBuilder()
                    .addAnswers(answerOf(held.get(place)))
                    .build());
        }

        void answerAllTogether() {
            var all = PipelineResponse.newBuilder();
            held.forEach(call -> all.addAnswers(answerOf(call)));
            open.onNext(all.build());
        }

        void breakOff() {
            open.onError(Status.UNAVAILABLE.withDescription("dropped").asRuntimeException());
            open = null;
        }

        @Override
        public void set(SetRequest request, StreamObserver<SetResponse> observer) {
            applied.add(request.getKey().toStringUtf8());
            observer.onNext(SetResponse.getDefaultInstance());
            observer.onCompleted();
        }

        @Override
        public void get(GetRequest request, StreamObserver<GetResponse> observer) {
            observer.onNext(GetResponse.newBuilder().setFound(true).build());
            observer.onCompleted();
        }
    }
}
