package io.aitta.cli;

import io.aitta.proto.v1.MigrateResponse;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** What the names of one thing share: a replica goes from one node to another. */
abstract class Migrating extends OneMove {
    // Not required by picocli's rules: it would require them of 'migrate cancel' too.
    @Parameters(index = "0", arity = "0..1", paramLabel = "TABLE", description = "The table.")
    private String table;

    @Parameters(index = "1", arity = "0..1", paramLabel = "PARTITION", description = "Its number, from 0.")
    private Integer partition;

    @Parameters(index = "2", arity = "0..1", paramLabel = "FROM", description = "The node whose replica goes.")
    private String from;

    @Parameters(index = "3", arity = "0..1", paramLabel = "TO", description = "The node that gets one.")
    private String to;

    @Override
    final MigrateResponse begin(EpochMixin epoch) {
        if (to == null) {
            String missing = table == null ? "TABLE" : partition == null ? "PARTITION" : from == null ? "FROM" : "TO";
            throw new ParameterException(
                    spec.commandLine(),
                    "Missing " + missing + "; the words are TABLE PARTITION FROM TO; see '" + spec.qualifiedName()
                            + " --help'");
        }
        return admin().migrations().migrate(table, partition, from, to, epoch.expected());
    }
}
