package io.aitta.partition;

import static io.aitta.partition.FakeStore.key;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Term;
import io.aitta.metrics.ReplicaMetrics;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class InFlightTest {
    private static final ActorTestKit KIT = ActorTestKit.create(ConfigFactory.defaultReference());
    private static final Term T1 = new Term(1);
    private static final Term T2 = new Term(2);

    private final TestProbe<Replica.Answer> here = KIT.createTestProbe();
    private final TestProbe<Replica.Answer> there = KIT.createTestProbe();
    private final InFlight inFlight = new InFlight(1_000, ReplicaMetrics.none());

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    @Test
    void eachNodeThatAskedGetsOneMessageForAnEntry() {
        accept(5, T1, run(here, 1, 0, 2, false), run(there, 1, 0, 1, false), run(here, 2, 3, 1, false));
        assertThat(inFlight.applied(at(5), T1, outcomes("a", "b", "c", "d"))).isEmpty();

        expectWritten(here, 5, "1/0=a 1/1=b 2/3=d");
        expectWritten(there, 5, "1/0=c");
    }

    @Test
    void fastWritesAreToldTheirPlaceAtOnceAndLeftOutLater() {
        accept(5, T1, run(here, 1, 0, 2, true), run(here, 2, 0, 1, false));
        assertThat(here.expectMessageClass(Replica.Ordered.class))
                .isEqualTo(new Replica.Ordered(5, List.of(new Replica.Range(1, 0, 2))));
        inFlight.applied(at(5), T1, outcomes("a", "b", "c"));
        expectWritten(here, 5, "2/0=c");
        here.expectNoMessage(Duration.ZERO);
    }

    @Test
    void outcomesTooLargeForOneMessageAreDividedInOrder() {
        accept(5, T1, run(here, 1, 0, 2, false), run(here, 2, 0, 1, false));
        var large = "x".repeat(600);
        inFlight.applied(at(5), T1, outcomes("a", large, large));
        expectWritten(here, 5, "1/0=a 1/1=" + large);
        expectWritten(here, 5, "2/0=" + large);
    }

    @Test
    void whatAnotherPrimaryDisplacedIsGivenBackWithAllThatStoodAfterIt() {
        accept(5, T1, run(here, 1, 0, 1, false));
        accept(6, T1, run(here, 1, 1, 1, false), run(here, 9, 0, 1, true));
        assertThat(inFlight.applied(at(5), T2, List.of()))
                .extracting(WriteRun::range)
                .containsExactly(new Replica.Range(1, 0, 1), new Replica.Range(1, 1, 1));
        assertThat(inFlight.applied(at(6), T2, List.of())).isEmpty();
    }

    @Test
    void whatWasCutOffByAnEntryOfOurOwnIsUnknown() {
        accept(5, T1, run(here, 1, 0, 1, false));
        accept(6, T1, run(here, 1, 1, 1, false));
        accept(5, T2, run(here, 2, 0, 1, false));
        assertThat(here.expectMessageClass(Replica.OutcomesUnknown.class).ranges())
                .containsExactly(new Replica.Range(1, 0, 1));
        assertThat(here.expectMessageClass(Replica.OutcomesUnknown.class).ranges())
                .containsExactly(new Replica.Range(1, 1, 1));
        inFlight.applied(at(5), T2, outcomes("c"));
        expectWritten(here, 5, "2/0=c");
    }

    @Test
    void whenTheLogFailsAllThatWaitsIsUnknownButWhatWasToldItsPlace() {
        accept(5, T1, run(here, 1, 0, 1, true));
        here.expectMessageClass(Replica.Ordered.class);
        accept(6, T1, run(here, 2, 0, 1, false));
        inFlight.propose(List.of(run(here, 3, 0, 1, true)));
        inFlight.answerAllUnknown("failed");
        assertThat(here.expectMessageClass(Replica.OutcomesUnknown.class).ranges())
                .containsExactly(new Replica.Range(3, 0, 1));
        assertThat(here.expectMessageClass(Replica.OutcomesUnknown.class).ranges())
                .containsExactly(new Replica.Range(2, 0, 1));
        here.expectNoMessage(Duration.ZERO);
    }

    private void accept(long index, Term term, WriteRun... runs) {
        inFlight.propose(List.of(runs));
        inFlight.accepted(at(index), term);
    }

    private static LogIndex at(long index) {
        return new LogIndex(index);
    }

    private static WriteRun run(TestProbe<Replica.Answer> asker, long group, int first, int count, boolean fast) {
        var operations = IntStream.range(0, count).mapToObj(i -> new byte[1]).toList();
        return new WriteRun(group, first, operations, fast, 0, asker.getRef(), 0, System.nanoTime());
    }

    private static List<byte[]> outcomes(String... outcomes) {
        return java.util.Arrays.stream(outcomes).map(outcome -> key(outcome)).toList();
    }

    private static void expectWritten(TestProbe<Replica.Answer> probe, long index, String outcomes) {
        var written = probe.expectMessageClass(Replica.Written.class);
        assertThat(written.index()).isEqualTo(index);
        var told = new StringBuilder();
        for (var run : written.outcomes()) {
            for (int i = 0; i < run.outcomes().size(); i++) {
                told.append(run.group()).append('/').append(run.first() + i).append('=');
                told.append(new String(run.outcomes().get(i), java.nio.charset.StandardCharsets.UTF_8));
                told.append(' ');
            }
        }
        assertThat(told.toString().trim()).isEqualTo(outcomes);
    }
}
