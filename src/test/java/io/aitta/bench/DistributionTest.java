package io.aitta.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DistributionTest {
    private static final int KEYS = 1_000;
    private static final int ROLLS = 400_000;

    private final SplittableRandom random = new SplittableRandom(7);

    private long[] counts(Distribution distribution) {
        var zipf = new Zipf(KEYS);
        var counts = new long[KEYS];
        for (int i = 0; i < ROLLS; i++) {
            counts[(int) distribution.choose(zipf, KEYS, random)]++;
        }
        return counts;
    }

    @Test
    void uniformTakesEachKeyAboutAsOften() {
        double each = (double) ROLLS / KEYS;
        assertThat(Arrays.stream(counts(Distribution.UNIFORM)).boxed())
                .allSatisfy(count -> assertThat((double) count).isCloseTo(each, within(0.4 * each)));
    }

    @Test
    void ranksFollowZipfsLaw() {
        double all = IntStream.rangeClosed(1, KEYS)
                .mapToDouble(k -> Math.pow(k, -0.99))
                .sum();
        var zipf = new Zipf(KEYS);
        var counts = new long[KEYS + 1];
        for (int i = 0; i < ROLLS; i++) {
            counts[(int) zipf.rank(random)]++;
        }
        for (int rank : new int[] {1, 2, 3, 10, 100}) {
            double expected = ROLLS * Math.pow(rank, -0.99) / all;
            assertThat((double) counts[rank]).as("rank %s", rank).isCloseTo(expected, within(6 * Math.sqrt(expected)));
        }
        assertThat(counts[0]).isZero();
        assertThat(Arrays.stream(counts).sum()).isEqualTo(ROLLS);
    }

    @Test
    void zipfianSpreadsItsPopularKeysOverTheKeySpace() {
        var counts = counts(Distribution.ZIPFIAN);
        int[] popular = IntStream.range(0, KEYS)
                .boxed()
                .sorted((a, b) -> Long.compare(counts[b], counts[a]))
                .mapToInt(i -> i)
                .limit(10)
                .toArray();
        assertThat(Arrays.stream(popular).mapToLong(key -> counts[key]).sum()).isGreaterThan(ROLLS / 3);
        assertThat(Arrays.stream(popular).max().orElseThrow()).isGreaterThan(KEYS / 2);
    }

    @Test
    void latestTakesTheNewestMostOften() {
        var counts = counts(Distribution.LATEST);
        assertThat(counts[KEYS - 1]).isEqualTo(Arrays.stream(counts).max().orElseThrow());
        assertThat(counts[KEYS - 1]).isGreaterThan(5 * counts[KEYS - 10]);
    }

    @Test
    void aHugeKeySpaceIsReadyAtOnce() {
        var zipf = new Zipf(1_000_000_000_000L);
        for (int i = 0; i < 1_000; i++) {
            assertThat(zipf.rank(random)).isBetween(1L, 1_000_000_000_000L);
        }
        assertThat(new Zipf(1).rank(random)).isEqualTo(1);
    }

    @Test
    void aKeyIsChosenOnceItAndAllBeforeItAreInserted() {
        var keys = new KeySpace(Distribution.LATEST, 1);
        long first = keys.begin();
        long second = keys.begin();
        keys.inserted(second, true);
        assertThat(IntStream.range(0, 100).mapToLong(i -> keys.choose(random))).containsOnly(0L);
        keys.inserted(first, false);
        assertThat(IntStream.range(0, 1_000).mapToLong(i -> keys.choose(random)))
                .contains(0L, first, second);
        assertThat(keys.mayBeMissing(first)).isTrue();
        assertThat(keys.mayBeMissing(second)).isFalse();
    }

    @Test
    void theKindsOfAWorkloadComeInTheirParts() {
        for (Workload workload : Workload.values()) {
            var kinds = IntStream.range(0, 100).mapToObj(workload::kind).toList();
            assertThat(kinds.stream().distinct().filter(workload::has))
                    .hasSameSizeAs(kinds.stream().distinct().toList());
        }
        assertThat(IntStream.range(0, 100).mapToObj(Workload.D::kind).filter(k -> k == Workload.Kind.INSERT))
                .hasSize(5);
        assertThat(Workload.WRITE.isReading()).isFalse();
        assertThat(Workload.D.isReading()).isTrue();
    }
}
