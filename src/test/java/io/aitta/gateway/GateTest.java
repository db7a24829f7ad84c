package io.aitta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import io.aitta.proto.v1.AdminProto;
import io.aitta.proto.v1.BackupProto;
import io.aitta.proto.v1.KvProto;
import io.aitta.proto.v1.PipelineCall;
import io.aitta.proto.v1.PipelineRequest;
import io.aitta.proto.v1.PipelineResponse;
import io.aitta.security.AuditLog;
import io.aitta.security.Protection;
import io.aitta.security.Quotas;
import io.aitta.security.TokenAccess;
import io.aitta.security.TokenFile;
import io.aitta.security.Tokens;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Who is let do what at the gRPC door: for every method that the descriptors of its services have, and for every request
 * that a session can carry, so that a new one is refused until it is thought of, here and in {@link RpcPermission}.
 */
@Timeout(120)
class GateTest {
    /** What a token of any table is good for beside its table: to find the way to it. */
    private static final Set<String> FOR_EVERY_TOKEN = Set.of(
            "Admin/CheckCluster",
            "Admin/ListTables",
            "Admin/ListNodes",
            "Admin/DescribeNode",
            "Admin/GetTopology",
            "Admin/DiffTopology",
            "Admin/WatchTopology");
    /** What load balancers ask. */
    private static final Set<String> FOR_EVERYONE = Set.of("Health/Check", "Health/Watch");

    private static final Set<String> FOR_READERS_OF_THE_TABLE = Set.of(
            "Backup/ReadPartition",
            "Kv/Get",
            "Kv/Exists",
            "Kv/TimeToLive",
            "Kv/MultiGet",
            "Kv/Scan",
            "Kv/ScanPage",
            "Kv/Count",
            "Kv/Watch",
            "Admin/GetInfo",
            "Admin/DescribeTable",
            "Admin/ListPartitions",
            "Admin/DescribePartition",
            "Admin/ListMigrations");

    private static final Set<String> FOR_ADMINISTRATORS_OF_THE_TABLE = Set.of(
            "Admin/CreateTable",
            "Admin/AlterTable",
            "Admin/DropTable",
            "Admin/SetTableReplicas",
            "Admin/SetTableLearners",
            "Admin/CompareReplicas");

    private static final String PIPELINE = "Kv/Pipeline";

    private static final String ADMIN = Tokens.create();
    private static final String OF_ANOTHER_TABLE = Tokens.create();
    private static final String READER = Tokens.create();
    private static final String WRITER = Tokens.create();
    private static final String OWNER = Tokens.create();
    private static final String UNKNOWN = Tokens.create();
    private static final List<String> TOKENS = List.of(ADMIN, OF_ANOTHER_TABLE, READER, WRITER, OWNER, UNKNOWN);

    @TempDir
    private static Path dir;

    private static TokenAccess access;
    private static OpenDoor open;
    private static final ListAppender<ILoggingEvent> LOGGED = new ListAppender<>();

    @BeforeAll
    static void open() throws Exception {
        var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        LOGGED.start();
        root.addAppender(LOGGED);
        ((Logger) LoggerFactory.getLogger(AuditLog.LOGGER)).setLevel(Level.INFO);
        access = new TokenAccess(tokens(
                line("ops", ADMIN, "admin"),
                line("stranger", OF_ANOTHER_TABLE, "admin:another"),
                line("reader", READER, "read-only:default"),
                line("writer", WRITER, "read-write:def*"),
                line("owner", OWNER, "admin:default")));
        open = new OpenDoor(
                OpenDoor.GRPC,
                OpenDoor.LIMITS,
                new Protection(access, new AuditLog(), Optional.empty(), Quotas.none()));
    }

