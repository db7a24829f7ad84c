package io.aitta.cli;

import io.aitta.bench.Bench;
import io.aitta.bench.BenchPlan;
import io.aitta.bench.BenchReport;
import io.aitta.bench.BenchStore;
import io.aitta.bench.Distribution;
import io.aitta.bench.Workload;
import io.aitta.client.AittaClient;
import io.aitta.client.AittaException.Refused;
import io.aitta.client.AittaTable;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures a cluster. */
@Command(
        name = "bench",
        description = {
            "Measures a cluster: throughput and latencies of a workload.",
            "",
            "The workloads are those of YCSB: a (half reads, half updates), b (95 %% reads), c (only reads), d (95 %% reads "
                    + "of the latest, 5 %% inserts), e (95 %% short scans, 5 %% inserts), f (half reads, half "
                    + "read-modify-writes under a condition); and write and read (one kind, keys at random).",
            "",
            "A client is a loop: it hands over --batch operations at once, and the next ones when all of these are "
                    + "answered. So at most CLIENTS times BATCH operations are in flight. Clients share one connection to "
                    + "each node, as the threads of a program do. A latency is the time from handing an operation over "
                    + "until its answer; with --target from the moment when it was due, so that a cluster that "
                    + "stalls cannot hide how long operations would have waited.",
            "",
            "Keys are those of the table 'bench' unless -t names another; it is made if it is not there, and stays. "
                    + "Ctrl-C ends the run and prints what was measured so far."
        },
        footer = {
            "",
            "With --verify exit code 4 says also that a value was wrong or lost.",
            "",
            "JSON: {\"workload\",\"distribution\",\"transport\",\"table\",\"clients\",\"batch\",\"multi\",\"keys\",",
            "  \"value_bytes\",\"target\",\"seconds\",\"operations\",\"operations_per_second\",\"latency_micros\":{\"read\":",
            "  {\"count\",\"mean\",\"p50\",\"p90\",\"p99\",\"p99.9\",\"p99.99\",\"max\"},..},\"errors\":{\"read REASON\":n,..},",
            "  \"missing\",\"conflicts\",\"behind\",\"unanswered\"}",
            "",
            "Examples:",
            "  aitta bench                                   workload a for ten seconds",
            "  aitta bench --workload write --clients 8 --batch 64",
            "  aitta bench --workload c --transport unary --clients 64 --no-load",
            "  aitta bench --workload b --target 5000 --duration 1m -o json",
            "  aitta -t big bench --workload a --keys 1000000 --partitions 64 --verify"
        })
final class BenchCommand extends ClusterCommand {
    static final String TABLE = "bench";

    private static final int MOST_CLIENTS = 100_000;
    private static final int MOST_IN_FLIGHT = 1_000_000;
    private static final long MOST_KEYS = 1_000_000_000_000L;

    @Option(names = "--workload", paramLabel = "W", description = "a to f, write or read (default: a).")
    private String workload = "a";

    @Option(
            names = "--transport",
            paramLabel = "T",
            description =
                    "pipeline (a streaming session to each node, as clients have by themselves) or unary (a gRPC call "
                            + "for each operation).")
    private String transport = "pipeline";

    @Option(names = "--clients", paramLabel = "N", description = "How many loops (default: 64).")
    private int clients = 64;

    @Option(names = "--batch", paramLabel = "N", description = "Operations a client hands over at once (default: 1).")
    private int batch = 1;

    @Option(
            names = "--multi",
            description =
                    "The reads of a batch are one MultiGet and its writes one MultiSet, instead of single operations.")
    private boolean multi;

    @Option(names = "--keys", paramLabel = "N", description = "How many keys (default: 100000).")
    private long keys = 100_000;

    @Option(names = "--value-size", paramLabel = "BYTES", description = "Of each value (default: 100).")
    private int valueSize = 100;

