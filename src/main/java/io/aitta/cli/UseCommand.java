package io.aitta.cli;

import io.aitta.client.AittaException.Refused;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** At a prompt: chooses the table that the commands after it belong to. */
@Command(
        name = "use",
        description = {
            "Chooses the table that keys belong to from now on, where -t does not say otherwise.",
            "",
            "The prompt shows it. The exit code of a table that does not exist is 1."
        },
        footer = {"", "JSON: {\"table\"}", "", "Examples:", "  use orders", "  use default"})
final class UseCommand extends ClusterCommand {
    private final Consumer<String> chosen;

    @Parameters(paramLabel = "TABLE", description = "The table.")
    private String name;

    UseCommand(Consumer<String> chosen) {
        this.chosen = chosen;
    }

    @Override
    public Integer call() {
        try {
            admin().describeTable(name);
        } catch (Refused e) {
            throw TableCommand.orNotFound(e);
        }
        chosen.accept(name);
        return answer("table " + name, Answers.object().put("table", name));
    }
}
