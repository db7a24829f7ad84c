package io.aitta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.config.GrpcSettings;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.PipelineCall;
import io.aitta.proto.v1.PipelineRequest;
import io.aitta.proto.v1.PipelineResponse;
import io.aitta.proto.v1.SetRequest;
import io.aitta.security.Access;
import io.aitta.security.AuditLog;
import io.aitta.security.Protection;
import io.aitta.security.Quotas;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a client can cost the gRPC door that does not play fair: silent and half-open connections, and too many requests. */
@Timeout(60)
class BoundedDoorTest {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes();
    private static final Duration IDLE = Duration.ofSeconds(1);

    @TempDir
    private static Path dir;

    private static OpenDoor open;

    @BeforeAll
    static void open() throws Exception {
        var quotas = Quotas.read(Files.writeString(dir.resolve("quotas"), "default 2 -\n"));
        open = new OpenDoor(
                new GrpcSettings(0, Duration.ofSeconds(5), Duration.ofSeconds(30), IDLE, 2 << 20),
                OpenDoor.LIMITS,
                new Protection(Access.OPEN, new AuditLog(), Optional.empty(), quotas));
    }

    @AfterAll
    static void close() throws Exception {
        open.close();
    }

    @Test
    void a_connection_that_says_nothing_is_closed() throws Exception {
        try (var silent = connected()) {
            drain(silent.getInputStream());
        }
    }

    @Test
    void one_that_stops_in_the_middle_of_its_first_words_is_closed() throws Exception {
        try (var half = connected()) {
            half.getOutputStream().write(PREFACE, 0, 10);
            drain(half.getInputStream());
        }
    }

    @Test
    void one_that_has_said_hello_and_asks_for_nothing_is_closed() throws Exception {
        try (var idle = connected()) {
            idle.getOutputStream().write(PREFACE);
            idle.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
            drain(idle.getInputStream());
        }
    }

    @Test
    void headers_that_never_end_are_not_waited_for() throws Exception {
        try (var endless = connected()) {
            var out = endless.getOutputStream();
            out.write(PREFACE);
            out.write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
            // HEADERS of stream 1 without END_HEADERS, and then nothing.
            out.write(new byte[] {0, 0, 1, 1, 0, 0, 0, 0, 1, (byte) 0x82});
            drain(endless.getInputStream());
        }
    }

    @Test
    void what_is_above_a_tables_quota_is_refused_with_a_time_to_retry_and_other_tables_are_not() throws Exception {
        open.topology.publish(FakeTopology.of(4, "default", 16));
        var kv = KvGrpc.newBlockingStub(open.channel);
        var get = GetRequest.newBuilder()
                .setTable("default")
                .setKey(ByteString.copyFromUtf8("k"))
                .build();
        var refused = Refusals.refused(() -> {
            for (int i = 0; i < 100; i++) {
                kv.get(get);
            }
        });
        refused.with(Code.RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED")
                .saying("'default'")
                .toBeRetried();
        Refusals.refused(() -> kv.get(get.toBuilder().setTable("other").build()))
                .with(Code.NOT_FOUND, "TABLE_NOT_FOUND");
    }

    @Test
    void the_calls_of_a_session_count_like_others() throws Exception {
        var answers = new LinkedBlockingQueue<PipelineResponse>();
        StreamObserver<PipelineRequest> session = KvGrpc.newStub(open.channel).pipeline(new StreamObserver<>() {
            @Override
            public void onNext(PipelineResponse response) {
                answers.add(response);
            }

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {}
        });
        var many = PipelineRequest.newBuilder();
        for (int i = 1; i <= 50; i++) {
            many.addCalls(PipelineCall.newBuilder()
                    .setId(i)
                    .setSet(SetRequest.newBuilder().setTable("default").setKey(ByteString.copyFromUtf8("k" + i))));
        }
        session.onNext(many.build());
        int got = 0;
        int refused = 0;
        while (got < 50) {
            var response = answers.poll(20, TimeUnit.SECONDS);
            assertThat(response).isNotNull();
            got += response.getAnswersCount();
            refused += (int) response.getAnswersList().stream()
                    .filter(answer -> answer.getError().getReason().equals("QUOTA_EXCEEDED")
                            && answer.getError().getRetryMillis() > 0)
                    .count();
        }
        session.onCompleted();
        assertThat(refused).isBetween(40, 50);
    }

    private static Socket connected() throws Exception {
        var socket =
                new Socket(open.door.address().getAddress(), open.door.address().getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** Reads to the end, however that comes; fails with a time-out if it does not. */
    private static void drain(InputStream in) throws Exception {
        try {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (SocketException reset) {
            assertThat(reset).hasMessageContaining("reset");
        }
    }
}
