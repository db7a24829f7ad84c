package io.aitta.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.Primary;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.Topology;
import io.aitta.orchestrator.OrchestratorMessage.Report;
import io.aitta.orchestrator.OrchestratorMessage.ReportPrimaries;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class PrimaryReporterTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final TableInfo TABLE = new TableInfo("t", new Epoch(1), 2, 1, false);
    private static final Duration REPEATED = Duration.ofMillis(1500);

    private final TopologyView view = new TopologyView(Topology.EMPTY, "");
    private final TestProbe<OrchestratorMessage> orchestrator = KIT.createTestProbe();
    private final OrchestratorMessage.Report first = Report.of(TABLE.partition(0), primary(3, "n1"));

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    @Test
    void anElectionIsReportedUntilTheTopologyShowsIt() {
        view.offer(topology(1, 0));
        var reporter = KIT.spawn(PrimaryReporter.create(view, orchestrator.getRef()));
        reporter.tell(new PrimaryReporter.Elected(TABLE.partition(0), primary(3, "n1")));
        assertThat(next()).containsExactly(first);
        assertThat(next()).containsExactly(first);
        view.offer(topology(2, 3));
        orchestrator.expectNoMessage(REPEATED);
    }

    @Test
    void electionsOfOneMomentTravelTogetherAndTheNewestTermWins() {
        view.offer(topology(1, 0));
        var reporter = KIT.spawn(PrimaryReporter.create(view, orchestrator.getRef()));
        reporter.tell(new PrimaryReporter.Elected(TABLE.partition(0), primary(3, "n1")));
        reporter.tell(new PrimaryReporter.Elected(TABLE.partition(0), primary(2, "n1")));
        reporter.tell(new PrimaryReporter.Elected(TABLE.partition(1), primary(1, "n1")));
        assertThat(next()).containsExactlyInAnyOrder(first, Report.of(TABLE.partition(1), primary(1, "n1")));
    }

    @Test
    void whatIsKnownOrMootIsNotReported() {
        view.offer(topology(2, 3));
        var reporter = KIT.spawn(PrimaryReporter.create(view, orchestrator.getRef()));
        reporter.tell(new PrimaryReporter.Elected(TABLE.partition(0), primary(3, "n1")));
        reporter.tell(new PrimaryReporter.Elected(new PartitionId("dropped", 1, 0), primary(3, "n1")));
        reporter.tell(new PrimaryReporter.Elected(TABLE.partition(1), primary(3, "elsewhere")));
        orchestrator.expectNoMessage(Duration.ofMillis(200));
    }

    @Test
    void theMetaPartitionIsReportedBeforeAnyTopologyIsKnown() {
        var reporter = KIT.spawn(PrimaryReporter.create(view, orchestrator.getRef()));
        reporter.tell(new PrimaryReporter.Elected(PartitionId.META, primary(1, "n1")));
        assertThat(next()).containsExactly(Report.of(PartitionId.META, primary(1, "n1")));
    }

    private List<Report> next() {
        return orchestrator.expectMessageClass(ReportPrimaries.class).reports();
    }

    private static Topology topology(long epoch, long term) {
        var founded = PartitionInfo.founded(TABLE.partition(0), List.of(new NodeId("n1")));
        return new Topology(
                new Epoch(epoch),
                "c",
                List.of(OrchestratorTest.node("n1")),
                Map.of(
                        TABLE,
                        List.of(
                                term == 0 ? founded : founded.withPrimary(primary(term, "n1")),
                                PartitionInfo.founded(TABLE.partition(1), List.of(new NodeId("n1"))))));
    }

    private static Primary primary(long term, String node) {
        return new Primary(new Term(term), new NodeId(node));
    }
}
