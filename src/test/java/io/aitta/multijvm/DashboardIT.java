package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.Table;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The dashboard of a real cluster, in a real browser: what its reader sees, presses and is spared. */
@Timeout(240)
class DashboardIT {
    private static final Duration CLIENT_LIMIT = Duration.ofSeconds(20);
    private static final Duration LOST_LIMIT = Duration.ofSeconds(15);
    /** More stops than the page has. */
    private static final int ENOUGH_TABS = 60;

    @TempDir
    static Path dir;

    private static Chromium browser;

    @RegisterExtension
    final Stage stage = new Stage();

    private Cluster cluster;
    private Page page;

    @BeforeAll
    static void startBrowser() {
        var executable = Chromium.installed();
        if (executable.isEmpty()) {
            var reason = "there is no Chromium here (Debian: apt-get install chromium)";
            System.out.println("DashboardIT: skipped, for " + reason);
            abort(reason);
        }
        browser = Chromium.start(executable.get(), dir);
    }

    @AfterAll
    static void endBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void takeCluster() {
        cluster = stage.shared(Cluster.Plan.of(3));
        page = browser.newPage();
        page.size(1360, 1000, false);
    }

    /** Whatever was done to it, the page has neither failed nor been forbidden anything, nor asked anybody else. */
    @AfterEach
    void nothingWentWrongInThePage() {
        var complaints = page.complaints();
        var strangers = page.sent().stream()
                .map(Page.Sent::url)
                .filter(url -> cluster.nodes().stream().noneMatch(node -> url.startsWith(pageOf(node))))
                .toList();
        page.close();
        assertThat(complaints).isEmpty();
        assertThat(strangers).isEmpty();
    }

    private void open() {
        page.open(pageOf(cluster.node(1)));
        page.await("one('#connection').dataset.state === 'live' && all('#cluster-map .cell').length > 0");
    }

    // ---- what it shows -------------------------------------------------------------------------------------------

    @Test
    void itShowsNodesTablesAndReplicasAsTheTopologyHasThem() {
        var table = stage.ownTable();
        open();
        // Tables that were just made or dropped: the epoch may go on for a moment.
        Await.until("the page's epoch is the cluster's", CLIENT_LIMIT, () -> page.text("[data-tile='Epoch'] b")
                .equals(Long.toString(cluster.topology().getEpoch())));
        var topology = cluster.topology();
        assertThat(page.texts("#cluster-map .node-name")).containsExactly("n1", "n2", "n3");
        assertThat(page.texts("#cluster-map .state")).containsOnly("up");
        assertThat(page.text("[data-tile='Nodes up'] b")).isEqualTo("3 of 3");
        page.await("said('[data-tile=\"Partitions served\"] b') === '%1$d of %1$d'"
                .formatted(topology.getPartitionsCount()));
        assertThat(page.texts("#tables-table tbody th"))
                .containsExactlyElementsOf(
                        topology.getTablesList().stream().map(Table::getName).toList())
                .contains(table);
        assertThat(page.texts("#nodes-table tbody th")).containsExactly("n1", "n2", "n3");
        page.await("said('.node[data-node=\"" + topology.getOrchestratorNode() + "\"] .star').length > 0");
        awaitPrimariesAreShown();
    }

    /** Who is primary may still change after a test before. */
    private void awaitPrimariesAreShown() {
        Await.until(
                () -> "the page shows " + shownPrimaries() + ", the topology has " + primaries(),
                CLIENT_LIMIT,
                () -> shownPrimaries().equals(primaries()));
    }

    /** As "default/3 n1". */
    private Set<String> shownPrimaries() {
        return new HashSet<>(DevTools.JSON.convertValue(
                page.evaluate("all('#cluster-map .cell[data-role=\"PRIMARY\"]').map((cell) =>"
                        + " `${cell.dataset.subject.split(' ')[1]} ${cell.closest('.node').dataset.node}`)"),
                new TypeReference<List<String>>() {}));
    }

    private Set<String> primaries() {
        return cluster.topology().getPartitionsList().stream()
                .flatMap(partition -> partition.getReplicasList().stream()
                        .filter(replica -> replica.getRole() == Role.PRIMARY)
                        .map(replica ->
                                partition.getTable() + "/" + partition.getPartition() + " " + replica.getNode()))
                .collect(Collectors.toSet());
    }

