package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** None of this needs a cluster: what is wrong with the words is said before anything is sent. */
class BadInputTest {
    /** Commands that do nothing by themselves. */
    private static final Set<String> HEADINGS =
            Set.of("table", "node", "partition", "meta", "backup", "inspect", "token");

    private final Shell shell = new Shell("127.0.0.1:1");

    static Stream<Arguments> wrongLines() {
        return Stream.of(
                wrong("", "aitta: missing command: one of quickstart, serve, get, set,"),
                wrong("gte a", "aitta: unknown command 'gte'; did you mean 'get' or 'set'"),
                wrong("frobnicate", "aitta: unknown command 'frobnicate'; see 'aitta --help'"),
                wrong("table crate", "aitta table: unknown command 'crate'; did you mean 'create'?"),
                wrong("table", "aitta table: missing command: one of create, alter, list, describe, drop,"),
                wrong("get a --hxe", "aitta get: unknown option '--hxe'; did you mean '--hex'?"),
                wrong("set a -x", "aitta set: unknown option '-x'"),
                wrong("set a --zzzzz", "(put -- before a key or value that begins with '-')"),
                wrong("get", "aitta get: missing KEY; see 'aitta get --help'"),
                wrong("get a b", "aitta get: unexpected argument 'b'"),
                wrong("set a", "aitta set: a VALUE is missing; give one, or --file F, or - for stdin"),
                wrong("set a b --file f", "aitta set: give either a VALUE or --file, not both"),
                wrong("set a --file /no/such", "aitta set: there is no file '/no/such'"),
                wrong("set a --hex abc", "--hex needs an even number of hex digits, but 'abc' has 3"),
                wrong("set a --hex abxy", "--hex takes the digits 0-9 and a-f only, not 'abxy'"),
                wrong("mset a", "aitta mset: missing KEY VALUE"),
                wrong("mset a 1 b", "aitta mset: keys and values come in pairs, but the last key, 'b', has no value"),
                wrong("set a 1 --ttl soon", "'soon' is not a time above zero, such as 500ms, 30s, 1h30m or 7d"),
                wrong("set a 1 --ttl 0s", "'0s' is not a time above zero"),
                wrong("set a 1 --ttl 1s --never-expires", "aitta set: give either --ttl or --never-expires, not both"),
                wrong("set a 1 --if-absent --if-version 3", "not both --if-absent and --if-version; 'aitta txn' takes"),
                wrong("set a 1 --if-version -3", "a version is 0 (no value) or more, not -3"),
                wrong("set a 1 --if-version x", "'x' is not a long"),
                wrong("set a 1 --ack later", "aitta set: --ack is quorum or fast, not 'later'"),
                wrong("set a 1 --ack fast --previous", "--previous does not go with --ack fast"),
                wrong("del a b --if-present", "aitta del: a condition or --previous takes one key, not 2"),
                wrong("del a --ack fast --previous", "--previous does not go with --ack fast"),
                wrong("get a --consistency best", "--consistency is one of strong, session, eventual or default, not"),
                wrong("mget a --max-staleness 1s", "--max-staleness goes with --consistency eventual, not default"),
                wrong("exists", "aitta exists: missing KEY"),
                wrong("append a", "aitta append: a VALUE is missing; give one, or --file F, or - for stdin"),
                wrong("incr a --zzzzz", "unknown option '--zzzzz' (put -- before"),
                wrong("incr a 3 --by 4", "aitta incr: give either an AMOUNT or --by, not both"),
                wrong("incr a 1.5", "'1.5' is not a long"),
                wrong("expire a", "aitta expire: missing TIME"),
                wrong("expire a 0", "'0' is not a time above zero"),
                wrong("persist", "aitta persist: missing KEY"),
                wrong("ttl", "aitta ttl: missing KEY"),
                wrong("mdel", "aitta mdel: missing KEY"),
                wrong("mset a 1 --ttl never", "'never' is not a time above zero"),
                wrong("txn", "aitta txn: a transaction is missing; give it with --if, --then and --else, or --file"),
                wrong("txn - --then 'get a'", "give a transaction in one way"),
                wrong("txn file", "aitta txn: unexpected argument 'file'; conditions and operations come after --if"),
                wrong("txn --if 'odd a'", "'odd a' is no condition; conditions are absent KEY, present KEY,"),
                wrong("txn --if 'version a x'", "a version is a whole number within 64 bits, not 'x'"),
                wrong("txn --if 'value \"a'", "a quote (\") is not closed"),
                wrong("txn --then 'frob a'", "'frob a' is no operation; operations are get KEY, set KEY VALUE"),
                wrong("txn --then 'set a'", "'set a' is no operation"),
                wrong("txn --then 'set a 1 --ttl x'", "'x' is not a time above zero"),
                wrong("txn --then 'incr a x'", "an amount is a whole number within 64 bits, not 'x'"),
                wrong("txn --file /no/such", "aitta txn: there is no file '/no/such'"),
                wrong("table alter t", "nothing to change; give --default-ttl, --default-consistency or --max-value-"),
                wrong("table alter t --default-ttl x", "'x' is not a time above zero"),
                wrong("table alter t --default-consistency x", "--default-consistency is one of strong, session or"),
                wrong("table create t --max-value-size 3TiB", "--max-value-size is a number of bytes up to 2GiB, such"),
                wrong("scan --limit 0", "aitta scan: --limit must be at least 1, not 0"),
                wrong("scan --cursor '?'", "'?' is not a cursor; a page before prints it"),
                wrong("scan a", "aitta scan: unexpected argument 'a'"),
                wrong(
                        "delrange --yes",
                        "aitta delrange: say which keys, with --prefix, --tag, --from or --to; 'aitta flush'"),
                wrong("delrange --prefix a", "this would remove keys of table 'default' for good; add --yes"),
                wrong("-t x flush", "aitta flush: this would remove all keys of table 'x' for good; add --yes"),
                wrong("count --limit 3", "aitta count: unknown option '--limit'"),
                wrong("completion fish", "there is a script for bash and for zsh, not for 'fish'"),
                wrong("completion", "aitta completion: missing bash|zsh"),
                wrong("-o xml get a", "'xml' is neither text nor json"),
                wrong("--timeout soon get a", "'soon' is not a time of 1ms to 10m, such as 500ms, 5s or 2m"),
                wrong("--timeout 0 get a", "'0' is not a time"),
                wrong("--timeout 11m get a", "'11m' is not a time"),
                wrong("--endpoints nonsense get a", "'nonsense' is not an endpoint; expected HOST:PORT"),
                wrong("--endpoints a:1, get a", "'' is not an endpoint"),
                wrong("table create t --partitions 0", "partitions must be 1 to 4096, not 0"),
                wrong("table create t --partitions 100000", "partitions must be 1 to 4096, not 100000"),
                wrong("table create t --replicas 0", "replicas must be 1 to 7, not 0"),
                wrong("table create t --replicas many", "'many' is not an int"),
                wrong("table drop t", "add --yes if that is what you want"),
                wrong("serve --grpc-port 70000", "--grpc-port must be 0 (any free port) to 65535, not 70000"),
                wrong("serve --seeds here", "--seeds: 'here' is not an endpoint"),
                wrong("serve -D pekko.loglevel=DEBUG", "-D sets keys that begin with 'aitta.', not 'pekko.loglevel'"),
                wrong("serve --config /no/such", "--config: there is no readable file '/no/such'"),
                wrong("quickstart --nodes 0", "--nodes must be 1 to 16, not 0"),
                wrong("quickstart --base-port 65530", "--base-port must be 1 to 65505, not 65530"),
                wrong("node", "aitta node: missing command: one of list, describe, drain, undrain, replace, remove,"),
                wrong("node drian n1", "aitta node: unknown command 'drian'; did you mean 'drain'?"),
                wrong("node describe", "aitta node describe: missing NODE"),
                wrong("node drain", "aitta node drain: missing NODE"),
                wrong("node drain n1 n2", "aitta node drain: unexpected argument 'n2'"),
                wrong("node drain n1 --within 5m", "aitta node drain: --within goes with --wait"),
                wrong("node drain n1 --wait --within soon", "'soon' is not a time above zero"),
                wrong("node drain n1 --replacement n1", "node 'n1' cannot take its own place; name another"),
                wrong("node replace n1", "aitta node replace: missing NEW"),
                wrong("node replace n1 n1", "node 'n1' cannot take its own place"),
                wrong("node remove", "aitta node remove: missing NODE"),
                wrong("node remove n1 --yes", "--yes goes with --force"),
                wrong("node set-weight n1", "aitta node set-weight: missing WEIGHT"),
                wrong("node set-weight n1 heavy", "'heavy' is not an int"),
                wrong("node set-weight n1 10001", "a weight must be 0 to 10000, not 10001 (BAD_WEIGHT)"),
                wrong("node set-weight -- n1 -1", "a weight must be 0 to 10000, not -1 (BAD_WEIGHT)"),
                wrong("node set-zone n1", "aitta node set-zone: missing ZONE"),
                wrong("partition list a --table b", "give the table once, either as 'a' or as --table 'b'"),
                wrong("partition describe users", "aitta partition describe: missing PARTITION"),
                wrong("partition describe users x", "'x' is not an int"),
                wrong("partition describe users 4096", "partitions have numbers from 0 to 4095, not 4096"),
                wrong("partition recover users 3", "would be lost for ever; add --unsafe if that is what you want"),
                wrong("migrate", "aitta migrate: missing TABLE; the words are TABLE PARTITION FROM TO;"),
                wrong("migrate users 3 n1", "aitta migrate: missing TO; the words are TABLE PARTITION FROM TO;"),
                wrong("migrate users 3 n1 n2 n3", "aitta migrate: unexpected argument 'n3'"),
                wrong("migrate users three n1 n2", "'three' is not an int"),
                wrong("migrate users 5000 n1 n2", "partitions have numbers from 0 to 4095, not 5000"),
                wrong("migrate users 3 n1 n2 --if-epoch 0", "an epoch is 1 or more, not 0"),
                wrong("migrate cancel", "aitta migrate cancel: missing ID"),
                wrong("migrate cancel x", "'x' is not a long"),
                wrong("move users 3", "aitta move: missing FROM; the words are TABLE PARTITION FROM TO;"),
                wrong("migrations --until-done", "--until-done goes with --follow"),
                wrong("migrations n1", "aitta migrations: unexpected argument 'n1'"),
                wrong("rebalance --dry-run --wait", "give either --dry-run or --wait"),
                wrong("rebalance users", "aitta rebalance: unknown command 'users'"),
                wrong("transfer-primary users 3", "aitta transfer-primary: missing NODE"),
                wrong("add-replica users", "aitta add-replica: missing PARTITION"),
                wrong("remove-replica users x n1", "'x' is not an int"),
                wrong("table set-replicas users", "aitta table set-replicas: missing R"),
                wrong("table set-replicas users 8", "replicas must be 1 to 7, not 8 (BAD_REPLICAS)"),
                wrong("table set-learners users west", "aitta table set-learners: missing N"),
                wrong("table set-learners users west 8", "learners must be 0 to 7, not 8 (BAD_REPLICAS)"),
                wrong("leave", "aitta leave: missing NODE"),
                wrong("query x", "'x' is not a long"),
                wrong("query 0", "an epoch is 1 or more, not 0"),
                wrong("query 3 --diff 4", "--diff goes forward in time: 4 is after 3"),
                wrong("meta", "aitta meta: missing command: one of list, add, remove;"),
                wrong("meta add", "aitta meta add: missing NODE"),
                wrong("wait-healthy --timeout 0", "'0' is not a time of 1ms to 10m"),
                wrong("help nosuch", "there is no command 'nosuch'"));
    }

