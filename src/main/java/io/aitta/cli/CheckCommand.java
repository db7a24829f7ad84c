package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.client.AittaClient;
import io.aitta.proto.v1.CheckClusterResponse;
import io.aitta.proto.v1.CheckVerdict;
import io.aitta.proto.v1.CompareReplicasResponse;
import io.aitta.proto.v1.ComparisonResult;
import io.aitta.proto.v1.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Says whether the whole cluster is as it should be. */
@Command(
        name = "check",
        description = {
            "Says whether the whole cluster is as it should be, and what is not.",
            "",
            "Looked at are: nodes, whether all know the same topology, the orchestrator, the group that keeps the"
                    + " topology, the primary, voters and state of every partition, lag, moves that do not move on, free"
                    + " space on the disks (5 %% or 1 GiB must be left), clocks (500 ms apart at most). What is so for a"
                    + " moment only is not told.",
            "",
            "The verdict is healthy, degraded (all is served, but the next loss may be one too many) or critical."
                    + " Exit code 0 if it is healthy, 1 if not.",
            "",
            "With --deep the replicas of each partition are compared too: a digest of the values, sessions, expiry index and"
                    + " mark of every replica at the same place of its log, while writes go on. Replicas are read one after the"
                    + " other, as fast as aitta.replica.copy-bandwidth allows. Exit code 1 if some differ, or cannot be"
                    + " compared."
        },
        footer = {
            "",
            "JSON: {\"verdict\",\"epoch\",\"partitions\",\"replicas\",\"findings\":[{\"severity\",\"check\",\"message\",..}],",
            "      \"findings_left_out\",\"nodes\":[{\"node\",\"answered\",\"epoch\",\"clock_ahead_millis\",\"disks\":[..]}]}",
            "      with --deep also \"deep\":{\"partitions\",\"equal\",\"different\",\"not_compared\",\"problems\":[..]}",
            "",
            "Examples:",
            "  aitta check",
            "  aitta check --deep",
            "  aitta -t users check --deep           only the replicas of one table are compared",
            "  aitta -o json check | jq -r '.findings[].message'"
        })
final class CheckCommand extends ClusterCommand {
    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(10);

    @Option(names = "--deep", description = "Compare the data of all replicas too.")
    private boolean deep;

    @Override
    public Integer call() {
        CheckClusterResponse check = admin().checks().cluster();
        boolean isHealthy = check.getVerdict() == CheckVerdict.VERDICT_HEALTHY;
        ObjectNode json = CheckReport.json(check);
        if (!json()) {
            answers().text(CheckReport.text(check));
        }
        if (deep) {
            List<Compared> compared = compareAll();
            isHealthy &= compared.stream().allMatch(Compared::isEqual);
            json.set("deep", CheckReport.deepJson(compared));
            if (!json()) {
                answers().text(CheckReport.deepText(compared));
            }
        }
        if (json()) {
            answers().json(json);
        }
        return isHealthy ? ExitStatus.DONE : ExitStatus.NOT_FOUND;
    }

    /** What a comparison of one partition came to. */
    record Compared(String table, int partition, CompareReplicasResponse answer) {
        boolean isEqual() {
            return answer.getResult() == ComparisonResult.REPLICAS_EQUAL;
        }
    }

    private List<Compared> compareAll() {
        List<Table> tables = admin().listTables().getTablesList().stream()
                .filter(table -> namedTable().isEmpty() || namedTable().get().equals(table.getName()))
                .toList();
        if (tables.isEmpty()) {
            throw new CommandFailed(
                    ExitStatus.NOT_FOUND,
                    "there is no table " + Values.quoted(namedTable().orElse("")));
        }
        int all = tables.stream().mapToInt(Table::getPartitions).sum();
        var compared = new ArrayList<Compared>(all);
        long told = System.nanoTime();
        for (Table table : tables) {
            for (int partition = 0; partition < table.getPartitions(); partition++) {
                compared.add(new Compared(table.getName(), partition, compare(table.getName(), partition)));
                if (System.nanoTime() - told > TELL_NANOS) {
                    told = System.nanoTime();
                    complain("compared " + compared.size() + " of " + all + " partitions");
                }
            }
        }
        return compared;
    }

    /** Each of its calls has the usual time, however long the whole takes: the nodes see to it that it ends. */
    private CompareReplicasResponse compare(String table, int partition) {
        var checks = admin(namedTimeout().orElse(AittaClient.DEFAULT_DEADLINE)).checks();
        CompareReplicasResponse answer = checks.compareReplicas(table, partition, "");
        while (answer.getResult() == ComparisonResult.COMPARING) {
            answer = checks.compareReplicas(table, partition, answer.getComparison());
        }
        return answer;
    }
}