    @Test
    void itDrawsTheTrafficThatThereIs() {
        try (var traffic = new Traffic(cluster.client(CLIENT_LIMIT).table(stage.ownTable()), 2, 100)) {
            open();
            page.await(
                    "parseFloat(said('[data-tile=\"Writes\"] b')) > 0 && parseFloat(said('[data-tile=\"Reads\"] b')) > 0");
            page.await(
                    "all('#chart-throughput path.writes').some((path) => path.getAttribute('d').split('L').length > 2)");
            page.await("parseFloat(said('#chart-latency .write-p99 .value')) > 0");
            page.await("said('#slow-log-summary').startsWith('requests over ')");
            page.await("all('#nodes-table tbody tr').every((row) => row.innerText.includes('iB'))");
        }
    }

    @Test
    void aKeyThatLooksLikeMarkupIsShownAsTheTextItIs() {
        var table = stage.ownTable();
        var nasty = "<img src=x onerror=\"alert('key')\">";
        var client = cluster.client(CLIENT_LIMIT).table(table).blocking();
        client.set(utf8(nasty), utf8("<script>alert('value')</script>"));
        client.set(utf8("line\nbreak \u202egpj.exe"), utf8("x"));
        client.set(ByteString.copyFrom(new byte[] {(byte) 0xff, 0, '<'}), utf8("bytes"));
        open();
        look(table, "<img");
        page.await("said('#keys-list .key') === " + Page.quoted(nasty));
        assertThat(page.texts("#keys-list td")).contains("<script>alert('value')</script>");
        page.click("#keys-list .key");
        assertThat(page.texts("#keys-detail dd")).contains(table, "31 bytes", "never");
        assertThat(page.texts("#keys-detail pre")).containsExactly(nasty, "<script>alert('value')</script>");
        assertThat(page.evaluate("all('#keys img, #keys script').length").asInt())
                .isZero();
        look(table, "");
        page.await("all('#keys-list .key').length === 3");
        assertThat(page.texts("#keys-list .key"))
                .as("what cannot be seen is written out")
                .contains("\\xff\\x00\\x3c")
                .noneMatch(key -> key.contains("\n") || key.contains("\u202e"));
    }

    private void look(String table, String prefix) {
        page.await("all('#keys-table option').some((option) => option.value === '" + table + "')");
        page.evaluate("(one('#keys-table').value = '" + table + "', one('#keys-prefix').value = '', true)");
        // Not clicked: panels above may still grow, and move it away from under the pointer.
        page.evaluate("one('#keys-prefix').focus()");
        page.type(prefix);
        page.press("Enter");
    }

    @Test
    void moreKeysThanAPageHoldsAreReadPageByPageEachOnce() {
        var table = stage.ownTable();
        var client = cluster.client(CLIENT_LIMIT).table(table).blocking();
        for (int i = 0; i < 70; i++) {
            client.set(utf8("key-" + i), utf8("value " + i));
        }
        open();
        look(table, "key-");
        page.await("all('#keys-list .key').length === 50");
        page.click("#keys-more");
        page.await("all('#keys-list .key').length === 70 && one('#keys-more').hidden");
        assertThat(page.texts("#keys-list .key")).doesNotHaveDuplicates();
    }

    // ---- how it is used ------------------------------------------------------------------------------------------

    @Test
    void itCanBeUsedByKeysAlone() {
        open();
        page.press("Tab");
        assertThat(focused()).isEqualTo("skip");
        var stops = new HashSet<String>();
        for (int i = 0; i < ENOUGH_TABS && !focused().equals("keys-prefix"); i++) {
            page.press("Tab");
            stops.add(focused());
            assertThat(page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                            .asText())
                    .as("where the focus is can be seen: " + focused())
                    .isNotEqualTo("none");
        }
        assertThat(stops)
                .contains("pause", "token", "theme", "map-table", "node-name", "plot", "keys-table", "keys-prefix");

        page.evaluate("one('#cluster-map [tabindex=\"0\"]').focus()");
        assertThat(page.text("#inspector h3")).isEqualTo("Node n1");
        page.press("ArrowRight");
        var first = page.text("#inspector h3");
        assertThat(first).startsWith("Partition ");
        assertThat(page.texts("#inspector .replicas tbody th")).containsExactlyInAnyOrder("n1", "n2", "n3");
        page.press("ArrowDown");
        assertThat(page.text("#inspector h3")).startsWith("Partition ").isNotEqualTo(first);
        page.press("Enter");
        var held = page.text("#inspector h3");
        page.press("ArrowUp", "Tab");
        assertThat(page.text("#inspector h3")).as("what Enter held is shown on").isEqualTo(held);

        page.evaluate("one('#chart-throughput .plot').focus()");
        page.press("ArrowLeft");
        assertThat(page.text("#chart-throughput .when")).matches("\\d\\d:\\d\\d:\\d\\d");
        assertThat(page.text("#chart-throughput [aria-live]")).contains("reads", "writes");
    }

