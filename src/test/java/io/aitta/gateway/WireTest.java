package io.aitta.gateway;

import static io.aitta.gateway.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.protobuf.ByteString;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.proto.v1.AdminProto;
import io.aitta.proto.v1.BackupProto;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.KvProto;
import io.aitta.proto.v1.SetRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What reaches the door before any service does: framing, sizes, deadlines, methods, and too much at once. */
class WireTest {
    private final OpenDoor open = new OpenDoor();
    private final KvGrpc.KvBlockingStub kv = KvGrpc.newBlockingStub(open.channel);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

    @BeforeEach
    void listen() {
        logged.start();
        root().addAppender(logged);
    }

    @AfterEach
    void close() throws Exception {
        open.close();
        root().detachAppender(logged);
    }

    @Test
    void garbage_is_the_clients_mistake_and_leaves_no_stack_trace() {
        var random = new Random(7);
        for (String method : List.of("aitta.v1.Kv/Set", "aitta.v1.Kv/MultiGet", "aitta.v1.Admin/CreateTable")) {
            for (int size : new int[] {1, 7, 300, 40_000}) {
                byte[] garbage = new byte[size];
                random.nextBytes(garbage);
                garbage[0] = 0x07; // a field of a wire type that does not exist
                refused(() -> raw(open.channel, method, garbage)).with(Code.INVALID_ARGUMENT, "MALFORMED_REQUEST");
            }
        }
        serves();
        assertThat(logged.list).noneMatch(event -> event.getLevel().isGreaterOrEqual(Level.WARN));
    }

    @Test
    void a_name_that_is_not_utf8_is_garbage() {
        byte[] request = {0x12, 0x02, (byte) 0xC3, 0x28};
        refused(() -> raw(open.channel, "aitta.v1.Kv/Get", request)).with(Code.INVALID_ARGUMENT, "MALFORMED_REQUEST");
    }

    @Test
    void an_oversize_message_is_refused_and_the_connection_lives_on() {
        for (int size : new int[] {(2 << 20) + 1, 20 << 20}) {
            refused(() -> raw(open.channel, "aitta.v1.Kv/Set", new byte[size]))
                    .with(Code.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE")
                    .saying("aitta.grpc.max-message-bytes");
        }
        serves();
        assertThat(logged.list).noneMatch(event -> event.getLevel().isGreaterOrEqual(Level.WARN));
    }

    @Test
    void a_compressed_message_is_refused() {
        refused(() -> kv.withCompression("gzip").get(get()))
                .with(Code.UNIMPLEMENTED, "COMPRESSION_UNSUPPORTED")
                .saying("gzip");
        serves();
    }

    @Test
    void an_unknown_method_or_service_is_unimplemented() {
        refused(() -> raw(open.channel, "aitta.v1.Kv/Nope", new byte[0])).with(Code.UNIMPLEMENTED, "METHOD_UNKNOWN");
        refused(() -> raw(open.channel, "some.Other/Get", new byte[100_000]))
                .with(Code.UNIMPLEMENTED, "METHOD_UNKNOWN")
                .saying("/some.Other/Get");
    }

    @Test
    void every_method_of_every_service_is_answered() {
        for (var file : List.of(
                KvProto.getDescriptor(),
                AdminProto.getDescriptor(),
                BackupProto.getDescriptor(),
                HealthProto.getDescriptor())) {
            for (var service : file.getServices()) {
                for (var method : service.getMethods()) {
                    byte[] wrong = {0x07};
                    refused(() -> raw(open.channel, service.getFullName() + "/" + method.getName(), wrong))
                            .with(Code.INVALID_ARGUMENT, "MALFORMED_REQUEST");
                }
            }
        }
    }

    @Test
    void a_browser_is_told_what_this_port_is() throws Exception {
        var response = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .build()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                                        + open.door.address().getPort() + "/"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(415);
        assertThat(response.body()).contains("gRPC");
    }

    @ParameterizedTest
    @CsvSource({"1H,3600000000000", "2M,120000000000", "3S,3000000000", "4m,4000000", "5u,5000", "99999999n,99999999"})
    void a_deadline_is_read_in_all_units(String header, long nanos) {
        assertThat(Call.nanos(header)).isEqualTo(nanos);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "S", "5", "5s", "-5S", "1.5S", "123456789S", "5 S", "\u0663S", "xS"})
    void a_malformed_deadline_is_refused(String header) {
        var problem =
                org.assertj.core.api.Assertions.catchThrowableOfType(ProblemException.class, () -> Call.nanos(header));
        assertThat(problem.problem().reason()).isEqualTo("BAD_DEADLINE");
    }

    @Test
    void a_malformed_deadline_is_refused_over_the_wire() {
        // grpc-java would write a header of its own; a name and value as they are go through a bare HTTP/2 client.
        refused(() -> kvWithTimeoutHeader("soon").get(get()))
                .with(Code.INVALID_ARGUMENT, "BAD_DEADLINE")
                .blaming("grpc-timeout");
    }

