package io.aitta.cli;

import com.google.protobuf.ByteString;
import io.aitta.client.Transaction;
import io.aitta.client.TransactionResult;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares, then does one of two lists of operations, atomically. */
@Command(
        name = "txn",
        description = {
            "Compares, then does one of two lists of operations: all or nothing, isolated.",
            "",
            "If all conditions hold, the operations of --then are done, else those of --else. Without conditions it is "
                    + "an atomic batch. All keys must live in one partition, as keys with one hash tag do: "
                    + "{acct}a and {acct}b.",
            "",
            "Each condition and operation is one argument, taken apart as at the prompt ('a b', \"a b\", \\):",
            "  conditions   absent KEY | present KEY | version KEY N | value KEY VALUE",
            "  operations   get KEY | set KEY VALUE [--ttl TIME] | del KEY | append KEY VALUE",
            "               incr KEY [AMOUNT] | expire KEY TIME | persist KEY",
            "",
            "In a file (--file) or on stdin (-) there is one a line, after 'if', 'then' or 'else'; blank lines and lines "
                    + "that begin with # are left out. Or it is one JSON object:",
            "  {\"if\":[{\"key\",\"exists\":true|false or \"version\":N or \"value\":V}],",
            "   \"then\":[{\"op\":\"set\",\"key\",\"value\",\"ttl\"}, {\"op\":\"incr\",\"key\",\"amount\"}, ..], \"else\":[..]}",
            "A value may have \"encoding\":\"hex\" or \"base64\" beside it.",
            "",
            "Prints OK, or ELSE if a condition did not hold, then a line for each operation done: the operation and its "
                    + "key, a tab, and the value (get), length (append), number (incr) or OK; or '(not found)' without "
                    + "a tab. The exit code is 1 if a condition did not hold."
        },
        footer = {
            "",
            "JSON: {\"succeeded\",\"version\",\"results\":[{\"op\",\"key\",..}]}, where .. is of",
            "      get: \"found\",\"value\",\"encoding\",\"version\",\"remaining_millis\"; incr: \"value\",\"version\";",
            "      append: \"length\",\"version\"; del: \"existed\"; others: \"existed\",\"version\"",
            "      with --ack fast only {\"sent\"}",
            "",
            "Examples:",
            "  aitta txn --then 'incr {acct}a -5' --then 'incr {acct}b 5'",
            "  aitta txn --if 'version {acct}a 3' --if 'absent {acct}b' \\",
            "      --then 'set {acct}a 5' --then 'incr {acct}b -2' --else 'get {acct}a'",
            "  printf 'if absent {42}:sold\\nthen set {42}:sold \"to me\"\\n' | aitta txn -"
        })
final class TxnCommand extends ClusterCommand {
    @Option(names = "--if", paramLabel = "CONDITION", description = "What must hold; may be given several times.")
    private List<String> conditions = List.of();

    @Option(names = "--then", paramLabel = "OPERATION", description = "To be done, in this order, if all hold.")
    private List<String> thenOperations = List.of();

    @Option(names = "--else", paramLabel = "OPERATION", description = "To be done, in this order, if one does not.")
    private List<String> elseOperations = List.of();

    @Option(names = "--file", paramLabel = "F", description = "Take the transaction from this file.")
    private Path file;

    @Parameters(arity = "0..1", paramLabel = "SOURCE", description = "- takes the transaction from stdin.")
    private String dash;

    @Mixin
    private WriteMixin writes;

    @Override
    public Integer call() {
        Script script = script();
        boolean fast = writes.isFast();
        Transaction transaction = script.transaction();
        TransactionResult result = writes.over(table()).blocking().transaction(transaction);
        return fast ? writes.sent(this, Answers.object()) : new TxnReport(this, script, result).print();
    }

    private Script script() {
        if (dash != null && !dash.equals("-")) {
            throw CommandFailed.badInput("unexpected argument " + Values.quoted(dash)
                    + "; conditions and operations come after --if, --then and --else");
        }
        boolean words = !conditions.isEmpty() || !thenOperations.isEmpty() || !elseOperations.isEmpty();
        int sources = (words ? 1 : 0) + (file == null ? 0 : 1) + (dash == null ? 0 : 1);
        if (sources != 1) {
            throw CommandFailed.badInput(
                    sources == 0
                            ? "a transaction is missing; give it with --if, --then and --else, or --file F, or - for stdin"
                            : "give a transaction in one way: with --if, --then and --else, or --file, or -");
        }
        if (words) {
            var script = new Script();
            conditions.forEach(line -> script.addIf(line));
            thenOperations.forEach(line -> script.addThen(line));
            elseOperations.forEach(line -> script.addElse(line));
            return script;
        }
        ByteString text = file != null ? ValueFiles.read(file) : ValueFiles.read(stdin(), "standard input");
        return ScriptReader.read(text.toStringUtf8());
    }
}
