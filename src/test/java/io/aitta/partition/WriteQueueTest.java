package io.aitta.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.partition.ReplicaWiring.ReplicaLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class WriteQueueTest {
    private static final long NOW = 1_000;

    @Test
    void ofACallThatFindsRoomOnlyInPartTheBeginningIsTaken() {
        var queue = new WriteQueue(limits(3, 1_000, 10, 1_000));
        assertThat(queue.offer(run(1, 2, 10))).isEqualTo(2);
        assertThat(queue.offer(run(2, 2, 10))).isEqualTo(1);
        assertThat(queue.offer(run(3, 2, 10))).isZero();
        assertThat(queue.count()).isEqualTo(3);
        assertThat(queue.bytes()).isEqualTo(30);
    }

    @Test
    void bytesAreBoundedToo() {
        var queue = new WriteQueue(limits(100, 25, 10, 1_000));
        assertThat(queue.offer(run(1, 3, 10))).isEqualTo(2);
    }

    @Test
    void aBatchEndsAtItsBytesButHoldsOneOperationHoweverLarge() {
        var queue = new WriteQueue(limits(100, 1_000, 10, 25));
        queue.offer(run(1, 3, 10));
        queue.offer(run(2, 1, 90));
        assertThat(counts(queue.takeBatch(10, NOW, late -> {}))).containsExactly(2);
        assertThat(counts(queue.takeBatch(10, NOW, late -> {}))).containsExactly(1);
        assertThat(counts(queue.takeBatch(10, NOW, late -> {}))).containsExactly(1);
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void whatIsLateGoesIntoNoBatch() {
        var queue = new WriteQueue(limits(100, 1_000, 10, 1_000));
        queue.offer(new WriteRun(1, 0, operations(2, 1), false, NOW, null, 0, NOW));
        queue.offer(run(2, 1, 1));
        var late = new ArrayList<WriteRun>();
        assertThat(queue.takeBatch(10, NOW, late::add))
                .extracting(WriteRun::group)
                .containsExactly(2L);
        assertThat(late).extracting(WriteRun::range).containsExactly(new Replica.Range(1, 0, 2));
    }

    @Test
    void whatIsPutBackComesFirstAgain() {
        var queue = new WriteQueue(limits(100, 1_000, 2, 1_000));
        queue.offer(run(1, 2, 1));
        queue.offer(run(2, 2, 1));
        queue.putBack(queue.takeBatch(2, NOW, late -> {}));
        assertThat(queue.takeBatch(2, NOW, late -> {}))
                .extracting(WriteRun::group)
                .containsExactly(1L);
        assertThat(queue.count()).isEqualTo(2);
    }

    @Property(tries = 200)
    void everyOperationComesOutOnceAndInOrder(
            @ForAll @Size(max = 20) List<@IntRange(min = 1, max = 9) Integer> calls,
            @ForAll @IntRange(min = 1, max = 10) int batch) {
        var queue = new WriteQueue(limits(1_000, 10_000, batch, 60));
        for (int group = 0; group < calls.size(); group++) {
            queue.offer(run(group, calls.get(group), 10));
        }
        var out = new ArrayList<String>();
        while (!queue.isEmpty()) {
            int taken = 0;
            for (var run : queue.takeBatch(batch, NOW, late -> {})) {
                taken += run.count();
                IntStream.range(0, run.count()).forEach(i -> out.add(run.group() + "/" + (run.first() + i)));
            }
            assertThat(taken).isBetween(1, Math.min(batch, 6));
        }
        var in = new ArrayList<String>();
        for (int group = 0; group < calls.size(); group++) {
            for (int i = 0; i < calls.get(group); i++) {
                in.add(group + "/" + i);
            }
        }
        assertThat(out).isEqualTo(in);
        assertThat(queue.count()).isZero();
        assertThat(queue.bytes()).isZero();
    }

    private static ReplicaLimits limits(int writes, long bytes, int batchOperations, int batchBytes) {
        return new ReplicaLimits(writes, bytes, 10, batchOperations, batchBytes, 1_000);
    }

    private static WriteRun run(long group, int operations, int size) {
        return new WriteRun(group, 0, operations(operations, size), false, NOW + 1, null, 0, NOW);
    }

    private static List<byte[]> operations(int count, int size) {
        return IntStream.range(0, count).mapToObj(i -> new byte[size]).toList();
    }

    private static List<Integer> counts(List<WriteRun> runs) {
        return runs.stream().map(WriteRun::count).toList();
    }
}
