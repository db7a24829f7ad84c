package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.client.AittaAdmin;
import io.aitta.client.AittaClient;
import io.aitta.client.AittaException;
import io.aitta.client.AittaTable;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What all commands share that talk to a cluster. */
abstract class ClusterCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    private Surroundings surroundings;
    private Defaults defaults;
    private Clients clients;
    private boolean prompt;

    final void attach(Surroundings surroundings, Defaults defaults, Clients clients, boolean prompt) {
        this.surroundings = surroundings;
        this.defaults = defaults;
        this.clients = clients;
        this.prompt = prompt;
    }

    final Answers answers() {
        return new Answers(surroundings.out());
    }

    final boolean json() {
        return options().output() == Output.JSON;
    }

    final AittaTable table() {
        Defaults options = options();
        return client(options).table(options.table()).withDeadline(options.timeout());
    }

    /** Runs a prompt whose commands begin with the options of this one. */
    final int runPrompt() {
        try (var cli = Cli.forPrompt(surroundings, options())) {
            return new Prompt(cli, surroundings).run();
        }
    }

    final AittaAdmin.BlockingView admin() {
        return admin(options().timeout());
    }

    final AittaAdmin.BlockingView admin(Duration deadline) {
        return client(options()).admin().withDeadline(deadline).blocking();
    }

    /** What --timeout says on this very line. */
    final Optional<Duration> namedTimeout() {
        return ((Aitta) spec.root().userObject()).namedTimeout();
    }

    /** What --table says on this very line. */
    final Optional<String> namedTable() {
        return ((Aitta) spec.root().userObject()).namedTable();
    }

    /** What holds for this command line. */
    final Defaults common() {
        return options();
    }

    final Surroundings surroundings() {
        return surroundings;
    }

    /** Standard input as data, where it does not bring the commands. */
    final InputStream stdin() {
        if (prompt) {
            throw CommandFailed.badInput("'-' would read the commands that follow; use --file or --hex here");
        }
        return surroundings.in();
    }

    /** Prints one line, or the same as JSON; gives the exit status of what is done. */
    final int answer(String text, ObjectNode json) {
        if (json()) {
            answers().json(json);
        } else {
            answers().line(text);
        }
        return ExitStatus.DONE;
    }

    /** Says that there is no such key: on stderr, and as JSON if that is asked for. Gives the exit status. */
    final int notFound(String key, ObjectNode json) {
        if (json()) {
            answers().json(json);
        }
        complain("key " + Values.quoted(key) + " not found");
        return ExitStatus.NOT_FOUND;
    }

    /** One line on stderr about a part of what was asked, while the rest goes on. */
    final void complain(String sentence) {
        surroundings.err().println(spec.qualifiedName() + ": " + sentence);
    }

    /** As {@link #complain(String)}; gives the exit status this failure comes to. */
    final int complain(String about, AittaException failure) {
        complain(about + ": " + Cli.describe(failure));
        return ExitStatus.of(failure);
    }

    private Defaults options() {
        return ((Aitta) spec.root().userObject()).over(defaults);
    }

    /** The client itself, for what is neither about a table's keys nor an order. */
    final AittaClient client() {
        return client(options());
    }

    private AittaClient client(Defaults options) {
        return clients.of(options.parsedEndpoints(), options.login());
    }
}