    @Test
    void work_whose_deadline_has_passed_is_not_started() {
        refused(() -> kvWithTimeoutHeader("0n").set(set())).with(Code.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED");
        assertThat(open.partitions.writes).isEmpty();
    }

    @Test
    void deadlines_have_a_default_and_a_cap() {
        kv.set(set());
        kv.withDeadlineAfter(1, TimeUnit.HOURS).set(set());
        kv.withDeadlineAfter(10, TimeUnit.SECONDS).set(set());
        long now = System.nanoTime();
        assertThat(open.partitions.writes)
                .extracting(write -> Math.round((write.deadlineNanos() - now) / 1e9 / 5) * 5)
                .containsExactly(5L, 30L, 10L);
    }

    @Test
    void more_requests_than_the_node_can_hold_are_refused_and_room_comes_back() {
        var gate = new CompletableFuture<Void>();
        open.partitions.onWrite =
                (partition, operation) -> gate.thenApply(open_ -> open.partitions.apply(partition, operation));
        var waiting = KvGrpc.newFutureStub(open.channel);
        var held = java.util.stream.IntStream.range(0, 8)
                .mapToObj(i -> waiting.set(set()))
                .toList();
        Eventually.holds(() -> assertThat(open.partitions.writes).hasSize(8));
        refused(() -> kv.get(get()))
                .with(Code.RESOURCE_EXHAUSTED, "OVERLOADED")
                .saying("aitta.limits.in-flight-requests")
                .toBeRetried();
        gate.complete(null);
        Eventually.holds(() -> assertThat(held).allMatch(java.util.concurrent.Future::isDone));
        serves();
    }

    @Test
    void more_bytes_than_the_node_can_hold_are_refused_and_room_comes_back() {
        var gate = new CompletableFuture<Void>();
        open.partitions.onWrite =
                (partition, operation) -> gate.thenApply(open_ -> open.partitions.apply(partition, operation));
        var waiting = KvGrpc.newFutureStub(open.channel);
        var large = set().toBuilder()
                .setValue(ByteString.copyFrom(new byte[524_288]))
                .build();
        var held = java.util.stream.IntStream.range(0, 7)
                .mapToObj(i -> waiting.set(large))
                .toList();
        Eventually.holds(() -> assertThat(open.partitions.writes).hasSize(7));
        refused(() -> kv.set(large)).with(Code.RESOURCE_EXHAUSTED, "OVERLOADED").saying("aitta.limits.in-flight-bytes");
        gate.complete(null);
        Eventually.holds(() -> assertThat(held).allMatch(java.util.concurrent.Future::isDone));
        kv.set(large);
    }

    @Test
    void clients_that_cancel_leave_no_trace() {
        var gate = new CompletableFuture<Void>();
        open.partitions.onWrite =
                (partition, operation) -> gate.thenApply(open_ -> open.partitions.apply(partition, operation));
        var stub = KvGrpc.newFutureStub(open.channel);
        for (int i = 0; i < 8; i++) {
            var call = stub.set(set());
            int begun = i + 1;
            Eventually.holds(() -> assertThat(open.partitions.writes).hasSize(begun));
            call.cancel(true);
        }
        gate.complete(null);
        Eventually.holds(this::serves);
        assertThat(logged.list).noneMatch(event -> event.getLevel().isGreaterOrEqual(Level.WARN));
    }

    @Test
    void a_fault_of_ours_is_internal_and_says_nothing_of_what_it_held() {
        open.partitions.onWrite = (partition, operation) -> {
            throw new IllegalStateException("secret");
        };
        var refusal = refused(() -> kv.set(set())).with(Code.INTERNAL, "INTERNAL");
        assertThat(refusal.failure().getMessage()).doesNotContain("secret");
        serves();
        assertThat(logged.list).anyMatch(event -> event.getLevel() == Level.ERROR);
    }

    @Test
    void a_door_that_closes_lets_work_finish_and_refuses_more() throws Exception {
        var gate = new CompletableFuture<Void>();
        open.partitions.onWrite = (partition, operation) ->
                gate.<WriteAnswer>thenApply(open_ -> open.partitions.apply(partition, operation));
        var held = KvGrpc.newFutureStub(open.channel).set(set());
        Eventually.holds(() -> assertThat(open.partitions.writes).hasSize(1));
        var closed = open.door.close(Duration.ofSeconds(20)).toCompletableFuture();
        assertThat(org.assertj.core.api.Assertions.catchThrowableOfType(
                                StatusRuntimeException.class, () -> kv.get(get()))
                        .getStatus()
                        .getCode())
                .isEqualTo(Code.UNAVAILABLE);
        gate.complete(null);
        assertThat(held.get(10, TimeUnit.SECONDS).getVersion()).isPositive();
        closed.get(10, TimeUnit.SECONDS);
    }

    private void serves() {
        assertThat(kv.get(get()).getHeader().getEpoch()).isEqualTo(3);
    }

    private KvGrpc.KvBlockingStub kvWithTimeoutHeader(String value) {
        var headers = new Metadata();
        headers.put(Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER), value);
        Channel channel =
                ClientInterceptors.intercept(open.channel, MetadataUtils.newAttachHeadersInterceptor(headers));
        return KvGrpc.newBlockingStub(channel);
    }

    private static byte[] raw(Channel channel, String method, byte[] request) {
        return ClientCalls.blockingUnaryCall(channel, bytes(method), CallOptions.DEFAULT, request);
    }

    /** A method that is called with bytes as they are. */
    static MethodDescriptor<byte[], byte[]> bytes(String method) {
        return MethodDescriptor.newBuilder(Bytes.INSTANCE, Bytes.INSTANCE)
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(method)
                .build();
    }

    private static SetRequest set() {
        return SetRequest.newBuilder()
                .setTable("default")
                .setKey(ByteString.copyFromUtf8("k"))
                .build();
    }

    private static GetRequest get() {
        return GetRequest.newBuilder()
                .setTable("default")
                .setKey(ByteString.copyFromUtf8("k"))
                .build();
    }

    private static Logger root() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    /** Messages as the bytes they are. */
    enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
        INSTANCE;

        @Override
        public InputStream stream(byte[] bytes) {
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }
}
