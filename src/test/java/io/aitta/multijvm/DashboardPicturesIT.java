package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.client.TableOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Takes the README's pictures of the dashboard, only when asked to, for it writes into the source tree:
 * {@code mvn verify -Dit.test=DashboardPicturesIT -Daitta.dashboard.pictures=true}.
 */
@Timeout(400)
@EnabledIfSystemProperty(
        named = "aitta.dashboard.pictures",
        matches = "true",
        disabledReason = "pictures are taken when asked for: -Daitta.dashboard.pictures=true")
class DashboardPicturesIT {
    private static final Path PICTURES = Path.of("docs", "images");
    private static final Duration CLIENT_LIMIT = Duration.ofSeconds(20);
    /** So that the charts have something to show. */
    private static final Duration WATCHED = Duration.ofSeconds(75);

    @RegisterExtension
    final Stage stage = new Stage();

    @TempDir
    Path dir;

    @Test
    void thePicturesOfTheReadme() {
        var cluster = stage.cluster(
                        Cluster.Plan.of(3).with("aitta.slow-log.threshold=40ms", "aitta.replica.copy-bandwidth=1MiB"))
                .start();
        cluster.awaitWhole();
        var client = cluster.client(CLIENT_LIMIT);
        var admin = client.admin().blocking();
        admin.dropTable("default");
        admin.createTable("orders", OptionalInt.of(8), OptionalInt.of(3));
        admin.createTable(
                "sessions",
                OptionalInt.of(6),
                OptionalInt.of(2),
                TableOptions.UNCHANGED.withDefaultTimeToLive(Duration.ofHours(1)));
        var orders = client.table("orders").blocking();
        for (int i = 0; i < 40; i++) {
            orders.set(
                    ByteString.copyFromUtf8("customer:%03d".formatted(i)),
                    ByteString.copyFromUtf8("{\"name\":\"Customer %d\",\"since\":%d}".formatted(i, 1990 + i % 30)));
        }
        try (var browser = Chromium.start(Chromium.installed().orElseThrow(), dir);
                var page = browser.newPage();
                var phone = browser.newPage();
                var some = new Traffic(client.table("orders"), 6, 3_000);
                var more = new Traffic(client.table("sessions"), 3, 200)) {
            page.size(1360, 1080, false);
            page.prefer("light");
            page.open(DashboardIT.pageOf(cluster.node(1)));
            phone.size(390, 1180, true);
            phone.prefer("light");
            phone.open(DashboardIT.pageOf(cluster.node(2)));
            Await.pass(WATCHED);
            page.screenshot(PICTURES.resolve("dashboard.png"));
            phone.screenshot(PICTURES.resolve("dashboard-phone.png"));
            page.prefer("dark");
            page.click("#keys-prefix");
            page.evaluate("(one('#keys-table').value = 'orders', true)");
            page.type("customer:");
            page.press("Enter");
            page.await("all('#keys-list .key').length > 10");
            page.click("#keys-list .key");
            cluster.grow(1);
            page.await(
                    "all('#migrations-list progress').some((bar) => bar.value > 15 && bar.value < 90)",
                    CLIENT_LIMIT.multipliedBy(5));
            page.evaluate("(one('#tables').scrollIntoView({behavior: 'instant'}), true)");
            page.screenshot(PICTURES.resolve("dashboard-dark.png"));
            cluster.kill(cluster.node(3));
            page.prefer("light");
            page.evaluate("(scrollTo({top: 0, behavior: 'instant'}), true)");
            page.await("one('.node[data-node=\"n3\"]').dataset.live === 'false'");
            page.evaluate("(one('.node[data-node=\"n3\"] .cell').focus({preventScroll: true}), true)");
            Await.pass(Duration.ofSeconds(5));
            page.screenshot(PICTURES.resolve("dashboard-lost-node.png"));
            assertThat(page.complaints()).isEmpty();
        }
        assertThat(PICTURES).isDirectoryContaining(file -> Files.exists(file) && file.endsWith("dashboard.png"));
    }
}
