package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.client.AittaAdmin;
import io.aitta.client.AittaClient;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;

/** Waits until the cluster is whole. */
@Command(
        name = "wait-healthy",
        description = {
            "Waits until the cluster is whole, so that any one node may be stopped.",
            "",
            "That is: every partition of every table has a primary and takes writes, all the voters that are wanted"
                    + " are there, every replica is up and lacks at most 1000 log entries, and nothing is being moved.",
            "",
            "--timeout is how long to wait in all (here 5m if it is not given). Exit code 0 if the cluster is whole by"
                    + " then, 1 if not. One that cannot be reached meanwhile is waited for. On stderr it is told what is"
                    + " missing, whenever that is something else."
        },
        footer = {
            "",
            "JSON: {\"healthy\",\"epoch\",\"partitions\",\"problems\":[..]}; partitions: how many were looked at;",
            "      problems: sentences, as of the last look",
            "",
            "Examples:",
            "  aitta wait-healthy",
            "  aitta wait-healthy --timeout 10m && echo 'the next node, please'",
            "  aitta -o json wait-healthy --timeout 1s | jq -r '.problems[]'"
        })
final class WaitHealthyCommand extends ClusterCommand {
    private static final int MOST_TOLD = 3;

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** What was seen last. */
    private long epoch;

    private int partitions;
    private List<String> problems = List.of();
    private String told = "";

    @Override
    public Integer call() {
        Duration within = namedTimeout().orElse(PATIENCE);
        var result = Waiting.until(Optional.of(within), this::look);
        boolean healthy = result.end() == Waiting.End.DONE;
        if (problems.isEmpty() && !healthy) {
            problems = List.of(result.missing()); // nobody has answered
        }
        if (json()) {
            ObjectNode json =
                    Answers.object().put("healthy", healthy).put("epoch", epoch).put("partitions", partitions);
            problems.forEach(json.putArray("problems")::add);
            answers().json(json);
        } else if (healthy) {
            answers().line("healthy: " + partitions + " partitions, epoch " + epoch);
        }
        if (healthy) {
            return ExitStatus.DONE;
        }
        if (result.end() == Waiting.End.INTERRUPTED) {
            return ExitStatus.INTERRUPTED;
        }
        complain("not healthy within " + Times.shown(within) + ": " + result.missing());
        return ExitStatus.NOT_FOUND;
    }

    /** However short the wait is, one look has the usual time. */
    private AittaAdmin.BlockingView patient() {
        return admin(AittaClient.DEFAULT_DEADLINE);
    }

    private Optional<String> look() {
        var moves = patient().migrations().list("", false);
        var all = new ArrayList<Partition>();
        // Table by table: there may be more partitions than one answer holds.
        for (Table table : patient().listTables().getTablesList()) {
            all.addAll(patient().partitions().listLive(table.getName()).getPartitionsList());
        }
        epoch = moves.getEpoch();
        partitions = all.size();
        problems = Health.problems(all, moves);
        if (problems.isEmpty()) {
            return Optional.empty();
        }
        String summary = String.join("; ", problems.subList(0, Math.min(MOST_TOLD, problems.size())))
                + (problems.size() > MOST_TOLD ? "; and " + (problems.size() - MOST_TOLD) + " more" : "");
        if (!summary.equals(told) && !json()) {
            complain("waiting: " + summary);
        }
        told = summary;
        return Optional.of(summary);
    }
}
