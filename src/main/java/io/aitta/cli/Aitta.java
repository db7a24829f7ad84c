package io.aitta.cli;

import io.grpc.netty.shaded.io.netty.util.internal.logging.InternalLoggerFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.JdkLoggerFactory;
import java.time.Duration;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The {@code aitta} command: its global options, and the entry point of the process. */
@Command(
        name = "aitta",
        description = "A distributed, replicated, durable key-value store.",
        versionProvider = BuildVersion.class,
        subcommands = {
            QuickstartCommand.class,
            ServeCommand.class,
            GetCommand.class,
            SetCommand.class,
            DelCommand.class,
            ExistsCommand.class,
            AppendCommand.class,
            IncrCommand.class,
            ExpireCommand.class,
            PersistCommand.class,
            TtlCommand.class,
            MgetCommand.class,
            MsetCommand.class,
            MdelCommand.class,
            TxnCommand.class,
            ScanCommand.class,
            DelrangeCommand.class,
            FlushCommand.class,
            CountCommand.class,
            WatchCommand.class,
            ImportCommand.class,
            ExportCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            BenchCommand.class,
            ReplCommand.class,
            TableCommand.class,
            TopologyCommand.class,
            NodeCommand.class,
            PartitionCommand.class,
            RebalanceCommand.class,
            MigrateCommand.class,
            MigrationsCommand.class,
            TransferPrimaryCommand.class,
            AddReplicaCommand.class,
            RemoveReplicaCommand.class,
            JoinCommand.class,
            LeaveCommand.class,
            MoveCommand.class,
            QueryCommand.class,
            MetaCommand.class,
            InfoCommand.class,
            SlowLogCommand.class,
            WaitHealthyCommand.class,
            CheckCommand.class,
            InspectCommand.class,
            TokenCommand.class,
            CompletionCommand.class,
            HelpCommand.class
        },
        footer = {
            "",
            "Environment:",
            "  AITTA_ENDPOINTS   what --endpoints is when it is not given",
            "  AITTA_CA          the same of --ca",
            "  AITTA_TOKEN_FILE  the same of --token-file",
            "  AITTA_JAVA_OPTS   options for the Java VM of every node (serve, quickstart), e.g. -Xmx2g",
            "  AITTA_LOG_FORMAT  how a node (serve) logs: plain (the default) or json",
            "",
            "Examples:",
            "  aitta quickstart                           three nodes on this machine, and a prompt",
            "  aitta set greeting hello",
            "  aitta get greeting",
            "  aitta --endpoints 10.0.0.1:7400,10.0.0.2:7400 -o json topology",
            "",
            "'aitta COMMAND --help' tells all about a command."
        })
public final class Aitta extends Heading {
    @Option(
            names = "--endpoints",
            paramLabel = "H:P,..",
            scope = ScopeType.INHERIT,
            description = "gRPC doors of one or more nodes (default: 127.0.0.1:7400). The others are found from there.")
    private String endpoints;

    @Option(
            names = "--tls",
            scope = ScopeType.INHERIT,
            description = "Connections are encrypted, to nodes whose certificates this Java trusts.")
    private boolean tls;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "As --tls, to nodes whose certificates are of these authorities (PEM).")
    private String ca;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "A file that holds a token, which is sent with every request.")
    private String tokenFile;

    @Option(
            names = {"-t", "--table"},
            paramLabel = "TABLE",
            scope = ScopeType.INHERIT,
            description = "The table that keys belong to (default: default).")
    private String table;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "text|json",
            completionCandidates = Output.Words.class,
            scope = ScopeType.INHERIT,
            converter = Output.Converter.class,
            description = "How answers are written (default: text). Errors are always text, on stderr.")
    private Output output;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            scope = ScopeType.INHERIT,
            converter = TimeoutConverter.class,
            description = "How long a request may take, retries included (default: 5s), such as 500ms or 2m.")
    private Duration timeout;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Print this help.")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Print the version.")
    private boolean version;

    /** What the options come to, laid over {@code defaults}. */
    Defaults over(Defaults defaults) {
        return new Defaults(
                Optional.ofNullable(endpoints).orElse(defaults.endpoints()),
                new Login(
                        tls || defaults.login().tls(),
                        Optional.ofNullable(ca).orElse(defaults.login().ca()),
                        Optional.ofNullable(tokenFile).orElse(defaults.login().tokenFile())),
                Optional.ofNullable(table).orElse(defaults.table()),
                Optional.ofNullable(output).orElse(defaults.output()),
                Optional.ofNullable(timeout).orElse(defaults.timeout()));
    }

    /** What --table says; empty if it is not given. */
    Optional<String> namedTable() {
        return Optional.ofNullable(table);
    }

    /** What --timeout says; empty if it is not given. */
    Optional<Duration> namedTimeout() {
        return Optional.ofNullable(timeout);
    }

    public static void main(String[] args) {
        if (args.length == 0 || !args[0].equals("serve")) {
            keepLibrariesQuiet();
        }
        int status;
        try (var cli = new Cli(Surroundings.ofProcess())) {
            status = cli.run(args);
        }
        System.exit(status);
    }

    /** A client's stderr is for its user; what the libraries would log there says nothing that our errors do not. */
    private static void keepLibrariesQuiet() {
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
        Logger.getLogger("").setLevel(Level.OFF);
    }
}
