package io.aitta.cli;

import io.aitta.proto.v1.MigrateResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Takes a replica away. */
@Command(
        name = "remove-replica",
        description = {
            "Takes a replica of a partition away, with its data.",
            "",
            "The partition wants one less from then on, until 'aitta table set-replicas'. A primary hands its role"
                    + " over first. Refused with QUORUM_AT_RISK if the partition would depend on a node that is down."
        },
        footer = {
            "",
            "JSON: {\"epoch\",\"migration\":{..}}, as in 'migrations'",
            "",
            "Examples:",
            "  aitta remove-replica users 3 n4 --wait"
        })
final class RemoveReplicaCommand extends OneMove {
    @Parameters(index = "0", paramLabel = "TABLE", description = "The table.")
    private String table;

    @Parameters(index = "1", paramLabel = "PARTITION", description = "Its number, from 0.")
    private int partition;

    @Parameters(index = "2", paramLabel = "NODE", description = "The node whose replica goes.")
    private String node;

    @Override
    MigrateResponse begin(EpochMixin epoch) {
        return admin().migrations().removeReplica(table, partition, node, epoch.expected());
    }
}
