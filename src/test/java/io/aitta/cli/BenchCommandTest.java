package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.aitta.client.FakeCluster;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.MultiSetRequest;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.SetRequest;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class BenchCommandTest {
    private static final String BRIEF = " --keys 50 --clients 4 --duration 300ms --warm-up 0";

    private final FakeCluster cluster = new FakeCluster(3);
    private final Shell shell = new Shell(cluster.endpoints());

    @AfterEach
    void stop() {
        cluster.close();
    }

    private Shell.Result run(String line) {
        return shell.run(Words.of(line).toArray(String[]::new));
    }

    @Test
    void aRunTellsItsThroughputAndItsLatencies() {
        var result = run("bench --workload a --verify --partitions 4" + BRIEF);
        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isZero();
        assertThat(result.out())
                .contains(
                        "workload a: half reads, half updates\n50 keys of table bench, zipfian; values of 100 bytes\n",
                        "4 clients, 1 at once, by pipeline\n",
                        " operations/s: ",
                        "p99.99",
                        "\nread ",
                        "\nupdate ",
                        "\nno errors\n");
    }

    @Test
    void aRunInJsonHasTheSameNumbersForPrograms() throws Exception {
        var result = run("-o json bench --workload f --target 200 --transport unary" + BRIEF);
        assertThat(result.status()).isZero();
        var json = new ObjectMapper().readTree(result.out());
        assertThat(json.get("workload").asText()).isEqualTo("f");
        assertThat(json.get("transport").asText()).isEqualTo("unary");
        assertThat(json.get("target").asDouble()).isEqualTo(200);
        assertThat(json.get("operations").asLong()).isPositive();
        assertThat(json.at("/latency_micros/read_modify_write/p99").asLong()).isPositive();
        assertThat(json.get("errors").size()).isZero();
    }

    @Test
    void aLineASecondTellsHowItGoesWhereItIsAskedFor() {
        var result = run("bench --workload c --progress --keys 50 --clients 4 --duration 1200ms --warm-up 300ms");
        assertThat(result.err().lines()).anyMatch(line -> line.startsWith("warm-up"));
        assertThat(result.err().lines()).anyMatch(line -> line.matches("run +1 s .*/s .* done +p50 .* us .* 0 errors"));
    }

    @Test
    void readsLoadTheKeysFirstUnlessToldNotTo() throws Exception {
        run("bench --workload read" + BRIEF);
        assertThat(cluster.received(SetRequest.class)).hasSize(50);
        run("bench --workload read --no-load --consistency eventual" + BRIEF);
        assertThat(cluster.received(SetRequest.class)).hasSize(50);
        assertThat(cluster.received(GetRequest.class)).last().satisfies(got -> assertThat(
                        ((GetRequest) got.request()).getConsistency())
                .isEqualTo(ReadConsistency.EVENTUAL));
        var empty = new ObjectMapper()
                .readTree(run("-t default -o json bench --workload read --no-load" + BRIEF)
                        .out());
        assertThat(empty.get("missing").asLong())
                .isEqualTo(empty.get("operations").asLong())
                .isPositive();
    }

    @Test
    void aBatchIsOneRequestOnlyIfThatIsAskedFor() {
        run("bench --workload write --batch 8" + BRIEF);
        assertThat(cluster.received(MultiSetRequest.class)).isEmpty();
        run("bench --workload write --batch 8 --multi" + BRIEF);
        assertThat(cluster.received(MultiSetRequest.class)).isNotEmpty();
    }

    @Test
    void theTableIsMadeOnceAndThenMustBeAsItIsAskedFor() {
        assertThat(run("-t big bench --workload write --partitions 7 --replicas 2" + BRIEF)
                        .status())
                .isZero();
        assertThat(run("table describe big -o json").out()).contains("\"partitions\":7,\"replicas\":2");
        var other = run("-t big bench --workload write --partitions 8" + BRIEF);
        assertThat(other.status()).isEqualTo(2);
        assertThat(other.err())
                .isEqualTo(
                        "aitta bench: --partitions is 8, but table 'big' is there already and has 7; drop it, or name "
                                + "another with -t\n");
    }

    @Test
    void lostKeysAreErrorsWithVerify() {
        run("table create bench");
        var result = run("bench --workload read --verify --no-load" + BRIEF);
        assertThat(result.out()).contains(" read LOST\n");
        assertThat(result.err()).contains("values were wrong or lost");
        assertThat(result.status()).isEqualTo(4);
    }

    static Stream<Arguments> wrongLines() {
        return Stream.of(
                Arguments.of("--workload g", "--workload is one of a, b, c, d, e, f, write, read, not 'g'"),
                Arguments.of("--transport tcp", "--transport is one of pipeline, unary, not 'tcp'"),
                Arguments.of(
                        "--distribution normal", "--distribution is one of uniform, zipfian, latest, not 'normal'"),
                Arguments.of("--clients 0", "--clients must be 1 to 100000, not 0"),
                Arguments.of("--batch many", "'many' is not an int"),
                Arguments.of(
                        "--clients 2000 --batch 1000", "--clients times --batch must be 1 to 1000000, not 2000000"),
                Arguments.of("--keys 0", "--keys must be 1 to"),
                Arguments.of("--value-size 8 --verify", "--value-size must be 16 to"),
                Arguments.of("--target 0", "--target must be above 0"),
                Arguments.of("--target NaN", "--target must be above 0"),
                Arguments.of("--duration 0", "'0' is not a time"),
                Arguments.of("--warm-up long", "'long' is not a time"),
                Arguments.of("--workload f --ack fast", "--ack fast does not tell whether a condition held"),
                Arguments.of("--ack slow", "--ack is quorum or fast, not 'slow'"));
    }

    @ParameterizedTest(name = "aitta bench {0}")
    @MethodSource("wrongLines")
    void badInputIsNamed(String words, String message) {
        var result = run("bench " + words);
        assertThat(result.err()).contains(message).hasLineCount(1);
        assertThat(result.status()).isEqualTo(2);
    }
}
