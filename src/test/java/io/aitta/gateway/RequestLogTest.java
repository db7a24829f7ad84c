package io.aitta.gateway;

import static io.aitta.gateway.Refusals.refused;
import static io.aitta.gateway.Requests.get;
import static io.aitta.gateway.Requests.set;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.rpc.ErrorInfo;
import io.aitta.metrics.SlowRequest;
import io.aitta.metrics.Stages;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.partition.PartitionAccess.Refusal;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.SetOutcome;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.PipelineCall;
import io.aitta.proto.v1.PipelineRequest;
import io.aitta.proto.v1.PipelineResponse;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** What the node's log and its slow log say of requests, and what they must not. */
@Timeout(60)
class RequestLogTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String TOKEN = "aitta-secret-token";
    private static final String VALUE = "a-value-that-is-nobodys-business";

    private final OpenDoor open = new OpenDoor();
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.aitta");
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        logger.setLevel(Level.TRACE);
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void close() throws Exception {
        logger.detachAppender(log);
        logger.setLevel(null);
        open.close();
    }

    private KvGrpc.KvBlockingStub kv(String... headers) {
        var metadata = new Metadata();
        for (int i = 0; i < headers.length; i += 2) {
            metadata.put(Metadata.Key.of(headers[i], Metadata.ASCII_STRING_MARSHALLER), headers[i + 1]);
        }
        return KvGrpc.newBlockingStub(open.channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
    }

    private List<ILoggingEvent> problems() {
        synchronized (log) {
            return List.copyOf(log.list).stream()
                    .filter(event -> event.getLoggerName().equals("io.aitta.requests"))
                    .toList();
        }
    }

    private void refuseWrites() {
        open.partitions.onWrite = (partition, operation) -> CompletableFuture.completedFuture(
                new WriteAnswer.Refused(new Refusal(Reason.NO_QUORUM, "too few voters")));
    }

    @Test
    void a_request_that_the_cluster_failed_is_one_line_with_its_id_and_its_trace() {
        refuseWrites();
        var refusal = refused(() -> kv("x-request-id", "order-7", "traceparent", "00-" + TRACE + "-b7ad6b7169203331-01")
                .set(set("k", VALUE).build()));
        refusal.with(Code.UNAVAILABLE, "NO_QUORUM");
        assertThat(OpenDoor.detail(refusal.failure(), ErrorInfo.class).getMetadataMap())
                .containsEntry("request_id", "order-7");
        assertThat(problems()).hasSize(1);
        var line = problems().get(0);
        assertThat(line.getLevel()).isEqualTo(Level.WARN);
        assertThat(line.getFormattedMessage())
                .startsWith(
                        "request order-7 of trace " + TRACE + ": set of table default answered UNAVAILABLE NO_QUORUM")
                .endsWith("ms: too few voters");
        var encoder = new JsonEncoder();
        encoder.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
        encoder.start();
        assertThat(new String(encoder.encode(line)))
                .contains(
                        "{\"request_id\":\"order-7\"}",
                        "{\"trace_id\":\"" + TRACE + "\"}",
                        "{\"reason\":\"NO_QUORUM\"}");
    }

    @Test
    void a_request_without_an_id_is_given_one_that_the_client_is_told() {
        var refusal = refused(() -> kv().get(get("k").setTable("nosuch").build()));
        refusal.with(Code.NOT_FOUND, "TABLE_NOT_FOUND");
        String id = OpenDoor.detail(refusal.failure(), ErrorInfo.class).getMetadataOrThrow("request_id");
        assertThat(problems()).hasSize(1);
        assertThat(problems().get(0).getLevel()).isEqualTo(Level.INFO);
        assertThat(problems().get(0).getFormattedMessage()).startsWith("request " + id + ": get of table nosuch");
    }

    @Test
    void what_is_not_fit_to_be_logged_is_no_id_and_no_trace() {
        refuseWrites();
        refused(() -> kv("x-request-id", "no spaces, please", "traceparent", "00-zz-01")
                .set(set("k", "v").build()));
        assertThat(problems().get(0).getFormattedMessage()).doesNotContain("please", "trace");
    }

    @Test
    void neither_values_nor_tokens_are_logged_at_any_level() throws Exception {
        kv("authorization", "Bearer " + TOKEN).set(set("k", VALUE).build());
        refuseWrites();
        refused(() -> kv("authorization", "Bearer " + TOKEN).set(set("k", VALUE).build()));
        open.partitions.onWrite = (partition, operation) -> {
            throw new IllegalStateException("an unforeseen fault");
        };
        refused(() -> kv("authorization", "Bearer " + TOKEN).set(set("k", VALUE).build()));
        refused(() -> kv("authorization", "Bearer " + TOKEN)
                .increment(Requests.increment("k", 1).setTable("no/" + "table").build()));
        assertThat(pipelined(PipelineCall.newBuilder()
                                .setId(1)
                                .setSet(set("k", VALUE))
                                .build())
                        .getAnswers(0)
                        .hasError())
                .isTrue();
        assertThat(problems()).hasSizeGreaterThanOrEqualTo(4);
        for (var event : List.copyOf(log.list)) {
            assertThat(event.getFormattedMessage() + event.getKeyValuePairs() + event.getThrowableProxy())
                    .doesNotContain(VALUE, TOKEN);
        }
    }

    private PipelineResponse pipelined(PipelineCall call) throws Exception {
        var answer = new CompletableFuture<PipelineResponse>();
        var session = KvGrpc.newStub(open.channel).pipeline(new StreamObserver<>() {
            @Override
            public void onNext(PipelineResponse response) {
                answer.complete(response);
            }

            @Override
            public void onError(Throwable failure) {
                answer.completeExceptionally(failure);
            }

            @Override
            public void onCompleted() {}
        });
        session.onNext(PipelineRequest.newBuilder().addCalls(call).build());
        try {
            return answer.get(20, TimeUnit.SECONDS);
        } finally {
            session.onCompleted();
        }
    }

    @Test
    void calls_of_a_session_are_told_of_too() throws Exception {
        refuseWrites();
        var error = pipelined(
                        PipelineCall.newBuilder().setId(9).setSet(set("k", "v")).build())
                .getAnswers(0)
                .getError();
        assertThat(problems()).hasSize(1);
        assertThat(problems().get(0).getFormattedMessage())
                .startsWith("request " + error.getMetadataOrThrow("request_id") + ": set of table default");
        assertThat(open.metrics.scrape())
                .contains(
                        "aitta_request_duration_seconds_count{operation=\"set\",outcome=\"unavailable\",table=\"default\"} 1",
                        "aitta_errors_total{reason=\"NO_QUORUM\"} 1");
    }

    @Test
    void more_problems_than_are_wanted_in_a_second_are_only_counted() {
        var few = new ProblemLog(2);
        var call = TestCalls.within(java.time.Duration.ofSeconds(1));
        var problem = Problem.of(ErrorReason.OVERLOADED, "later");
        for (int i = 0; i < 5; i++) {
            few.tell(call.facts(), problem, io.aitta.metrics.Outcome.OVERLOADED, 1);
        }
        assertThat(problems()).hasSize(2);
    }

    @Test
    void a_write_that_took_long_is_kept_with_its_key_and_where_the_time_went() {
        var stages = new Stages(1, 2, 3, 4);
        var done = Outcome.newBuilder()
                .setSet(SetOutcome.newBuilder().setVersion(5))
                .build();
        open.partitions.onWrite = (partition, operation) -> {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(120));
            return CompletableFuture.completedFuture(new WriteAnswer.Done(done.toByteArray(), 7, stages));
        };
        kv("x-request-id", "slow-1").set(set("k\n" + "x".repeat(100), VALUE).build());
        assertThat(open.metrics.slowLog().newest(any -> true, 10)).hasSize(1);
        SlowRequest slow = open.metrics.slowLog().newest(any -> true, 10).get(0);
        assertThat(slow.operation()).isEqualTo("set");
        assertThat(slow.table()).isEqualTo("default");
        assertThat(slow.partition()).isBetween(0, 15);
        assertThat(slow.key()).startsWith("k\\x0axxx").hasSizeLessThan(60).endsWith("...");
        assertThat(slow.nanos()).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(100));
        assertThat(slow.outcome()).isEqualTo("ok");
        assertThat(slow.stages()).isEqualTo(stages);
        assertThat(slow.requestId()).isEqualTo("slow-1");
        assertThat(open.metrics.scrape()).contains("aitta_slow_requests_total 1");
    }

    @Test
    void a_request_that_was_quick_is_not_kept() {
        kv().set(set("warm", "up").build());
        int before = open.metrics.slowLog().newest(any -> true, 10).size();
        kv().set(set("k", "v").build());
        assertThat(open.metrics.slowLog().newest(any -> true, 10)).hasSize(before);
    }
}
