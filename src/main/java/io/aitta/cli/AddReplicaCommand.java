package io.aitta.cli;

import io.aitta.proto.v1.MigrateResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives a partition one more replica. */
@Command(
        name = "add-replica",
        description = {
            "Gives a partition one more replica.",
            "",
            "It wants so many from then on, until 'aitta table set-replicas'. The copy is made in the background."
        },
        footer = {
            "",
            "JSON: {\"epoch\",\"migration\":{..}}, as in 'migrations'",
            "",
            "Examples:",
            "  aitta add-replica users 3 n4 --wait",
            "  aitta add-replica users 3 n5 --learner"
        })
final class AddReplicaCommand extends OneMove {
    @Parameters(index = "0", paramLabel = "TABLE", description = "The table.")
    private String table;

    @Parameters(index = "1", paramLabel = "PARTITION", description = "Its number, from 0.")
    private int partition;

    @Parameters(index = "2", paramLabel = "NODE", description = "The node that gets it.")
    private String node;

    @Option(names = "--learner", description = "It gets no vote: an asynchronous copy for EVENTUAL and SESSION reads.")
    private boolean learner;

    @Override
    MigrateResponse begin(EpochMixin epoch) {
        return admin().migrations().addReplica(table, partition, node, learner, epoch.expected());
    }
}