    @AfterAll
    static void close() throws Exception {
        open.close();
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).detachAppender(LOGGED);
    }

    @Test
    void without_a_token_nothing_is_answered_but_health() {
        for (var method : methods().toList()) {
            if (!FOR_EVERYONE.contains(name(method))) {
                assertThat(answer(method, null)).as(name(method)).isEqualTo("UNAUTHENTICATED NO_TOKEN");
            }
        }
        assertThat(answer(method("Health/Check"), null)).isEqualTo("answered");
    }

    @Test
    void with_an_unknown_token_nothing_is_answered_but_health() {
        for (var method : methods().toList()) {
            if (!FOR_EVERYONE.contains(name(method))) {
                assertThat(answer(method, UNKNOWN)).as(name(method)).isEqualTo("UNAUTHENTICATED UNKNOWN_TOKEN");
            }
        }
    }

    @Test
    void a_token_of_another_table_is_refused_on_every_method_that_is_not_said_here_to_be_for_all() {
        for (var method : methods().toList()) {
            String name = name(method);
            if (FOR_EVERYONE.contains(name) || name.equals(PIPELINE)) {
                continue;
            }
            if (FOR_EVERY_TOKEN.contains(name)) {
                assertThat(answer(method, OF_ANOTHER_TABLE)).as(name).doesNotContain("PERMISSION_DENIED");
            } else {
                assertThat(answer(method, OF_ANOTHER_TABLE)).as(name).isEqualTo("PERMISSION_DENIED PERMISSION_DENIED");
            }
        }
        assertThat(open.partitions.contents()).isEmpty();
    }

    @Test
    void each_call_of_a_session_is_judged_by_its_own_table() throws Exception {
        for (var request : callRequests()) {
            assertThat(inSession(call(request), OF_ANOTHER_TABLE))
                    .as(request.getName())
                    .isEqualTo("PERMISSION_DENIED");
            boolean reads = Set.of("get", "exists", "time_to_live", "multi_get", "scan_page", "count")
                    .contains(request.getName());
            assertThat(inSession(call(request), READER))
                    .as(request.getName())
                    .matches(outcome -> outcome.equals("PERMISSION_DENIED") != reads);
            assertThat(inSession(call(request), WRITER)).as(request.getName()).isNotEqualTo("PERMISSION_DENIED");
        }
    }

    @Test
    void a_reader_of_the_table_reads_and_does_nothing_else() {
        for (var method : methods().toList()) {
            String name = name(method);
            boolean allowed = FOR_READERS_OF_THE_TABLE.contains(name)
                    || FOR_EVERY_TOKEN.contains(name)
                    || FOR_EVERYONE.contains(name)
                    || name.equals(PIPELINE);
            assertThat(answer(method, READER))
                    .as(name)
                    .matches(answer -> answer.contains("PERMISSION_DENIED") != allowed);
        }
    }

    @Test
    void a_writer_of_the_table_reads_and_writes_and_administers_nothing() {
        for (var method : methods().toList()) {
            String name = name(method);
            boolean allowed = name.startsWith("Kv/")
                    || FOR_READERS_OF_THE_TABLE.contains(name)
                    || FOR_EVERY_TOKEN.contains(name)
                    || FOR_EVERYONE.contains(name);
            assertThat(answer(method, WRITER))
                    .as(name)
                    .matches(answer -> answer.contains("PERMISSION_DENIED") != allowed);
        }
    }

    @Test
    void an_administrator_of_a_table_rules_that_table_and_not_the_cluster() {
        for (var method :
                methods().filter(one -> name(one).startsWith("Admin/")).toList()) {
            String name = name(method);
            boolean allowed = FOR_ADMINISTRATORS_OF_THE_TABLE.contains(name)
                    || FOR_READERS_OF_THE_TABLE.contains(name)
                    || FOR_EVERY_TOKEN.contains(name);
            assertThat(answer(method, OWNER))
                    .as(name)
                    .matches(answer -> answer.contains("PERMISSION_DENIED") != allowed);
        }
    }

    @Test
    void an_administrator_of_the_cluster_is_refused_nothing() {
        for (var method : methods().toList()) {
            assertThat(answer(method, ADMIN)).as(name(method)).doesNotContain("DENIED", "UNAUTHENTICATED");
        }
    }

    @Test
    void reflection_is_for_those_who_have_a_token() {
        assertThat(answer("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", new byte[0], null))
                .isEqualTo("UNAUTHENTICATED NO_TOKEN");
        assertThat(answer("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", new byte[0], READER))
                .doesNotContain("UNAUTHENTICATED");
    }

    @Test
    void a_stream_ends_with_its_next_answer_once_the_token_is_taken_back() throws Exception {
        String passing = Tokens.create();
        var mine = new TokenAccess(tokens(line("passing", passing, "admin")));
        try (var door = new OpenDoor(
                OpenDoor.GRPC,
                OpenDoor.LIMITS,
                new Protection(mine, new AuditLog(), Optional.empty(), Quotas.none()))) {
            var session = new Client(door, "aitta.v1.Kv/Pipeline", passing);
            var get = call(callRequests().get(0));
            session.call.sendMessage(get.toByteArray());
            assertThat(session.nextOutcome()).isNotEqualTo("UNKNOWN_TOKEN");
            var watch = new Client(door, "aitta.v1.Admin/WatchTopology", passing);
            watch.call.sendMessage(new byte[0]);
            watch.call.halfClose();
            assertThat(watch.messages.poll(20, TimeUnit.SECONDS)).isNotNull();

            mine.replace(tokens(line("other", Tokens.create(), "admin")));
            session.call.sendMessage(get.toByteArray());
            assertThat(session.nextOutcome()).isEqualTo("UNKNOWN_TOKEN");
            door.topology.publish(FakeTopology.of(4, "default", 16));
            assertThat(watch.status().getCode()).isEqualTo(Code.UNAUTHENTICATED);
            session.call.cancel("seen enough", null);
        }
    }

    @Test
    void orders_and_refusals_are_in_the_audit_log_and_tokens_keys_and_values_are_in_none() {
        answer(method("Admin/DropTable"), OWNER);
        answer(method("Kv/Set"), READER);
        answer(method("Kv/Set"), WRITER);
        answer(method("Kv/Set"), UNKNOWN);
        var audited = LOGGED.list.stream()
                .filter(event -> event.getLoggerName().equals(AuditLog.LOGGER))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
        assertThat(audited).anySatisfy(line -> assertThat(line)
                .startsWith("ordered: who=owner from=127.0.0.1:")
                .contains("action=\"grpc Admin/DropTable\"", "outcome=", "name: 'default'"));
        assertThat(List.copyOf(LOGGED.list)).allSatisfy(event -> {
            assertThat(event.getFormattedMessage()).doesNotContain(TOKENS);
            assertThat(event.getFormattedMessage()).doesNotContain("secret-key", "secret-value");
        });
    }

    // ---- every method

    private static Stream<MethodDescriptor> methods() {
        return Stream.of(
                        KvProto.getDescriptor(),
                        AdminProto.getDescriptor(),
                        BackupProto.getDescriptor(),
                        HealthProto.getDescriptor())
                .flatMap(file -> file.getServices().stream())
                .flatMap(service -> service.getMethods().stream());
    }

    private static MethodDescriptor method(String name) {
        return methods().filter(one -> name(one).equals(name)).findFirst().orElseThrow();
    }

    private static String name(MethodDescriptor method) {
        return method.getService().getName() + "/" + method.getName();
    }

    private static List<FieldDescriptor> callRequests() {
        return PipelineCall.getDescriptor().getRealOneofs().get(0).getFields();
    }

    private static PipelineRequest call(FieldDescriptor request) throws Exception {
        return PipelineRequest.newBuilder()
                .addCalls(PipelineCall.newBuilder()
                        .setId(1)
                        .setField(
                                request,
                                PipelineCall.newBuilder()
                                        .newBuilderForField(request)
                                        .mergeFrom(
                                                about(request.getMessageType()).toByteString())
                                        .build()))
                .build();
    }

    /** A request about the table {@code default}, as far as it is about one. */
    private static Message about(Descriptor type) {
        var request = DynamicMessage.newBuilder(type);
        for (String field : List.of("table", "name")) {
            var found = type.findFieldByName(field);
            if (found != null) {
                request.setField(found, "default");
            }
        }
        var key = type.findFieldByName("key");
        if (key != null) {
            request.setField(key, ByteString.copyFromUtf8("secret-key"));
        }
        var value = type.findFieldByName("value");
        if (value != null && value.getJavaType() == FieldDescriptor.JavaType.BYTE_STRING) {
            request.setField(value, ByteString.copyFromUtf8("secret-value"));
        }
        return request.build();
    }

    /** What the first answer is, or why there is none: the status and its reason. */
    private static String answer(MethodDescriptor method, String token) {
        return answer(
                method.getService().getFullName() + "/" + method.getName(),
                about(method.getInputType()).toByteArray(),
                token);
    }

    private static String answer(String path, byte[] request, String token) {
        var client = new Client(open, path, token);
        client.call.sendMessage(request);
        client.call.halfClose();
        try {
            // A watcher that is let in hears nothing.
            client.begun.get(path.endsWith("Kv/Watch") ? 1 : 20, TimeUnit.SECONDS);
        } catch (TimeoutException quiet) {
            return "answered";
        } catch (Exception failure) {
            throw new AssertionError(failure);
        } finally {
            client.call.cancel("seen enough", null);
        }
        return client.begun.join();
    }

    private static String inSession(PipelineRequest request, String token) throws Exception {
        var client = new Client(open, "aitta.v1.Kv/Pipeline", token);
        client.call.sendMessage(request.toByteArray());
        try {
            return client.nextOutcome();
        } finally {
            client.call.cancel("seen enough", null);
        }
    }

    private static String line(String name, String token, String roles) {
        return TokenFile.line(name, token, TokenFile.grants(roles));
    }

    private static TokenFile tokens(String... lines) throws Exception {
        return TokenFile.read(Files.write(dir.resolve("tokens"), List.of(lines)));
    }

    /** One call or stream of a client with a token. */
    private static final class Client extends ClientCall.Listener<byte[]> {
        final ClientCall<byte[], byte[]> call;
        final LinkedBlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
        final CompletableFuture<String> begun = new CompletableFuture<>();
        private final CompletableFuture<Status> ended = new CompletableFuture<>();

        Client(OpenDoor door, String method, String token) {
            var headers = new Metadata();
            if (token != null) {
                headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
            }
            call = door.channel.newCall(
                    WireTest.bytes(method).toBuilder()
                            .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
                            .build(),
                    CallOptions.DEFAULT);
            call.start(this, headers);
            call.request(1_000);
        }

        /** Of the next call's answer: its error's reason, or nothing. */
        String nextOutcome() throws Exception {
            byte[] message = messages.poll(20, TimeUnit.SECONDS);
            assertThat(message).as("an answer; the session: %s", ended).isNotNull();
            return PipelineResponse.parseFrom(message).getAnswers(0).getError().getReason();
        }

        Status status() {
            return ended.orTimeout(20, TimeUnit.SECONDS).join();
        }

        @Override
        public void onMessage(byte[] message) {
            messages.add(message);
            begun.complete("answered");
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            begun.complete(status.getCode() + " " + reason(status, trailers));
            ended.complete(status);
        }

        private static String reason(Status status, Metadata trailers) {
            try {
                return OpenDoor.detail(status.asRuntimeException(trailers), ErrorInfo.class)
                        .getReason();
            } catch (AssertionError | NullPointerException none) {
                return "";
            }
        }
    }
}
