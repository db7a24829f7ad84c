package io.aitta.partition;

import static io.aitta.partition.Statuses.N1;
import static io.aitta.partition.Statuses.N2;
import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.Status;
import io.aitta.core.replication.Term;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** A primary on n1 with a learner n9 that is slow; in virtual time. */
class ThrottleTest {
    private static final NodeId N9 = new NodeId("n9");
    private static final long MS = 1_000_000;

    private final Throttle throttle = new Throttle();
    private final Optional<Status> primary = Optional.of(status(1, List.of(N9)));

    @Test
    void aSlowLearnerCatchesUpUnderLoadAndEveryWriteIsDoneInTime() {
        var load = new Load(5_000);
        load.run(3_000, false);
        assertThat(load.lag).as("the learner falls behind").isGreaterThan(5_500);
        load.run(60_000, true);
        assertThat(load.least).as("what the learner lacked at best").isLessThanOrEqualTo(4);
        assertThat(load.lag).as("and in the end").isLessThan(64);
        assertThat(load.longestWaitMs).isLessThan(2_000);
        assertThat(load.fewestInASecond).isGreaterThan(50);
    }

    @Test
    void aLearnerThatKeepsUpCostsTheWritersNothing() {
        throttle.wanted(N9, primary.get(), 0);
        for (long now = 0; now < 2_000 * MS; now += 10 * MS) {
            throttle.learner(primary, now);
            throttle.look(OptionalLong.of(2), now);
            throttle.batchWent(now);
            assertThat(throttle.nextBatchAtNanos(now)).isEqualTo(now);
            assertThat(throttle.mostOperations(10, 1_000)).isEqualTo(1_000);
        }
    }

    @Test
    void itEndsWhenItIsNotWantedAgain() {
        throttle.wanted(N9, primary.get(), 0);
        assertThat(throttle.learner(primary, 2_999 * MS)).contains(N9);
        throttle.wanted(N9, primary.get(), 2_999 * MS);
        assertThat(throttle.learner(primary, 5_998 * MS)).contains(N9);
        assertThat(throttle.learner(primary, 5_999 * MS)).isEmpty();
        assertThat(throttle.nextBatchAtNanos(7)).isEqualTo(7);
    }

    @Test
    void itEndsWithTheTermAndWhenTheLearnerIsNoneAnyMore() {
        throttle.wanted(N9, primary.get(), 0);
        assertThat(throttle.learner(Optional.of(status(2, List.of(N9))), 1)).isEmpty();
        throttle.wanted(N9, primary.get(), 0);
        assertThat(throttle.learner(Optional.of(status(1, List.of())), 1)).isEmpty();
        throttle.wanted(N9, primary.get(), 0);
        assertThat(throttle.learner(Optional.empty(), 1)).isEmpty();
        throttle.wanted(N2, primary.get(), 0);
        assertThat(throttle.learner(primary, 1)).as("n2 is no learner").isEmpty();
    }

    private static Status status(long term, List<NodeId> learners) {
        return new Status(
                Status.Role.PRIMARY,
                new Term(term),
                Optional.of(N1),
                true,
                Long.MAX_VALUE,
                true,
                false,
                new LogIndex(1),
                new LogIndex(1),
                new Term(term),
                new Membership(Statuses.ALL.voters(), learners));
    }

    /** 64 writers that write again as soon as they are answered, which takes 2 ms; the learner takes 4 ms for each entry. */
    private final class Load {
        private static final int WRITERS = 64;

        private final ArrayDeque<Long> waiting = new ArrayDeque<>();
        private long now;
        private double lag;
        private double least;
        private long longestWaitMs;
        private long fewestInASecond = Long.MAX_VALUE;

        Load(long lag) {
            this.lag = lag;
            this.least = lag;
            for (int i = 0; i < WRITERS; i++) {
                waiting.add(0L);
            }
        }

        void run(long millis, boolean throttled) {
            long done = 0;
            fewestInASecond = Long.MAX_VALUE;
            for (long ms = 1; ms <= millis; ms++) {
                now += MS;
                lag = Math.max(0, lag - 0.25);
                if (throttled && ms % 1_000 == 1) {
                    throttle.wanted(N9, primary.get(), now);
                }
                throttle.learner(primary, now);
                throttle.look(OptionalLong.of((long) lag), now);
                if (throttle.nextBatchAtNanos(now) <= now) {
                    done += batch();
                }
                least = Math.min(least, lag);
                if (ms % 1_000 == 0) {
                    fewestInASecond = Math.min(fewestInASecond, done);
                    done = 0;
                }
            }
        }

        private int batch() {
            int ready = (int) waiting.stream().filter(since -> since <= now).count();
            int most = Math.min(ready, throttle.mostOperations(ready, 1_000));
            for (int i = 0; i < most; i++) {
                longestWaitMs = Math.max(longestWaitMs, (now - waiting.removeFirst()) / MS);
                waiting.addLast(now + 2 * MS);
            }
            if (most > 0) {
                lag++;
                throttle.batchWent(now);
            }
            return most;
        }
    }
}