    private static Arguments wrong(String line, String message) {
        return Arguments.of(line, message);
    }

    @ParameterizedTest(name = "aitta {0}")
    @MethodSource("wrongLines")
    void isExitCode2AndOneSentenceThatHelps(String line, String message) {
        var result = shell.run(Words.of(line).toArray(String[]::new));
        assertThat(result.err()).contains(message);
        assertThat(result.err().lines()).hasSize(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.status()).isEqualTo(2);
    }

    @Test
    void everyCommandHasHelpWithExamplesAndExitCodesThatFitsTheTerminal() {
        var commands = new ArrayList<List<String>>();
        try (var cli = new Cli(Surroundings.ofProcess())) {
            collect(cli.commandLine(), List.of(), commands);
        }
        assertThat(commands).hasSizeGreaterThan(15);
        for (List<String> command : commands) {
            var words = new ArrayList<>(command);
            words.add("--help");
            var help = shell.run(words.toArray(String[]::new));
            assertThat(help.status()).isZero();
            assertThat(help.err()).isEmpty();
            assertThat(help.out()).as("%s", command).contains("Usage: aitta", "Exit codes:", "outcome unknown");
            assertThat(help.out().lines()).as("%s", command).allMatch(line -> line.length() <= 100);
            assertThat(help.out().contains("Examples:"))
                    .as("%s has examples", command)
                    .isEqualTo(!HEADINGS.contains(String.join(" ", command)));
            var same = new ArrayList<>(command);
            same.add(0, "help");
            assertThat(shell.run(same.toArray(String[]::new)).out()).isEqualTo(help.out());
        }
    }

    private static void collect(CommandLine command, List<String> path, List<List<String>> into) {
        into.add(path);
        command.getSubcommands().forEach((name, sub) -> {
            var longer = new ArrayList<>(path);
            longer.add(name);
            collect(sub, longer, into);
        });
    }

    @Test
    void theFlagsOfServeBecomeItsOptions() {
        var command = new ServeCommand();
        new CommandLine(command)
                .parseArgs(Words.of("--node-id n1 --data-dir /d --host h --grpc-port 0 --seeds a:1,b:2 --zone z"
                                + " --weight 50 -D aitta.x.y=1 -D aitta.z=a=b")
                        .toArray(String[]::new));
        var options = command.options();
        assertThat(options.nodeId()).contains("n1");
        assertThat(options.host()).contains("h");
        assertThat(options.grpcPort()).hasValue(0);
        assertThat(options.clusterPort()).isEmpty();
        assertThat(options.seeds()).containsExactly("a:1", "b:2");
        assertThat(options.zone()).contains("z");
        assertThat(options.weight()).hasValue(50);
        assertThat(options.overrides()).containsEntry("aitta.x.y", "1").containsEntry("aitta.z", "a=b");
        assertThat(options.config()).isEmpty();
    }
}
