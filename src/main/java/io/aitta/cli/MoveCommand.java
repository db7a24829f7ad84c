package io.aitta.cli;

import picocli.CommandLine.Command;

/** Another name for {@code migrate}. */
@Command(
        name = "move",
        customSynopsis = "aitta move [--if-epoch=E] [--wait [--within=TIME]] TABLE PARTITION FROM TO",
        description = {
            "Moves a replica of a partition from one node to another.",
            "",
            "The same as 'aitta migrate', which explains it."
        },
        footer = {
            "",
            "JSON: {\"epoch\",\"migration\":{..}}, as in 'migrations'",
            "",
            "Examples:",
            "  aitta move users 3 n1 n4 --wait"
        })
final class MoveCommand extends Migrating {}
