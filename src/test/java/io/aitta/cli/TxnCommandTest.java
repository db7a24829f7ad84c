package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.client.FakeCluster;
import io.aitta.proto.v1.TransactionRequest;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class TxnCommandTest {
    private final FakeCluster cluster = new FakeCluster(1);
    private final Shell shell = new Shell(cluster.endpoints());

    @TempDir
    Path dir;

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void everyOperationPrintsWhatCameOfIt() {
        shell.run("set", "{a}old", "two\tparts");
        shell.run(
                        "txn",
                        "--then",
                        "get {a}old",
                        "--then",
                        "get {a}no",
                        "--then",
                        "set {a}b 'x y' --ttl 1h",
                        "--then",
                        "append {a}b z",
                        "--then",
                        "incr {a}n",
                        "--then",
                        "incr {a}n -3",
                        "--then",
                        "expire {a}n 5s",
                        "--then",
                        "persist {a}n",
                        "--then",
                        "del {a}old",
                        "--then",
                        "del {a}old")
                .prints("OK\nget {a}old\ttwo\\tparts\nget {a}no (not found)\nset {a}b\tOK\nappend {a}b\t4\n"
                        + "incr {a}n\t1\nincr {a}n\t-2\nexpire {a}n\tOK\npersist {a}n\tOK\ndel {a}old\tOK\n"
                        + "del {a}old (not found)\n");
        shell.run("get", "{a}b").prints("x yz\n");
    }

    @Test
    void whenAConditionDoesNotHoldTheOthersAreDoneAndTheExitCodeIs1() {
        shell.run("set", "{a}v", "5");
        shell.run("txn", "--if", "value {a}v 5", "--if", "absent {a}w", "--then", "set {a}w 1", "--else", "get {a}v")
                .prints("OK\nset {a}w\tOK\n");
        var other = shell.run(
                "txn", "--if", "version {a}v 1", "--if", "absent {a}w", "--then", "set {a}w 2", "--else", "get {a}v");
        other.prints(1, "ELSE\nget {a}v\t5\n");
        assertThat(other.err()).isEqualTo("aitta txn: a condition does not hold; the operations of --else were done\n");
        shell.run("txn", "--if", "present {a}x").fails(1, "aitta txn: a condition does not hold, nothing happened\n");
    }

    @Test
    void inJsonEveryOperationHasItsOwnFields() {
        shell.run("-o", "json", "txn", "--then", "set {a}b 1", "--then", "get {a}b", "--then", "get {a}c")
                .prints("{\"succeeded\":true,\"version\":1,\"results\":["
                        + "{\"op\":\"set\",\"key\":\"{a}b\",\"existed\":false,\"version\":1},"
                        + "{\"op\":\"get\",\"key\":\"{a}b\",\"found\":true,\"value\":\"1\",\"encoding\":\"utf-8\",\"version\":1},"
                        + "{\"op\":\"get\",\"key\":\"{a}c\",\"found\":false}]}\n");
        shell.run(
                        "-o",
                        "json",
                        "txn",
                        "--then",
                        "incr {a}n 3",
                        "--then",
                        "append {a}b x",
                        "--then",
                        "del {a}b",
                        "--then",
                        "expire {a}n 1s",
                        "--then",
                        "persist {a}n")
                .prints("{\"succeeded\":true,\"version\":6,\"results\":["
                        + "{\"op\":\"incr\",\"key\":\"{a}n\",\"value\":3,\"version\":2},"
                        + "{\"op\":\"append\",\"key\":\"{a}b\",\"length\":2,\"version\":3},"
                        + "{\"op\":\"del\",\"key\":\"{a}b\",\"existed\":true},"
                        + "{\"op\":\"expire\",\"key\":\"{a}n\",\"existed\":true,\"version\":5},"
                        + "{\"op\":\"persist\",\"key\":\"{a}n\",\"existed\":true,\"version\":6}]}\n");
    }

    @Test
    void aFileOrStdinHasOneConditionOrOperationALine() throws Exception {
        String script =
                """
                # sells it once
                if absent {42}:sold

                then set {42}:sold "to me"
                then incr {42}:left -1
                else   get {42}:sold
                """;
        shell.withInput(script).run("txn", "-").prints("OK\nset {42}:sold\tOK\nincr {42}:left\t-1\n");
        Path file = Files.writeString(dir.resolve("script"), script);
        shell.run("txn", "--file", file.toString()).prints(1, "ELSE\nget {42}:sold\tto me\n");
    }

    @Test
    void itMayBeJsonToo() {
        String script =
                """
                {"if":[{"key":"{a}x","exists":false},{"key":"{a}y","version":0}],
                 "then":[{"op":"set","key":"{a}x","value":"00ff","encoding":"hex","ttl":"1h"},
                         {"op":"append","key":"{a}z","value":"aGk=","encoding":"base64"},
                         {"op":"incr","key":"{a}n","amount":-7},{"op":"incr","key":"{a}n"},
                         {"op":"expire","key":"{a}n","ttl":"5s"},{"op":"persist","key":"{a}n"},
                         {"op":"del","key":"{a}no"},{"op":"get","key":"{a}z"}],
                 "else":[{"op":"get","key":"{a}x"}]}
                """;
        shell.withInput(script)
                .run("txn", "-")
                .prints("OK\nset {a}x\tOK\nappend {a}z\t2\nincr {a}n\t-7\nincr {a}n\t-6\nexpire {a}n\tOK\n"
                        + "persist {a}n\tOK\ndel {a}no (not found)\nget {a}z\thi\n");
        var sent = (TransactionRequest)
                cluster.received(TransactionRequest.class).get(0).request();
        assertThat(sent.getThenOperations(0).getSet().getTimeToLiveMillis()).isEqualTo(3_600_000);
        assertThat(sent.getComparesList()).hasSize(2);
        shell.run("get", "{a}x", "--hex").prints("00ff\n");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "when a | the line 'when a' does not begin with if, then or else",
                "then | '' is no operation",
                "# nothing | the transaction has no condition and no operation",
                "{ | the transaction is not JSON: ",
                "{} x | the transaction is not JSON: ",
                "{\"then\":3} | \"then\" must be a list",
                "{\"when\":[]} | there is no field 'when'",
                "{\"then\":[3]} | a JSON object is wanted, not 3",
                "{\"then\":[{\"op\":\"get\"}]} | \"key\" must be a text",
                "{\"then\":[{\"op\":\"frob\",\"key\":\"a\"}]} | 'frob' is no operation",
                "{\"then\":[{\"op\":\"set\",\"key\":\"a\"}]} | \"value\" must be a text",
                "{\"then\":[{\"op\":\"expire\",\"key\":\"a\",\"ttl\":\"x\"}]} | 'x' is not a time above zero",
                "{\"then\":[{\"op\":\"incr\",\"key\":\"a\",\"amount\":1.5}]} | \"amount\" must be a whole number",
                "{\"then\":[{\"op\":\"set\",\"key\":\"a\",\"value\":\"%\",\"encoding\":\"base64\"}]} | is not base64",
                "{\"then\":[{\"op\":\"set\",\"key\":\"a\",\"value\":\"\",\"encoding\":\"x\"}]} | \"encoding\" is utf-8, hex",
                "{\"if\":[{\"key\":\"a\"}]} | a condition has one of",
                "{\"if\":[{\"key\":\"a\",\"exists\":1}]} | \"exists\" must be true or false",
                "{\"if\":[{\"key\":\"a\",\"exists\":true,\"version\":1}]} | a condition has one of",
            })
    void whatIsNotATransactionIsSaidToBeSo(String script, String message) {
        var result = shell.withInput(script).run("txn", "-");
        assertThat(result.err()).contains(message);
        assertThat(result.err().lines()).hasSize(1);
        assertThat(result.status()).isEqualTo(2);
    }

    @Test
    void keysThatDoNotBelongTogetherAreSaidToBeSoByTheCluster() {
        cluster.refuseNext(Status.Code.INVALID_ARGUMENT, "KEYS_NOT_TOGETHER", "keys a and b are of two partitions");
        shell.run("txn", "--then", "set a 1", "--then", "set b 1")
                .fails(2, "aitta txn: keys a and b are of two partitions (KEYS_NOT_TOGETHER)\n");
    }

    @Test
    void atAPromptTheWordsAreThoseOfTheLine() {
        var result = shell.withInput("txn --then \"set {a}b 'x y'\" --then 'get {a}b'\ntxn -\n")
                .prompt();
        assertThat(result.out()).isEqualTo("OK\nset {a}b\tOK\nget {a}b\tx y\n");
        assertThat(result.err()).contains("'-' would read the commands that follow");
    }
}