    private String focused() {
        return page.evaluate("document.activeElement.id || document.activeElement.className")
                .asText();
    }

    @ParameterizedTest
    @ValueSource(strings = {"light", "dark"})
    void itIsReadableInBothThemesAndFitsAPhone(String theme) throws IOException {
        page.prefer(theme);
        open();
        assertThat(tooPale()).isEmpty();
        page.size(390, 844, true);
        page.await("innerWidth === 390 && document.documentElement.scrollWidth <= 390");
        assertThat(tooPale()).isEmpty();
        var darkness =
                page.evaluate("getComputedStyle(document.body).backgroundColor").asText();
        page.click("#theme");
        page.click("#theme");
        assertThat(page.text("#theme")).isEqualTo("Theme: dark");
        var chosen =
                page.evaluate("getComputedStyle(document.body).backgroundColor").asText();
        assertThat(chosen.equals(darkness))
                .as("the system's theme until one is chosen")
                .isEqualTo(theme.equals("dark"));
        page.open(pageOf(cluster.node(1)));
        assertThat(page.text("#theme")).as("remembered").isEqualTo("Theme: dark");
    }

    private List<String> tooPale() throws IOException {
        try (var script = DashboardIT.class.getResourceAsStream("/dashboard-contrast.js")) {
            var source = new String(script.readAllBytes(), StandardCharsets.UTF_8);
            return DevTools.JSON.convertValue(
                    page.evaluate(source.substring(source.indexOf('\n'))), new TypeReference<List<String>>() {});
        }
    }

    // ---- what it is not told -------------------------------------------------------------------------------------

    @Test
    void aTokenIsAskedForWhenItIsNeededAndKeptByItsTabOnly() {
        var denied = "{\"code\":\"UNAUTHENTICATED\",\"reason\":\"NO_TOKEN\",\"message\":\"a token is needed\"}";
        page.answer("", new Page.Instead(401, denied));
        page.open(pageOf(cluster.node(1)));
        page.await("one('#token-dialog').open && document.activeElement.id === 'token-input'");
        assertThat(page.text("#connection-text")).isEqualTo("a token is needed");
        page.answerNothing();
        page.type("a secret");
        page.press("Enter");
        page.await("!one('#token-dialog').open && one('#connection').dataset.state === 'live'");
        assertThat(page.sent())
                .anyMatch(sent -> "Bearer a secret".equals(sent.headers().get("authorization")));
        assertThat(page.sent()).noneMatch(sent -> sent.url().contains("secret"));
        assertThat(page.evaluate("JSON.stringify(sessionStorage)").asText()).contains("a secret");
        assertThat(page.evaluate("JSON.stringify(localStorage) + document.cookie")
                        .asText())
                .doesNotContain("a secret");
        page.click("#token");
        page.click("#token-forget");
        page.await("!one('#token-dialog').open");
        assertThat(page.evaluate("JSON.stringify(sessionStorage)").asText()).doesNotContain("a secret");
    }

    @Test
    void whatANodeDoesNotTellIsSaidInItsPanelAndTheRestIsShown() {
        var unknown = "{\"code\":\"NOT_FOUND\",\"reason\":\"PATH_UNKNOWN\",\"message\":\"there is nothing\"}";
        for (var path : List.of("/info", "/slow-log", "/migrations", "/partitions")) {
            page.answer(path, new Page.Instead(404, unknown));
        }
        open();
        page.await("said('[data-for=\"slow-log\"]').includes('aitta/v1/slow-log is missing')");
        page.await("said('[data-for=\"info\"]').includes('aitta/v1/info is missing')");
        page.await("said('[data-for=\"migrations\"]').includes('aitta/v1/migrations is missing')");
        awaitPrimariesAreShown();
        page.answer("/nodes", new Page.Instead(503, "{\"reason\":\"ORCHESTRATOR\",\"message\":\"<b>not now</b>\"}"));
        page.await("said('[data-for=\"nodes\"]') === '<b>not now</b>'");
    }

