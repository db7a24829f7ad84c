package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aitta.cli.Shell.Result;
import io.aitta.client.FakeCluster;
import io.aitta.proto.v1.KeyError;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class CommandsTest {
    private final FakeCluster cluster = new FakeCluster(3);
    private final Shell shell = new Shell(cluster.endpoints());

    @TempDir
    Path dir;

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void getPrintsTheBareValueAndANewline() {
        expect(shell.run("set", "greeting", "hello"), 0, "OK\n");
        expect(shell.run("get", "greeting"), 0, "hello\n");
        expect(shell.run("get", "greeting", "--raw"), 0, "hello");
    }

    @Test
    void aMissingKeyIsExitCode1AndNothingOnStdout() {
        Result missing = shell.run("get", "nosuch");
        expect(missing, 1, "");
        assertThat(missing.err()).isEqualTo("aitta get: key 'nosuch' not found\n");
        expect(shell.run("-o", "json", "get", "nosuch"), 1, "{\"key\":\"nosuch\",\"found\":false}\n");
    }

    @Test
    void valuesAreBytesInEveryWayInAndOut() throws Exception {
        byte[] bytes = {0, (byte) 0xff, '\n', 0x10};
        Path file = Files.write(dir.resolve("in"), bytes);
        expect(shell.run("set", "a", "--file", file.toString()), 0, "OK\n");
        assertThat(shell.run("get", "a", "--raw").outBytes()).isEqualTo(bytes);

        expect(shell.withInput(bytes).run("set", "b", "-"), 0, "OK\n");
        Path out = dir.resolve("out");
        expect(shell.run("get", "b", "--file", out.toString()), 0, "");
        assertThat(Files.readAllBytes(out)).isEqualTo(bytes);

        expect(shell.run("set", "c", "--hex", "00FF0a10"), 0, "OK\n");
        assertThat(shell.run("get", "c", "--raw").outBytes()).isEqualTo(bytes);
        expect(shell.run("get", "c", "--hex"), 0, "00ff0a10\n");
        expect(shell.withInput("00ff\n").run("set", "d", "--hex", "-"), 0, "OK\n");
        expect(shell.run("get", "d", "--hex"), 0, "00ff\n");

        expect(shell.run("set", "empty", ""), 0, "OK\n");
        expect(shell.run("get", "empty"), 0, "\n");
        expect(shell.run("set", "--", "minus", "-x"), 0, "OK\n");
        expect(shell.run("get", "minus"), 0, "-x\n");
        expect(shell.run("set", "ä", "ö €"), 0, "OK\n");
        expect(shell.run("get", "ä"), 0, "ö €\n");
    }

    @Test
    void aValueInJsonSaysHowItIsWritten() throws Exception {
        shell.run("set", "text", "hi \"there\"");
        assertThat(json("get", "text"))
                .isEqualTo(tree(
                        "{'key':'text','found':true,'value':'hi \\\"there\\\"'," + "'encoding':'utf-8','version':1}"));
        shell.run("set", "bytes", "--hex", "fffe");
        assertThat(json("get", "bytes").get("value").asText()).isEqualTo("//4=");
        assertThat(json("get", "bytes").get("encoding").asText()).isEqualTo("base64");
        assertThat(json("get", "bytes", "--hex").get("value").asText()).isEqualTo("fffe");
        assertThat(json("set", "text", "x")).isEqualTo(tree("{'key':'text','applied':true,'version':3}"));
    }

    @Test
    void delSaysHowManyThereWere() throws Exception {
        shell.run("mset", "a", "1", "b", "2", "c", "3");
        expect(shell.run("del", "a"), 0, "removed 1 of 1\n");
        Result mixed = shell.run("del", "b", "nosuch");
        expect(mixed, 1, "removed 1 of 2\n");
        assertThat(mixed.err()).isEqualTo("aitta del: key 'nosuch' not found\n");
        assertThat(json("del", "c", "x"))
                .isEqualTo(tree("{'deletes':[{'key':'c','existed':true},{'key':'x','existed':false}]}"));
    }

    @Test
    void delRemovesHoweverManyKeysThereAre() {
        String[] words = new String[301];
        Arrays.setAll(words, i -> i == 0 ? "del" : "k" + i);
        expect(shell.run(words), 1, "removed 0 of 300\n");
    }

    @Test
    void mgetPrintsALineForEachKeyInTheOrderAsked() throws Exception {
        expect(shell.run("mset", "a", "1", "b", "two\tand\nmore\\"), 0, "OK\n");
        expect(shell.run("mget", "b", "x", "a"), 1, "b\ttwo\\tand\\nmore\\\\\nx (not found)\na\t1\n");
        expect(shell.run("mget", "--hex", "a"), 0, "a\t31\n");
        assertThat(json("mget", "a", "x"))
                .isEqualTo(tree("{'reads':[{'key':'a','found':true,'value':'1',"
                        + "'encoding':'utf-8','version':1},{'key':'x','found':false}]}"));
    }

    @Test
    void ofManyKeysTheWorstGivesTheExitCode() throws Exception {
        cluster.failKeyOnce("a", KeyError.Kind.REFUSED, "VALUE_TOO_LARGE");
        Result refused = shell.run("mset", "a", "1", "b", "2");
        expect(refused, 2, "written 1 of 2\n");
        assertThat(refused.err()).isEqualTo("aitta mset: key 'a': because of VALUE_TOO_LARGE (VALUE_TOO_LARGE)\n");

        cluster.failKeyOnce("a", KeyError.Kind.REFUSED, "SESSION_EXPIRED");
        Result mixed = shell.run("mget", "a", "nosuch", "b");
        expect(mixed, 3, "a (error: SESSION_EXPIRED)\nnosuch (not found)\nb\t2\n");

        for (int i = 0; i < 100; i++) {
            cluster.failKeyOnce("a", KeyError.Kind.OUTCOME_UNKNOWN, "OUTCOME_UNKNOWN");
        }
        JsonNode unknown = json("--timeout", "300ms", "mset", "a", "1", "b", "2");
        assertThat(unknown.at("/writes/0/error/kind").asText()).isEqualTo("outcome_unknown");
        assertThat(unknown.at("/writes/1/version").asInt()).isPositive();
        assertThat(shell.run("--timeout", "300ms", "mset", "a", "1").status()).isEqualTo(4);
    }

    @Test
    void whatTheClusterSaysGivesTheExitCodeAndTheSentence() {
        cluster.refuseNext(Status.Code.INVALID_ARGUMENT, "EMPTY_KEY", "a key has 1 to 4096 bytes, this one has 0");
        Result bad = shell.run("set", "", "x");
        expect(bad, 2, "");
        assertThat(bad.err()).isEqualTo("aitta set: a key has 1 to 4096 bytes, this one has 0 (EMPTY_KEY)\n");

        Result table = shell.run("-t", "nosuch", "get", "a");
        expect(table, 3, "");
        assertThat(table.err()).isEqualTo("aitta get: there is no table nosuch (TABLE_NOT_FOUND)\n");

        for (int i = 0; i < 200; i++) {
            cluster.hangNext();
        }
        Result unknown = shell.run("--timeout", "1500ms", "set", "a", "1");
        assertThat(unknown.status()).isEqualTo(4);
        assertThat(unknown.err()).startsWith("aitta set: outcome unknown: ").endsWith("(OUTCOME_UNKNOWN)\n");
        Result unavailable = shell.run("--timeout", "600ms", "get", "a");
        assertThat(unavailable.status()).isEqualTo(3);
        assertThat(unavailable.err()).startsWith("aitta get: unavailable: ");
    }

    @Test
    void globalOptionsMayStandBeforeOrAfterTheCommand() {
        shell.run("table", "create", "t");
        expect(shell.run("-t", "t", "set", "a", "in t"), 0, "OK\n");
        expect(shell.run("get", "a", "--table", "t"), 0, "in t\n");
        assertThat(shell.run("get", "a").status()).isEqualTo(1);
        assertThat(new Shell("127.0.0.1:1")
                        .run("--endpoints", cluster.endpoints(), "-t", "t", "get", "a")
                        .out())
                .as("--endpoints goes before AITTA_ENDPOINTS")
                .isEqualTo("in t\n");
        assertThat(shell.run("-o", "json", "get", "a", "-t", "t").out()).startsWith("{");
    }

    @Test
    void tablesAreMadeShownAndDropped() throws Exception {
        expect(
                shell.run("table", "create", "t", "--partitions", "2", "--replicas", "1"),
                0,
                "table t created: 2 partitions, 1 replicas, epoch 2\n");
        expect(
                shell.run("table", "list"),
                0,
                """
                TABLE    PARTITIONS  REPLICAS  DEFAULT TTL  DEFAULT READS  MAX VALUE  CREATED  LEARNERS  SHORT
                default           4         3  never        strong         -                1  -             0
                t                 2         1  never        strong         -                2  -             0
                """);
        expect(
                shell.run("table", "describe", "t"),
                0,
                """
                TABLE  PARTITIONS  REPLICAS  DEFAULT TTL  DEFAULT READS  MAX VALUE  CREATED  LEARNERS  SHORT
                t               2         1  never        strong         -                2  -             0

                TABLE  PARTITION  TERM  PRIMARY  SECONDARIES  LEARNERS  MOVE
                t              0     3  n1       -            -         -
                t              1     3  n2       -            -         -
                """);
        assertThat(json("table", "describe", "t").at("/partitions/1/replicas/0"))
                .isEqualTo(tree("{'node':'n2','role':'primary'}"));
        assertThat(json("table", "list").at("/tables/1"))
                .isEqualTo(tree("{'name':'t','partitions':2,'replicas':1,'created_epoch':2,'options':"
                        + "{'default_time_to_live_millis':0,'default_read_consistency':'strong','max_value_bytes':0},"
                        + "'learners':{},'under_replicated':0}"));
        expect(shell.run("table", "drop", "t", "--yes"), 0, "table t dropped, epoch 3\n");
        assertThat(shell.run("table", "drop", "t", "--yes").status()).isEqualTo(1);
        assertThat(shell.run("table", "describe", "t").status()).isEqualTo(1);
        assertThat(json("table", "create", "u").fieldNames())
                .toIterable()
                .containsExactly("epoch", "table", "partitions_not_ready");
    }

    @Test
    void theTopologyShowsWhoHoldsWhatAndWhoIsUp() throws Exception {
        Result text = shell.run("topology");
        assertThat(text.status()).isZero();
        assertThat(text.out())
                .startsWith("epoch 1, cluster c-1, orchestrator on n1, 3 of 3 nodes up\n\nNODE  STATE")
                .contains("n3    up     zone2     100  " + cluster.endpoint(2))
                .contains("default          1     3  n2       n3, n1       -");
        assertThat(text.out().lines()).allMatch(line -> line.length() <= 100);
        assertThat(json("topology").fieldNames())
                .toIterable()
                .containsExactly(
                        "epoch",
                        "cluster_id",
                        "orchestrator_node",
                        "balancing_paused",
                        "nodes",
                        "tables",
                        "partitions");
        assertThat(json("node", "list").at("/nodes/0").fieldNames())
                .toIterable()
                .containsExactly(
                        "id",
                        "state",
                        "zone",
                        "weight",
                        "grpc_endpoint",
                        "cluster_endpoint",
                        "http_endpoint",
                        "primaries",
                        "secondaries",
                        "learners",
                        "draining",
                        "lost",
                        "replaced_by");
        assertThat(json("partition", "list", "default").at("/partitions/0").fieldNames())
                .toIterable()
                .containsExactly("table", "partition", "term", "replicas", "replicas_wanted", "migration");
        assertThat(shell.run("partition", "list").out().lines()).hasSize(5);
        assertThat(shell.run("partition", "list", "nosuch").status()).isEqualTo(1);
    }

    private static void expect(Result result, int status, String out) {
        assertThat(result.out()).as(result.err()).isEqualTo(out);
        assertThat(result.status()).as(result.err()).isEqualTo(status);
    }

    private JsonNode json(String... words) throws Exception {
        String[] all = new String[words.length + 2];
        all[0] = "-o";
        all[1] = "json";
        System.arraycopy(words, 0, all, 2, words.length);
        String out = shell.run(all).out();
        assertThat(out.lines()).hasSize(1);
        return new ObjectMapper().readTree(out);
    }

    private static JsonNode tree(String json) throws Exception {
        return new ObjectMapper().readTree(json.replace('\'', '"').replace("\\\"", "\\\""));
    }
}
