package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.aitta.client.AittaTable;
import io.aitta.client.ReadOutcome;
import io.aitta.client.WriteOutcome;
import io.aitta.proto.v1.AdminGrpc;
import io.aitta.proto.v1.CreateTableRequest;
import io.aitta.proto.v1.DropTableRequest;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.KeyValue;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.MultiSetRequest;
import io.aitta.proto.v1.SetRequest;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What clients may ask of a real cluster, up to the limits, and what they are told beyond them. */
@Timeout(240)
class RequestsIT {
    private static final int KEY_BYTES = 1024;
    private static final int VALUE_BYTES = 512 << 10;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    static Path dir;

    private static Cluster cluster;
    private static AittaTable.BlockingView table;

    @BeforeAll
    static void start() {
        cluster = new Cluster(Cluster.Plan.of(3), dir.resolve("data"), Path.of("target", "multijvm", "RequestsIT"));
        cluster.start().awaitWhole();
        table = cluster.client(LIMIT).table("default").blocking();
    }

    @AfterAll
    static void stop() throws IOException {
        cluster.close();
    }

    // ---- beyond the limits, over gRPC ----------------------------------------------------------------------------

    static Stream<Arguments> badRequests() {
        return Stream.of(
                bad("an empty key", () -> set("default", bytes(0), bytes(1)), Code.INVALID_ARGUMENT, "EMPTY_KEY"),
                bad(
                        "a key one byte too long",
                        () -> set("default", bytes(KEY_BYTES + 1), bytes(1)),
                        Code.INVALID_ARGUMENT,
                        "KEY_TOO_LARGE",
                        "1,025 bytes",
                        "1,024"),
                bad(
                        "a value one byte too long",
                        () -> set("default", bytes(1), bytes(VALUE_BYTES + 1)),
                        Code.INVALID_ARGUMENT,
                        "VALUE_TOO_LARGE",
                        "524,289 bytes",
                        "524,288"),
                bad(
                        "values too many for one request",
                        () -> multiSet(17, VALUE_BYTES),
                        Code.RESOURCE_EXHAUSTED,
                        "REQUEST_TOO_LARGE",
                        "8,388,608"),
                bad(
                        "a message that is not read at all",
                        () -> multiSet(20, VALUE_BYTES),
                        Code.RESOURCE_EXHAUSTED,
                        "MESSAGE_TOO_LARGE"),
                bad("a table that is not there", () -> get("nosuch"), Code.NOT_FOUND, "TABLE_NOT_FOUND", "default"),
                bad("no table", () -> get(""), Code.INVALID_ARGUMENT, "BAD_TABLE_NAME", "1 to 64"),
                bad("a write to the topology", () -> set("_meta", bytes(1), bytes(1)), "TABLE_PROTECTED"),
                bad("dropping the topology", () -> drop("_meta"), "TABLE_PROTECTED"),
                bad("dropping what is not there", () -> drop("nosuch"), Code.NOT_FOUND, "TABLE_NOT_FOUND"),
                badTable("odd/name", "BAD_TABLE_NAME"),
                badTable("", "BAD_TABLE_NAME"),
                badTable("ünlaut", "BAD_TABLE_NAME"),
                badTable("x".repeat(65), "BAD_TABLE_NAME"),
                bad("a table of the system's", () -> create(named("_x")), "TABLE_PROTECTED"),
                bad("a table twice", () -> create(named("default")), Code.ALREADY_EXISTS, "TABLE_EXISTS"),
                bad(
                        "no partitions",
                        () -> create(named("t").setPartitions(0)),
                        Code.INVALID_ARGUMENT,
                        "BAD_PARTITIONS",
                        "1 to 4,096"),
                bad(
                        "100,000 partitions",
                        () -> create(named("t").setPartitions(100_000)),
                        Code.INVALID_ARGUMENT,
                        "BAD_PARTITIONS"),
                bad("no replicas", () -> create(named("t").setReplicas(0)), Code.INVALID_ARGUMENT, "BAD_REPLICAS"),
                bad(
                        "more replicas than nodes",
                        () -> create(named("t").setReplicas(4)),
                        Code.FAILED_PRECONDITION,
                        "NOT_ENOUGH_NODES",
                        "n1, n2, n3"),
                bad("garbage", RequestsIT::garbage, Code.INVALID_ARGUMENT, "MALFORMED_REQUEST"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badRequests")
    void aBadRequestIsRefusedWithItsReasonAndASentence(
            String what, Executable call, Code code, String reason, List<String> sentence) throws Exception {
        var failure = catchThrowableOfType(StatusRuntimeException.class, call::execute);
        assertThat(failure).as(what).isNotNull();
        assertThat(failure.getStatus().getCode()).as(failure.getMessage()).isEqualTo(code);
        assertThat(reasonOf(failure)).as(failure.getMessage()).isEqualTo(reason);
        assertThat(failure.getStatus().getDescription()).hasSizeGreaterThan(15);
        assertThat(sentence).allSatisfy(part -> assertThat(failure).hasMessageContaining(part));
    }

    private static Arguments bad(String what, Executable call, Code code, String reason, String... sentence) {
        return Arguments.of(what, call, code, reason, List.of(sentence));
    }

    private static Arguments bad(String what, Executable call, String reason) {
        return bad(what, call, Code.FAILED_PRECONDITION, reason, "_");
    }

    private static Arguments badTable(String name, String reason) {
        return bad("a table named '" + name + "'", () -> create(named(name)), Code.INVALID_ARGUMENT, reason, "1 to 64");
    }

    private static void get(String table) {
        kv().get(GetRequest.newBuilder().setTable(table).setKey(bytes(1)).build());
    }

    private static void set(String table, ByteString key, ByteString value) {
        kv().set(SetRequest.newBuilder()
                .setTable(table)
                .setKey(key)
                .setValue(value)
                .build());
    }

    private static void multiSet(int entries, int valueBytes) {
        var request = MultiSetRequest.newBuilder().setTable("default");
        for (int i = 0; i < entries; i++) {
            request.addEntries(
                    KeyValue.newBuilder().setKey(Load.bytes("large-" + i)).setValue(bytes(valueBytes)));
        }
        kv().multiSet(request.build());
    }

    private static CreateTableRequest.Builder named(String name) {
        return CreateTableRequest.newBuilder().setName(name);
    }

    private static void create(CreateTableRequest.Builder request) {
        AdminGrpc.newBlockingStub(cluster.node(1).channel())
                .withDeadlineAfter(LIMIT.toSeconds(), TimeUnit.SECONDS)
                .createTable(request.build());
    }

    private static void drop(String table) {
        AdminGrpc.newBlockingStub(cluster.node(1).channel())
                .withDeadlineAfter(LIMIT.toSeconds(), TimeUnit.SECONDS)
                .dropTable(DropTableRequest.newBuilder().setName(table).build());
    }

    private static KvGrpc.KvBlockingStub kv() {
        return KvGrpc.newBlockingStub(cluster.node(1).channel()).withDeadlineAfter(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private static void garbage() {
        var method = MethodDescriptor.newBuilder(new RawBytes(), new RawBytes())
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("aitta.v1.Kv/Set")
                .build();
        byte[] noise = {(byte) 0x0a, (byte) 0xff, 0x00, 0x13, (byte) 0x80};
        ClientCalls.blockingUnaryCall(
                cluster.node(1).channel(), method, CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS), noise);
    }

    private static final class RawBytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String reasonOf(StatusRuntimeException failure) throws InvalidProtocolBufferException {
        for (Any detail : StatusProto.fromThrowable(failure).getDetailsList()) {
            if (detail.is(ErrorInfo.class)) {
                return detail.unpack(ErrorInfo.class).getReason();
            }
        }
        return "none";
    }

    // ---- beyond the limits, on the command line ------------------------------------------------------------------

    static Stream<Arguments> badCommands() throws IOException {
        var large = Files.write(dir.resolve("large"), new byte[VALUE_BYTES + 1]).toString();
        return Stream.of(
                Arguments.of(2, "(EMPTY_KEY)", List.of("set", "", "x")),
                Arguments.of(2, "(KEY_TOO_LARGE)", List.of("get", "k".repeat(KEY_BYTES + 1))),
                Arguments.of(2, "(VALUE_TOO_LARGE)", List.of("set", "k", "--file", large)),
                Arguments.of(2, "even number of hex digits", List.of("set", "k", "--hex", "abc")),
                Arguments.of(2, "(BAD_TABLE_NAME)", List.of("table", "create", "a b")),
                Arguments.of(2, "(BAD_PARTITIONS)", List.of("table", "create", "t", "--partitions", "0")),
                Arguments.of(3, "(TABLE_NOT_FOUND)", List.of("-t", "nosuch", "get", "k")),
                Arguments.of(3, "(TABLE_PROTECTED)", List.of("-t", "_meta", "set", "k", "v")),
                Arguments.of(3, "(TABLE_PROTECTED)", List.of("table", "drop", "_meta", "--yes")),
                Arguments.of(3, "(NOT_ENOUGH_NODES)", List.of("table", "create", "t", "--replicas", "4")),
                Arguments.of(1, "(TABLE_NOT_FOUND)", List.of("table", "drop", "nosuch", "--yes")),
                Arguments.of(2, "add --yes", List.of("table", "drop", "default")));
    }

    @ParameterizedTest(name = "exit status {0}: {1}")
    @MethodSource("badCommands")
    void aBadCommandHasItsExitStatusAndOneSentence(int status, String sentence, List<String> words) {
        var result = aitta("", words.toArray(String[]::new));
        assertThat(result.err()).contains(sentence);
        assertThat(result.err().lines()).hasSize(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.status()).isEqualTo(status);
    }

    // ---- up to the limits ----------------------------------------------------------------------------------------

    @Test
    void valuesOfNoBytesAndOfTheMaximumAndKeysOfTheMaximumComeBackAsTheyWere() {
        var key = random(KEY_BYTES);
        var large = random(VALUE_BYTES);
        table.set(key, ByteString.EMPTY);
        assertThat(table.get(key).orElseThrow().bytes()).isEqualTo(ByteString.EMPTY);
        table.set(key, large);
        assertThat(table.get(key).orElseThrow().bytes()).isEqualTo(large);
        assertThat(table.delete(key)).isTrue();
        assertThat(table.get(key)).isEmpty();
    }

    @Test
    void keysAndValuesMayHoldAnyBytes() {
        for (int i = 0; i < 256; i++) {
            var one = ByteString.copyFrom(new byte[] {(byte) i});
            table.set(one, one.concat(one));
        }
        for (int i = 0; i < 256; i++) {
            var one = ByteString.copyFrom(new byte[] {(byte) i});
            assertThat(table.get(one).orElseThrow().bytes()).isEqualTo(one.concat(one));
        }
    }

    @Test
    void binaryValuesPassThroughFilesPipesAndHexDigits() throws IOException {
        byte[] value = random(10_000).toByteArray();
        var in = Files.write(dir.resolve("in"), value);
        var out = dir.resolve("out");
        done(aitta("", "set", "by-file", "--file", in.toString()));
        done(aitta("", "get", "by-file", "--file", out.toString()));
        assertThat(out).hasBinaryContent(value);
        try (var set = Program.aitta(dir, words("set", "by-pipe", "-"))) {
            done(set.feed(value).result());
        }
        assertThat(done(aitta("", "get", "by-pipe", "--raw")).outBytes()).isEqualTo(value);
        String hex = HexFormat.of().formatHex(value, 0, 100);
        done(aitta("", "set", "by-hex", "--hex", hex));
        assertThat(done(aitta("", "get", "by-hex", "--hex")).out()).isEqualTo(hex + "\n");
    }

    @Test
    void oneRequestOverAllPartitionsSaysOfEveryKeyWhatHappened() {
        var entries = entries(2_000, "many-");
        assertThat(table.multiSet(entries)).hasSize(2_000).allMatch(WriteOutcome.Written.class::isInstance);
        var reads = table.multiGet(entries.stream().map(Map.Entry::getKey).toList());
        for (int i = 0; i < reads.size(); i++) {
            assertThat(((ReadOutcome.Found) reads.get(i)).value().bytes())
                    .isEqualTo(entries.get(i).getValue());
        }
    }

    @Test
    void whenSomePartitionsAreAwayTheirKeysSayItAndTheOthersAreWritten() {
        var admin = cluster.client(LIMIT).admin().blocking();
        admin.createTable("thin", OptionalInt.of(6), OptionalInt.of(1));
        var thin = cluster.client(Duration.ofSeconds(4)).table("thin").blocking();
        var lost = cluster.node(3);
        cluster.kill(lost);
        var outcomes = thin.multiSet(entries(200, "thin-"));
        var failed =
                outcomes.stream().filter(WriteOutcome.Failed.class::isInstance).count();
        assertThat(failed).isBetween(30L, 110L);
        assertThat(outcomes.stream()
                        .filter(WriteOutcome.Written.class::isInstance)
                        .count())
                .isEqualTo(200 - failed);
        cluster.restart(lost);
        assertThat(cluster.client(LIMIT).table("thin").blocking().multiSet(entries(200, "thin-")))
                .allMatch(WriteOutcome.Written.class::isInstance);
    }

    // ---- how -----------------------------------------------------------------------------------------------------

    private static Program.Result aitta(String input, String... words) {
        try (var program = Program.aitta(dir, words(words))) {
            return program.feed(input).result();
        }
    }

    private static List<String> words(String... words) {
        var all = new ArrayList<String>();
        all.add("--endpoints");
        all.add(cluster.node(2).endpoint().toString());
        all.addAll(List.of("--timeout", "30s"));
        all.addAll(List.of(words));
        return all;
    }

    private static Program.Result done(Program.Result result) {
        assertThat(result.status()).as(result.err()).isZero();
        return result;
    }

    private static List<Map.Entry<ByteString, ByteString>> entries(int count, String prefix) {
        var entries = new ArrayList<Map.Entry<ByteString, ByteString>>();
        for (int i = 0; i < count; i++) {
            entries.add(Map.entry(Load.bytes(prefix + i), Load.bytes("value of " + i)));
        }
        return entries;
    }

    private static ByteString bytes(int count) {
        return ByteString.copyFrom(new byte[count]);
    }

    private static ByteString random(int count) {
        var bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }
}