    @Test
    void aNodeThatWasRemovedIsListedAndNoTrouble() throws IOException {
        var nodes = (ObjectNode) DevTools.JSON.readTree(
                URI.create(pageOf(cluster.node(1)) + "aitta/v1/nodes").toURL());
        nodes.withArray("/nodes").addObject().put("id", "n4").put("state", "NODE_REMOVED");
        page.answer("/nodes", new Page.Instead(200, nodes.toString()));
        open();
        page.await("all('#nodes-table tbody tr').length === 4");
        assertThat(page.text("#nodes-table tbody tr:last-child")).startsWith("n4removed");
        assertThat(page.texts("#cluster-map .node-name")).containsExactly("n1", "n2", "n3");
        assertThat(page.text("[data-tile='Nodes up'] b")).isEqualTo("3 of 3");
        assertThat(page.text("#attention")).doesNotContain("n4");
    }

    @Test
    void whatOnlyAdministratorsMaySeeIsSaidInItsPanelAndTheRestIsShown() {
        var noToken = "{\"code\":\"UNAUTHENTICATED\",\"reason\":\"NO_TOKEN\",\"message\":\"a token is needed\"}";
        page.answer("/slow-log", new Page.Instead(401, noToken));
        open();
        page.await("said('[data-for=\"slow-log\"]').includes('only administrators of all tables may see it (a token')");
        assertThat(page.evaluate("one('#token-dialog').open").asBoolean()).isFalse();
        awaitPrimariesAreShown();
        var notAdmin =
                "{\"code\":\"PERMISSION_DENIED\",\"reason\":\"PERMISSION_DENIED\",\"message\":\"it lacks a role\"}";
        page.answer("/slow-log", new Page.Instead(403, notAdmin));
        page.click("#token");
        page.type("a reader's");
        page.press("Enter");
        page.await(
                "said('[data-for=\"slow-log\"]').includes('only administrators of all tables may see it (it lacks')");
        page.await("one('#connection').dataset.state === 'live'");
    }

    // ---- what is lost --------------------------------------------------------------------------------------------

    @Test
    void aLostNodeShowsWithinSecondsAndSoDoesTheLossOfThePagesOwn() {
        open();
        page.await("all('#attention li').length === 0");
        var victim = cluster.node(3);
        cluster.kill(victim);
        long killed = System.nanoTime();
        page.await("one('.node[data-node=\"n3\"]').dataset.live === 'false'", LOST_LIMIT);
        stage.say("shown %d ms after the kill", (System.nanoTime() - killed) / 1_000_000);
        page.await("said('#attention').includes('n3 is ') && said('[data-tile=\"Nodes up\"] b') === '2 of 3'");
        page.await("all('.node[data-node=\"n3\"] .cell:not([data-flag=\"bad\"])').length === 0");
        // Others are elected only after it is missed.
        Await.until(() -> "no primary is shown on n3: " + shownPrimaries(), LOST_LIMIT, () -> shownPrimaries().stream()
                .noneMatch(primary -> primary.endsWith(" n3")));
        awaitPrimariesAreShown();
        assertThat(page.evaluate("document.title").asText()).startsWith("(");

        cluster.begin(victim);
        cluster.kill(cluster.node(1));
        page.await("one('#connection').dataset.state === 'lost' && !one('#lost').hidden");
        assertThat(page.text("#lost")).contains("does not answer", "What is shown is from");
        assertThat(page.evaluate("all('#lost a').map((a) => a.href).join(' ')").asText())
                .contains(pageOf(cluster.node(2)));
        cluster.restart(cluster.node(1));
        page.await("one('#connection').dataset.state === 'live' && one('#lost').hidden");
        page.await("said('[data-tile=\"Nodes up\"] b') === '3 of 3'", LOST_LIMIT);
    }

    static String pageOf(NodeProcess node) {
        return "http://" + node.httpAddress() + "/";
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
