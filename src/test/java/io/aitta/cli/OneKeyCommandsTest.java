package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.client.FakeCluster;
import io.aitta.proto.v1.Acknowledgement;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.SetRequest;
import io.grpc.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OneKeyCommandsTest {
    private final FakeCluster cluster = new FakeCluster(3);
    private final Shell shell = new Shell(cluster.endpoints());

    @AfterEach
    void stop() {
        cluster.close();
    }

    // ---- conditions

    @Test
    void whatIsSetOnlyUnderAConditionIsSetIfItHolds() {
        shell.run("set", "a", "1", "--if-absent").prints("OK\n");
        shell.run("set", "a", "2", "--if-present").prints("OK\n");
        shell.run("set", "a", "3", "--if-version", "2").prints("OK\n");
        shell.run("set", "a", "4", "--if-value", "3").prints("OK\n");
        shell.run("get", "a").prints("4\n");
    }

    @Test
    void aConditionThatDoesNotHoldIsExitCode1AndASentence() {
        shell.run("set", "a", "1", "--if-present")
                .fails(1, "aitta set: the condition does not hold, nothing happened: key 'a' has no value\n");
        shell.run("set", "a", "1").prints("OK\n");
        shell.run("set", "a", "2", "--if-absent")
                .fails(1, "aitta set: the condition does not hold, nothing happened: key 'a' has version 1\n");
        shell.run("set", "a", "2", "--if-version", "7").fails(1, "key 'a' has version 1\n");
        shell.run("set", "a", "2", "--if-value", "7").fails(1, "key 'a' has version 1\n");
        shell.run("get", "a").prints("1\n");
        shell.run("-o", "json", "set", "a", "2", "--if-absent")
                .prints(1, "{\"key\":\"a\",\"applied\":false,\"version\":1}\n");
    }

    @Test
    void whatAKeyHeldBeforeIsToldIfAskedFor() {
        shell.run("set", "a", "one\ttwo", "--previous").prints("OK\nprevious (none)\n");
        shell.run("set", "a", "3", "--previous").prints("OK\nprevious: one\\ttwo\n");
        shell.run("set", "a", "4", "--previous", "--if-absent").prints(1, "previous: 3\n");
        shell.run("-o", "json", "set", "a", "5", "--previous")
                .prints("{\"key\":\"a\",\"applied\":true,\"version\":3,"
                        + "\"previous\":{\"value\":\"3\",\"encoding\":\"utf-8\",\"version\":2}}\n");
        shell.run("-o", "json", "set", "b", "1", "--previous")
                .prints("{\"key\":\"b\",\"applied\":true,\"version\":4,\"previous\":null}\n");
    }

    @Test
    void aKeyIsRemovedUnderAConditionToo() {
        shell.run("set", "a", "1");
        shell.run("del", "a", "--if-version", "9")
                .fails(1, "aitta del: the condition does not hold, nothing happened: key 'a' has version 1\n");
        shell.run("-o", "json", "del", "a", "--if-value", "x", "--previous")
                .prints(
                        1,
                        "{\"key\":\"a\",\"applied\":false,\"existed\":true,\"version\":1,"
                                + "\"previous\":{\"value\":\"1\",\"encoding\":\"utf-8\",\"version\":1}}\n");
        shell.run("del", "a", "--if-value", "1", "--previous").prints("removed 1 of 1\nprevious: 1\n");
        shell.run("del", "a", "--if-absent").prints(1, "removed 0 of 1\n");
        shell.run("del", "a", "--if-present").fails(1, "key 'a' has no value\n");
    }

    // ---- times to live

    @Test
    void aKeyLivesAsLongAsIsSaid() {
        shell.run("set", "a", "1", "--ttl", "1h30m").prints("OK\n");
        shell.run("ttl", "a").prints("1h30m\n");
        shell.run("-o", "json", "ttl", "a")
                .prints("{\"key\":\"a\",\"found\":true,\"version\":1,\"remaining_millis\":5400000}\n");
        shell.run("-o", "json", "get", "a")
                .prints("{\"key\":\"a\",\"found\":true,\"value\":\"1\",\"encoding\":\"utf-8\",\"version\":1,"
                        + "\"remaining_millis\":5400000}\n");
        shell.run("persist", "a").prints("OK\n");
        shell.run("ttl", "a").prints("never\n");
        shell.run("-o", "json", "ttl", "a").prints("{\"key\":\"a\",\"found\":true,\"version\":2}\n");
        shell.run("expire", "a", "59.95s").prints("OK\n");
        shell.run("ttl", "a").prints("59.950s\n");
        shell.run("set", "a", "1", "--never-expires").prints("OK\n");
        shell.run("ttl", "a").prints("never\n");
        assertThat(cluster.received(SetRequest.class).stream()
                        .map(call -> ((SetRequest) call.request()))
                        .map(set -> set.hasTimeToLiveMillis() ? set.getTimeToLiveMillis() : -1))
                .containsExactly(5_400_000L, 0L);
    }

    @Test
    void aMissingKeyHasNoTimeToLiveAndGetsNone() {
        shell.run("ttl", "x").fails(1, "aitta ttl: key 'x' not found\n");
        shell.run("expire", "x", "5s").fails(1, "aitta expire: key 'x' not found\n");
        shell.run("persist", "x").fails(1, "aitta persist: key 'x' not found\n");
        shell.run("-o", "json", "ttl", "x").prints(1, "{\"key\":\"x\",\"found\":false}\n");
        shell.run("-o", "json", "expire", "x", "5").prints(1, "{\"key\":\"x\",\"existed\":false}\n");
        shell.run("-o", "json", "persist", "x").prints(1, "{\"key\":\"x\",\"existed\":false}\n");
    }

    // ---- exists, append, incr

    @Test
    void existsSaysItOfEachKeyAndIsExitCode1IfOneIsMissing() {
        shell.run("set", "a", "1");
        shell.run("set", "b\t", "");
        shell.run("exists", "a").prints("a\tyes\n");
        shell.run("exists", "b\t", "x", "a").prints(1, "b\\t\tyes\nx\tno\na\tyes\n");
        shell.run("-o", "json", "exists", "a", "x")
                .prints(1, "{\"exists\":[{\"key\":\"a\",\"exists\":true},{\"key\":\"x\",\"exists\":false}]}\n");
        cluster.refuseNext(Status.Code.INVALID_ARGUMENT, "EMPTY_KEY", "a key has at least 1 byte");
        var failed = shell.run("exists", "a");
        assertThat(failed.status()).isEqualTo(2);
        assertThat(failed.out()).isEqualTo("a (error: EMPTY_KEY)\n");
    }

    @Test
    void appendPrintsTheLengthThen() {
        shell.run("append", "log", "ab").prints("2\n");
        shell.run("append", "log", "--hex", "00ff").prints("4\n");
        shell.withInput("xyz")
                .run("-o", "json", "append", "log", "-")
                .prints("{\"key\":\"log\",\"version\":3,\"length\":7}\n");
    }

    @Test
    void incrPrintsTheNumberThen() {
        shell.run("incr", "n").prints("1\n");
        shell.run("incr", "n", "41").prints("42\n");
        shell.run("incr", "n", "-2").prints("40\n");
        shell.run("incr", "n", "--by", "-40").prints("0\n");
        shell.run("incr", "n", "--by=-5").prints("-5\n");
        shell.run("incr", "--", "n", "-5").prints("-10\n");
        shell.run("-o", "json", "incr", "n", "0").prints("{\"key\":\"n\",\"version\":7,\"value\":-10}\n");
        cluster.refuseNext(Status.Code.FAILED_PRECONDITION, "NOT_A_NUMBER", "the value is no number");
        shell.run("incr", "n").fails(3, "aitta incr: the value is no number (NOT_A_NUMBER)\n");
    }

    // ---- how reads and writes are made

    @Test
    void aReadSaysWhatItMustSee() {
        shell.run("set", "a", "1");
        shell.run("get", "a").prints("1\n");
        shell.run("get", "a", "--consistency", "default").prints("1\n");
        shell.run("get", "a", "--consistency", "strong").prints("1\n");
        shell.run("get", "a", "--consistency", "session").prints("1\n");
        shell.run("get", "a", "--consistency", "eventual").prints("1\n");
        shell.run("get", "a", "--consistency", "eventual", "--max-staleness", "2s")
                .prints("1\n");
        assertThat(cluster.received(GetRequest.class).stream().map(call -> ((GetRequest) call.request())))
                .extracting(GetRequest::getConsistency)
                .endsWith(
                        ReadConsistency.STRONG,
                        ReadConsistency.SESSION,
                        ReadConsistency.EVENTUAL,
                        ReadConsistency.EVENTUAL);
        var last = cluster.received(GetRequest.class);
        assertThat(((GetRequest) last.get(last.size() - 1).request()).getMaxStalenessMillis())
                .isEqualTo(2_000);
    }

    @Test
    void ofAFastWriteIsSaidThatItWasSentAndNoMore() {
        shell.run("set", "a", "1", "--ack", "quorum").prints("OK\n");
        shell.run("set", "a", "1", "--ack", "fast").prints("SENT\n");
        shell.run("-o", "json", "set", "a", "1", "--ack", "fast").prints("{\"key\":\"a\",\"sent\":true}\n");
        shell.run("append", "a", "1", "--ack", "fast").prints("SENT\n");
        shell.run("incr", "a", "--ack", "fast").prints("SENT\n");
        shell.run("expire", "a", "1h", "--ack", "fast").prints("SENT\n");
        shell.run("persist", "a", "--ack", "fast").prints("SENT\n");
        shell.run("mset", "a", "1", "b", "2", "--ack", "fast").prints("SENT\n");
        shell.run("-o", "json", "mset", "a", "1", "--ack", "fast")
                .prints("{\"writes\":[{\"key\":\"a\",\"sent\":true}]}\n");
        shell.run("mdel", "a", "x", "--ack", "fast").prints("SENT\n");
        shell.run("-o", "json", "del", "a", "--ack", "fast").prints("{\"deletes\":[{\"key\":\"a\",\"sent\":true}]}\n");
        shell.run("del", "b", "--ack", "fast", "--if-version", "5").prints("SENT\n");
        shell.run("txn", "--then", "incr n", "--ack", "fast").prints("SENT\n");
        assertThat(cluster.received(SetRequest.class).stream()
                        .map(call -> ((SetRequest) call.request()).getHeader().getAcknowledgement()))
                .hasSize(3)
                .endsWith(Acknowledgement.FAST, Acknowledgement.FAST)
                .satisfies(
                        first -> assertThat(first).isNotEqualTo(Acknowledgement.FAST),
                        org.assertj.core.data.Index.atIndex(0));
    }

    // ---- many keys

    @Test
    void mdelSaysHowManyThereWere() {
        shell.run("mset", "a", "1", "b", "2", "--ttl", "1h").prints("OK\n");
        shell.run("ttl", "b").prints("1h\n");
        shell.run("mdel", "a", "b").prints("removed 2 of 2\n");
        shell.run("mdel", "a").fails(1, "aitta mdel: key 'a' not found\n");
        shell.run("-o", "json", "mdel", "a").prints(1, "{\"deletes\":[{\"key\":\"a\",\"existed\":false}]}\n");
        cluster.failKeyOnce("a", io.aitta.proto.v1.KeyError.Kind.REFUSED, "SESSION_EXPIRED");
        shell.run("mdel", "a").fails(3, "aitta mdel: key 'a': because of SESSION_EXPIRED (SESSION_EXPIRED)\n");
    }

    @Test
    void mgetTellsHowLongKeysLive() {
        shell.run("set", "a", "1", "--ttl", "1s");
        shell.run("-o", "json", "mget", "a", "--consistency", "eventual")
                .prints(
                        "{\"reads\":[{\"key\":\"a\",\"found\":true,\"value\":\"1\",\"encoding\":\"utf-8\",\"version\":1,"
                                + "\"remaining_millis\":1000}]}\n");
    }

    // ---- tables

    @Test
    void aTableHasOptionsThatCanBeChanged() {
        var created = shell.run(
                "-o",
                "json",
                "table",
                "create",
                "t",
                "--partitions",
                "1",
                "--default-ttl",
                "7d",
                "--max-value-size",
                "64KiB",
                "--default-consistency",
                "eventual");
        assertThat(created.out())
                .contains("\"options\":{\"default_time_to_live_millis\":604800000,"
                        + "\"default_read_consistency\":\"eventual\",\"max_value_bytes\":65536}");
        shell.run("table", "alter", "t", "--default-ttl", "never", "--max-value-size", "100")
                .prints("table t altered, epoch 3\n");
        assertThat(shell.run("table", "describe", "t").out()).contains("never        eventual       100B");
        assertThat(shell.run("-o", "json", "table", "alter", "t", "--default-consistency", "session")
                        .out())
                .startsWith("{\"epoch\":4,\"table\":{\"name\":\"t\"")
                .contains("\"default_read_consistency\":\"session\"");
        shell.run("table", "alter", "nosuch", "--default-ttl", "1s").fails(1, "(TABLE_NOT_FOUND)\n");
    }
}
