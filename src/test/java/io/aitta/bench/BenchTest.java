package io.aitta.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.aitta.bench.BenchReport.Phase;
import io.aitta.bench.Workload.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BenchTest {
    private static final Duration BRIEF = Duration.ofMillis(400);
    private static final int KEYS = 500;

    private final SlowStore store = new SlowStore();

    @AfterEach
    void stop() {
        store.close();
    }

    private static BenchPlan plan(Workload workload, int clients, int batch, double rate, Duration duration) {
        return plan(workload, clients, batch, rate, duration, false, KEYS, Duration.ZERO);
    }

    private static BenchPlan plan(
            Workload workload,
            int clients,
            int batch,
            double rate,
            Duration duration,
            boolean multi,
            long keys,
            Duration warmUp) {
        return new BenchPlan(
                workload,
                workload.distribution(),
                clients,
                batch,
                multi,
                keys,
                100,
                duration,
                warmUp,
                rate,
                true,
                Duration.ofSeconds(5));
    }

    private static BenchPlan together(Workload workload, int clients, int batch, double rate, Duration duration) {
        return plan(workload, clients, batch, rate, duration, true, KEYS, Duration.ZERO);
    }

    private BenchReport run(BenchPlan plan) throws InterruptedException {
        var bench = new Bench(store, plan, second -> {});
        assertThat(bench.load()).isTrue();
        return bench.run();
    }

    @Test
    void everyWorkloadDoesItsKindsOfOperationsAndFindsAllItWrote() throws Exception {
        for (Workload workload : Workload.values()) {
            for (BenchPlan plan : List.of(plan(workload, 4, 8, 0, BRIEF), together(workload, 4, 8, 0, BRIEF))) {
                var report = run(plan);
                assertThat(report.errors()).as("%s", workload).isEmpty();
                assertThat(report.missing()).isZero();
                assertThat(report.unanswered()).isZero();
                assertThat(report.latencies().keySet())
                        .as("%s", workload)
                        .allMatch(workload::has)
                        .isNotEmpty();
                assertThat(report.operations())
                        .isEqualTo(report.latencies().values().stream()
                                .mapToLong(l -> l.count())
                                .sum())
                        .isGreaterThan(50);
            }
        }
    }

    @Test
    void clientsTimesBatchOperationsAreInFlightAndNoMore() throws Exception {
        run(plan(Workload.WRITE, 3, 7, 0, BRIEF));
        store.forgetMost();
        run(plan(Workload.READ, 3, 7, 0, BRIEF));
        assertThat(store.mostReadsInFlight()).isEqualTo(21);
    }

    @Test
    void aTargetRateIsKept() throws Exception {
        var report = run(plan(Workload.READ, 4, 5, 1_000, Duration.ofSeconds(1)));
        assertThat((double) (report.operations() + report.behind())).isCloseTo(1_000, within(6.0));
        assertThat(report.perSecond()).isBetween(500.0, 1_010.0);
    }

    @Test
    void withATargetAPauseOfTheStoreIsInTheLatenciesOfAllThatWereDueInIt() throws Exception {
        var duration = Duration.ofSeconds(1);
        var pause = Duration.ofMillis(500);
        store.pauseOnceAfter(100, pause);
        var omitted = run(plan(Workload.READ, 1, 1, 0, duration)).latencies().get(Kind.READ);
        assertThat(omitted.max()).isGreaterThan(480_000);
        assertThat(omitted.p90()).as("one operation in hundreds saw the pause").isLessThan(100_000);

        store.pauseOnceAfter(50, pause);
        var counted = run(plan(Workload.READ, 1, 1, 200, duration)).latencies().get(Kind.READ);
        assertThat(counted.max()).isGreaterThan(480_000);
        // Half of what was due came due while the store was silent, and waited for the rest of the pause.
        assertThat(counted.p90()).isGreaterThan(300_000);
    }

    @Test
    void whatWasDueAndNeverBegunIsSaid() throws Exception {
        store.pauseOnceAfter(0, Duration.ofMillis(700));
        var report = run(plan(Workload.READ, 1, 1, 1_000, BRIEF));
        assertThat(report.behind()).isGreaterThan(300);
    }

    @Test
    void warmUpIsNotCounted() throws Exception {
        var seconds = new ArrayList<BenchReport.Second>();
        var plan = plan(Workload.READ, 1, 1, 500, BRIEF, false, KEYS, Duration.ofMillis(600));
        var bench = new Bench(store, plan, seconds::add);
        bench.load();
        var report = bench.run();
        assertThat((double) (report.operations() + report.behind())).isCloseTo(200, within(2.0));
        assertThat(seconds).extracting(BenchReport.Second::phase).contains(Phase.WARM_UP, Phase.RUN);
    }

    @Test
    void errorsAreCountedByKindAndReasonAndTheRunGoesOn() throws Exception {
        store.failEvery(10);
        var report = run(plan(Workload.A, 2, 4, 0, BRIEF));
        assertThat(report.errors()).containsOnlyKeys("read NO_QUORUM", "update NO_QUORUM");
        assertThat(report.errorCount()).isBetween(report.operations() / 15, report.operations() / 5);
    }

    @Test
    void aValueThatNobodyWroteForItsKeyAndOneThatIsGoneAreErrors() throws Exception {
        // Of few keys each is popular enough to be read many times, on a slow machine too.
        var bench = new Bench(store, plan(Workload.READ, 2, 4, 0, BRIEF, false, 8, Duration.ZERO), second -> {});
        bench.load();
        store.swapTwo(Payloads.key(1), Payloads.key(2));
        store.lose(Payloads.key(3));
        var report = bench.run();
        assertThat(report.errors()).containsOnlyKeys("read LOST", "read WRONG_VALUE");
        assertThat(report.missing()).isEqualTo(report.errors().get("read LOST"));
    }

    @Test
    void aReadModifyWriteThatSomebodyWasQuickerThanReadsAgain() throws Exception {
        store.conflictEvery(3);
        var report = run(plan(Workload.F, 2, 4, 0, BRIEF));
        assertThat(report.errors()).isEmpty();
        assertThat(report.conflicts()).isPositive();
    }

    @Test
    void aRunThatIsStoppedTellsWhatItMeasured() throws Exception {
        var bench = new Bench[1];
        bench[0] = new Bench(store, plan(Workload.READ, 2, 4, 0, Duration.ofMinutes(10)), second -> bench[0].stop());
        bench[0].load();
        var report = bench[0].run();
        assertThat(report.seconds()).isBetween(0.5, 5.0);
        assertThat(report.operations()).isPositive();
        assertThat(report.unanswered()).isZero();
    }

    @Test
    void whatIsNeverAnsweredIsNotWaitedForLongerThanSaid() throws Exception {
        store.pauseOnceAfter(0, Duration.ofMinutes(10));
        var base = plan(Workload.READ, 1, 3, 0, BRIEF);
        var report = run(new BenchPlan(
                base.workload(),
                base.distribution(),
                1,
                3,
                false,
                base.keys(),
                100,
                BRIEF,
                Duration.ZERO,
                0,
                true,
                Duration.ofMillis(100)));
        assertThat(report.unanswered()).isEqualTo(3);
        assertThat(report.operations()).isZero();
    }

    @Test
    void intervalsAddUpToTheWhole() {
        var tally = new Tally();
        for (int i = 1; i <= 1_000; i++) {
            tally.done(
                    i % 2 == 0 ? Kind.READ : Kind.UPDATE, Duration.ofMillis(i).toNanos());
            if (i % 100 == 0) {
                var interval = tally.interval();
                assertThat(interval.count()).isEqualTo(100);
                assertThat((double) interval.max()).isCloseTo(i * 1e3, within(i * 2.0));
            }
        }
        var reads = tally.totals().get(Kind.READ);
        assertThat(reads.count()).isEqualTo(500);
        assertThat((double) reads.p50()).isCloseTo(500e3, within(1e3));
        assertThat((double) reads.p99()).isCloseTo(990e3, within(2e3));
        assertThat((double) reads.max()).isCloseTo(1_000e3, within(1e3));
    }

    @Test
    void aPlanThatCannotBeIsRefused() {
        assertThatThrownBy(() -> plan(Workload.A, 0, 1, 0, BRIEF)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> plan(Workload.A, 1, 1, -1, BRIEF)).hasMessageContaining("-1");
        assertThatThrownBy(() -> plan(Workload.A, 1, 1, 0, Duration.ZERO)).hasMessageContaining("above 0");
    }
}
