package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.bench.BenchPlan;
import io.aitta.bench.BenchReport;
import io.aitta.bench.BenchReport.Latencies;
import io.aitta.bench.BenchReport.Phase;
import io.aitta.bench.BenchReport.Second;
import java.io.PrintStream;
import java.util.Locale;

/** How a benchmark is told: while it runs, and at its end. */
record BenchOutput(Setting setting) {
    /**
     * @param transport as it is named on the command line
     * @param err where it is told how it goes
     */
    record Setting(BenchPlan plan, String table, String transport, PrintStream err) {}

    /** Errors that say that data is not what it should be; the words are the engine's. */
    static boolean isWrongData(String error) {
        return error.endsWith(" WRONG_VALUE") || error.endsWith(" LOST");
    }

    void second(Second second) {
        String what =
                switch (second.phase()) {
                    case LOAD -> "load   ";
                    case WARM_UP -> "warm-up";
                    case RUN -> "run    ";
                };
        var line = new StringBuilder(
                text("%s %5.0f s  %,10.0f/s  %,12d done", what, second.seconds(), second.perSecond(), second.done()));
        if (second.phase() != Phase.LOAD) {
            var latencies = second.latencies();
            line.append(text(
                    "  p50 %,d us  p99 %,d us  max %,d us  %,d errors",
                    latencies.p50(), latencies.p99(), latencies.max(), second.errors()));
        } else {
            line.append(text(" of %,d", setting.plan().keys()));
        }
        setting.err().println(line);
    }

    String text(BenchReport report) {
        BenchPlan plan = setting.plan();
        var text = new StringBuilder();
        text.append(text(
                "workload %s: %s%n", plan.workload().word(), plan.workload().description()));
        text.append(text(
                "%,d keys of table %s, %s; values of %,d bytes%n",
                plan.keys(), setting.table(), plan.distribution().word(), plan.valueBytes()));
        text.append(text(
                "%,d clients, %s%,d at once, by %s%s%n",
                plan.clients(),
                plan.multi() ? "together " : "",
                plan.batch(),
                setting.transport(),
                plan.rate() == 0 ? "" : text("; %,.0f/s are due", plan.rate())));
        text.append(text(
                "%n%,.0f operations/s: %,d in %.1f s%n%n", report.perSecond(), report.operations(), report.seconds()));
        if (!report.latencies().isEmpty()) {
            var table = new TextTable("microseconds", "count", "mean", "p50", "p90", "p99", "p99.9", "p99.99", "max");
            report.latencies()
                    .forEach((kind, l) -> table.row(
                            kind.word(),
                            l.count(),
                            Math.round(l.mean()),
                            l.p50(),
                            l.p90(),
                            l.p99(),
                            l.p999(),
                            l.p9999(),
                            l.max()));
            text.append(table).append('\n');
        }
        report.errors().forEach((error, count) -> text.append(text("errors: %,d %s%n", count, error)));
        note(text, report.missing(), "reads found no value");
        note(text, report.conflicts(), "times a read-modify-write had to read again");
        note(text, report.behind(), "operations were due but not begun: the cluster is slower than the target");
        note(text, report.unanswered(), "operations were not waited for any longer");
        if (report.errors().isEmpty()) {
            text.append("no errors\n");
        }
        return text.toString();
    }

    private static void note(StringBuilder text, long count, String what) {
        if (count > 0) {
            text.append(text("%,d %s%n", count, what));
        }
    }

    ObjectNode json(BenchReport report) {
        BenchPlan plan = setting.plan();
        ObjectNode json = Answers.object()
                .put("workload", plan.workload().word())
                .put("distribution", plan.distribution().word())
                .put("transport", setting.transport())
                .put("table", setting.table())
                .put("clients", plan.clients())
                .put("batch", plan.batch())
                .put("multi", plan.multi())
                .put("keys", plan.keys())
                .put("value_bytes", plan.valueBytes())
                .put("target", plan.rate() == 0 ? null : plan.rate())
                .put("seconds", round(report.seconds()))
                .put("operations", report.operations())
                .put("operations_per_second", round(report.perSecond()));
        ObjectNode latencies = json.putObject("latency_micros");
        report.latencies().forEach((kind, one) -> put(latencies.putObject(kind.word()), one));
        ObjectNode errors = json.putObject("errors");
        report.errors().forEach(errors::put);
        return json.put("missing", report.missing())
                .put("conflicts", report.conflicts())
                .put("behind", report.behind())
                .put("unanswered", report.unanswered());
    }

    private static void put(ObjectNode json, Latencies latencies) {
        json.put("count", latencies.count())
                .put("mean", round(latencies.mean()))
                .put("p50", latencies.p50())
                .put("p90", latencies.p90())
                .put("p99", latencies.p99())
                .put("p99.9", latencies.p999())
                .put("p99.99", latencies.p9999())
                .put("max", latencies.max());
    }

    private static double round(double number) {
        return Math.round(number * 1e3) / 1e3;
    }

    private static String text(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