    @Option(
            names = "--distribution",
            paramLabel = "D",
            description = "Of the keys: uniform, zipfian or latest (default: the workload's).")
    private String distribution;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "How long to measure (default: 10s).")
    private Duration duration = Duration.ofSeconds(10);

    @Option(
            names = "--warm-up",
            paramLabel = "TIME",
            converter = WarmUp.class,
            description = "How long to run before, without counting (default: 3s; 0: not at all).")
    private Duration warmUp = Duration.ofSeconds(3);

    @Option(
            names = "--target",
            paramLabel = "RATE",
            description = "Operations a second, of all clients together (default: as many as are answered).")
    private Double target;

    @Mixin
    private ReadMixin reads;

    @Mixin
    private WriteMixin writes;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            description = "Of the table, if it is made (default: the cluster's).")
    private Integer partitions;

    @Option(
            names = "--replicas",
            paramLabel = "R",
            description = "Of the table, if it is made (default: the cluster's).")
    private Integer replicas;

    @Option(names = "--load", negatable = true, description = "Write all keys before (default: if the workload reads).")
    private Boolean load;

    @Option(
            names = "--verify",
            description = "Check that each value read is one that was written for its key; a missing key is an error.")
    private boolean verify;

    @Option(names = "--progress", description = "A line on stderr each second, also when this is not at a terminal.")
    private boolean progress;

    @Override
    public Integer call() throws InterruptedException {
        BenchPlan plan = plan();
        var setting = new BenchOutput.Setting(
                plan, tableName(), transport, surroundings().err());
        Defaults common = common();
        try (AittaClient client = AittaClient.builder()
                .endpoints(common.parsedEndpoints())
                .deadline(common.timeout())
                .pipelining(pipelining())
                .build()) {
            AittaTable table = writes.over(reads.over(client.table(tableName())));
            prepareTable(client);
            return measure(new BenchOutput(setting), table);
        }
    }

    private int measure(BenchOutput output, AittaTable table) throws InterruptedException {
        BenchPlan plan = output.setting().plan();
        boolean shown = progress || surroundings().terminal();
        Consumer<BenchReport.Second> live = shown ? output::second : second -> {};
        var bench = new Bench(BenchStore.of(table), plan, live);
        try (var interrupts = Interrupts.tell(bench::stop)) {
            if ((load == null ? plan.workload().isReading() : load) && !bench.load()) {
                throw new CommandFailed(
                        ExitStatus.REFUSED_OR_UNAVAILABLE, "stopped while keys were loaded; nothing was measured");
            }
            BenchReport report = bench.run();
            if (json()) {
                answers().json(output.json(report));
            } else {
                answers().text(output.text(report));
            }
            return status(report);
        }
    }

    private int status(BenchReport report) {
        if (report.errors().keySet().stream().anyMatch(BenchOutput::isWrongData)) {
            complain("values were wrong or lost; the errors above say how many");
            return ExitStatus.OUTCOME_UNKNOWN;
        }
        if (report.operations() == 0 && report.errorCount() > 0) {
            complain("no operation succeeded");
            return ExitStatus.REFUSED_OR_UNAVAILABLE;
        }
        return ExitStatus.DONE;
    }

    // ---- what was asked for

    private BenchPlan plan() {
        Workload work = Workload.named(workload).orElseThrow(() -> oneOf("--workload", workload, Workload.names()));
        Distribution keysBy = distribution == null
                ? work.distribution()
                : Distribution.named(distribution)
                        .orElseThrow(() -> oneOf("--distribution", distribution, Distribution.names()));
        within("--clients", clients, 1, MOST_CLIENTS);
        within("--batch", batch, 1, MOST_CLIENTS);
        within("--clients times --batch", (long) clients * batch, 1, MOST_IN_FLIGHT);
        within("--keys", keys, 1, MOST_KEYS);
        within("--value-size", valueSize, verify ? BenchPlan.LEAST_VERIFIED_BYTES : 0, ValueFiles.MAX_BYTES);
        if (target != null && !(target > 0 && target <= 1e9)) {
            throw CommandFailed.badInput("--target must be above 0 and at most 1000000000 a second, not " + target);
        }
        if (work == Workload.F && writes.isFast()) {
            throw CommandFailed.badInput(
                    "--ack fast does not tell whether a condition held, which workload f has to know");
        }
        return new BenchPlan(
                work,
                keysBy,
                clients,
                batch,
                multi,
                keys,
                valueSize,
                duration,
                warmUp,
                target == null ? 0 : target,
                verify,
                common().timeout().plusSeconds(1));
    }

    private boolean pipelining() {
        return switch (transport) {
            case "pipeline" -> true;
            case "unary" -> false;
            default -> throw oneOf("--transport", transport, List.of("pipeline", "unary"));
        };
    }

    private static CommandFailed oneOf(String option, String word, List<String> right) {
        return CommandFailed.badInput(
                option + " is one of " + String.join(", ", right) + ", not " + Values.quoted(word));
    }

    private static void within(String option, long number, long least, long most) {
        if (number < least || number > most) {
            throw CommandFailed.badInput(option + " must be " + least + " to " + most + ", not " + number);
        }
    }

    // ---- the table

    /** Keys of a benchmark do not belong among those of the default table, unless somebody says so. */
    private String tableName() {
        String table = common().table();
        boolean named = spec.commandLine().getParseResult().hasMatchedOption("--table")
                || spec.root().commandLine().getParseResult().hasMatchedOption("--table");
        return named || !table.equals(Defaults.TABLE) ? table : TABLE;
    }

    private void prepareTable(AittaClient client) {
        var admin = client.admin().blocking();
        try {
            var table = admin.describeTable(tableName()).getTable();
            sameAs("--partitions", partitions, table.getPartitions());
            sameAs("--replicas", replicas, table.getReplicas());
        } catch (Refused e) {
            if (e.kind() != Refused.Kind.NOT_FOUND) {
                throw e;
            }
            admin.createTable(tableName(), optional(partitions), optional(replicas));
        }
    }

    private void sameAs(String option, Integer wanted, int actual) {
        if (wanted != null && wanted != actual) {
            throw CommandFailed.badInput(option + " is " + wanted + ", but table " + Values.quoted(tableName())
                    + " is there already and has " + actual + "; drop it, or name another with -t");
        }
    }

    private static OptionalInt optional(Integer number) {
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /** A time, or 0. */
    private static final class WarmUp implements picocli.CommandLine.ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            return text.equals("0") ? Duration.ZERO : new TimeConverter().convert(text);
        }
    }
}
