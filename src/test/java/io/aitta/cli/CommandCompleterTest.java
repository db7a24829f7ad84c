package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jline.reader.Candidate;
import org.jline.reader.Parser.ParseContext;
import org.jline.reader.impl.DefaultParser;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CommandCompleterTest {
    private final AtomicLong nanos = new AtomicLong();
    private final List<CompletableFuture<List<String>>> asked = new ArrayList<>();
    private final Names tables = new Names(this::ask, nanos::get);
    private final Names nodes = new Names(() -> CompletableFuture.completedFuture(List.of("n1", "n2")), nanos::get);
    private final Cli cli =
            Cli.forPrompt(new Surroundings(System.in, System.out, System.err, Map.of(), false), Defaults.of(Map.of()));
    private final CommandCompleter completer =
            new CommandCompleter(cli.commandLine().getCommandSpec(), tables, nodes);

    @AfterEach
    void close() {
        cli.close();
    }

    private CompletionStage<List<String>> ask() {
        asked.add(new CompletableFuture<>());
        return asked.get(asked.size() - 1);
    }

    @Test
    void commandsAreOfferedWithWhatTheyDo() {
        assertThat(offered("")).contains("get", "scan", "table", "use", "exit").doesNotContain("serve", "repl");
        assertThat(candidates(""))
                .filteredOn(c -> c.value().equals("get"))
                .extracting(Candidate::descr)
                .containsExactly("Prints the value of a key.");
        assertThat(offered("table "))
                .containsExactly("create", "alter", "list", "describe", "drop", "set-replicas", "set-learners");
        assertThat(offered("help table ")).contains("create", "alter");
        assertThat(offered("help ")).contains("get", "txn");
        assertThat(offered("get a ")).isEmpty();
    }

    @Test
    void optionsAreOfferedOnceADashIsTyped() {
        assertThat(offered("set a 1 -")).contains("--ttl", "--if-absent", "--ack", "--output", "--table");
        assertThat(candidates("set a 1 --")).allMatch(c -> c.descr() != null);
        assertThat(offered("table create -")).contains("--default-ttl", "--partitions");
    }

    @Test
    void theWordsThatAnOptionTakesAreOffered() {
        assertThat(offered("get a --consistency ")).containsExactly("strong", "session", "eventual", "default");
        assertThat(offered("set a 1 --ack ")).containsExactly("quorum", "fast");
        assertThat(offered("table create t --default-consistency ")).containsExactly("strong", "session", "eventual");
        assertThat(offered("-o ")).containsExactly("text", "json");
        assertThat(offered("set a 1 --ttl ")).isEmpty();
        assertThat(offered("completion ")).containsExactly("bash", "zsh");
    }

    @Test
    void tablesAreOfferedWhereOneIsMeant() {
        assertThat(offered("use ")).as("nothing is known yet, and nobody waits").isEmpty();
        asked.get(0).complete(List.of("default", "orders"));
        for (String line : List.of("use ", "-t ", "get a --table ", "table drop ", "table alter ", "partition list ")) {
            assertThat(offered(line)).as(line).contains("default", "orders");
        }
        assertThat(offered("table create ")).isEmpty();
        assertThat(asked).hasSize(1);
    }

    @Test
    void nodesAreOfferedWhereOneIsMeant() {
        assertThat(offered("node ")).contains("list", "drain", "set-weight", "replace");
        for (String line : List.of(
                "node describe ",
                "node drain n1 --wait --replacement ",
                "node replace n1 ",
                "migrate default 3 ",
                "move default 3 n1 ",
                "transfer-primary -o json default 3 ",
                "add-replica default 3 --if-epoch 9 ",
                "partition recover default 3 --survivor ",
                "meta add ",
                "leave ")) {
            assertThat(offered(line)).as(line).containsExactly("n1", "n2");
        }
        assertThat(offered("node drain n1 ")).isEmpty();
        assertThat(offered("node set-weight n1 ")).isEmpty();
    }

    @Test
    void eachOperandIsOfferedInItsPlace() {
        tables.known();
        asked.get(0).complete(List.of("default"));
        assertThat(offered("migrate ")).containsExactly("cancel", "default");
        assertThat(offered("migrate default ")).isEmpty();
        assertThat(offered("partition describe ")).containsExactly("default");
        assertThat(offered("partition describe default ")).isEmpty();
        assertThat(offered("rebalance ")).containsExactly("pause", "resume");
        assertThat(offered("table set-learners ")).containsExactly("default");
        assertThat(offered("drop")).as("a word that is being typed").contains("table");
    }

    @Test
    void tablesAreAskedForAgainOnceTheyAreOld() {
        tables.known();
        tables.known();
        assertThat(asked).as("one at a time").hasSize(1);
        asked.get(0).complete(List.of("a"));
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(6));
        assertThat(tables.known())
                .as("the old ones, until the new ones are there")
                .containsExactly("a");
        asked.get(1).complete(List.of("a", "b"));
        assertThat(tables.known()).containsExactly("a", "b");
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(6));
        tables.known();
        asked.get(2).completeExceptionally(new IllegalStateException("away"));
        assertThat(tables.known()).as("better than none").containsExactly("a", "b");
    }

    private List<String> offered(String line) {
        return candidates(line).stream().map(Candidate::value).toList();
    }

    private List<Candidate> candidates(String line) {
        var found = new ArrayList<Candidate>();
        completer.complete(null, new DefaultParser().parse(line, line.length(), ParseContext.COMPLETE), found);
        return found;
    }
}
