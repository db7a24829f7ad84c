package io.aitta.partition;

import static io.aitta.partition.FakePlacements.PARTITION;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import io.aitta.partition.Moments.Moment;
import io.aitta.partition.Moments.Taken;
import io.aitta.proto.record.v1.ReplicaMark;
import io.aitta.store.ReplicaStore;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class MomentsTest {
    private static final PartitionId OTHER = new PartitionId("t", 3, 1);

    private final AtomicLong now = new AtomicLong();
    private final Moments moments = new Moments(3, Duration.ofSeconds(30), now::get);
    private final Set<FakeView> open = new HashSet<>();

    @Test
    void aMomentIsInOneHandAtATime() {
        var moment = open(PARTITION);
        assertThat(moments.take(moment.number(), PARTITION)).isEqualTo(Taken.InUse.INSTANCE);
        moments.giveBack(moment);
        assertThat(moments.take(moment.number(), OTHER)).isEqualTo(Taken.Gone.INSTANCE);
        assertThat(moments.take(moment.number(), PARTITION)).isEqualTo(new Taken.Yours(moment));
    }

    @Test
    void forMoreThanThereMayBeTheOneGoesThatWasUnusedForLongest() {
        var first = kept(PARTITION);
        var second = kept(PARTITION);
        var third = kept(PARTITION);
        moments.take(first.number(), PARTITION);
        moments.giveBack(first);
        kept(PARTITION);
        assertThat(moments.size()).isEqualTo(3);
        assertThat(moments.take(second.number(), PARTITION)).isEqualTo(Taken.Gone.INSTANCE);
        assertThat(moments.take(first.number(), PARTITION)).isInstanceOf(Taken.Yours.class);
        assertThat(moments.take(third.number(), PARTITION)).isInstanceOf(Taken.Yours.class);
        assertThat(open).hasSize(3);
    }

    @Test
    void ifAllAreInUseThereIsNoneToBeHad() {
        open(PARTITION);
        open(PARTITION);
        var third = open(PARTITION);
        assertThat(moments.open(PARTITION)).isEqualTo(Taken.InUse.INSTANCE);
        moments.end(third);
        assertThat(moments.open(PARTITION)).isInstanceOf(Taken.Yours.class);
    }

    @Test
    void whatNobodyUsesForAWhileIsClosed() {
        var used = kept(PARTITION);
        kept(PARTITION);
        var inUse = open(PARTITION);
        now.addAndGet(Duration.ofSeconds(20).toNanos());
        moments.take(used.number(), PARTITION);
        moments.giveBack(used);
        now.addAndGet(Duration.ofSeconds(11).toNanos());
        moments.endUnused();
        assertThat(moments.size()).isEqualTo(2);
        assertThat(open).hasSize(2);
        moments.giveBack(inUse);
        now.addAndGet(Duration.ofSeconds(31).toNanos());
        moments.endUnused();
        assertThat(open).isEmpty();
    }

    @Test
    void whatIsEndedWhileInUseIsClosedWhenItIsGivenBack() {
        var inUse = open(PARTITION);
        var unused = kept(PARTITION);
        var other = kept(OTHER);
        moments.endAllOf(PARTITION);
        assertThat(open).hasSize(2);
        assertThat(moments.take(unused.number(), PARTITION)).isEqualTo(Taken.Gone.INSTANCE);
        moments.giveBack(inUse);
        assertThat(open).hasSize(1);
        moments.giveUp(other.number(), OTHER);
        assertThat(open).isEmpty();
        assertThat(moments.size()).isZero();
    }

    @Test
    void afterItsLastPageAMomentIsKeptForSomeSecondsAndMakesRoomFirst() {
        var finished = open(PARTITION);
        moments.finish(finished);
        var unused = kept(PARTITION);
        now.addAndGet(Moments.KEEP_FINISHED.toNanos() - 1);
        moments.endUnused();
        assertThat(moments.take(finished.number(), PARTITION)).isInstanceOf(Taken.Yours.class);
        moments.finish(finished);
        now.addAndGet(Moments.KEEP_FINISHED.toNanos());
        moments.endUnused();
        assertThat(moments.take(finished.number(), PARTITION)).isEqualTo(Taken.Gone.INSTANCE);

        var second = open(PARTITION);
        var third = open(PARTITION);
        moments.giveBack(third);
        moments.finish(second);
        kept(PARTITION);
        assertThat(moments.take(second.number(), PARTITION)).isEqualTo(Taken.Gone.INSTANCE);
        assertThat(moments.take(unused.number(), PARTITION)).isInstanceOf(Taken.Yours.class);
        assertThat(open).hasSize(3);
    }

    private Moment kept(PartitionId partition) {
        var moment = open(partition);
        moments.giveBack(moment);
        return moment;
    }

    private Moment open(PartitionId partition) {
        var moment = ((Taken.Yours) moments.open(partition)).moment();
        moment.opened(new FakeView());
        return moment;
    }

    private final class FakeView implements ReplicaStore.View {
        FakeView() {
            open.add(this);
        }

        @Override
        public ReplicaMark mark() {
            return ReplicaMark.getDefaultInstance();
        }

        @Override
        public ReplicaStore.Page scan(
                KeySpan span,
                ByteString after,
                Predicate<ByteString> wanted,
                int maxRows,
                int maxBytes,
                boolean keysOnly,
                long nowMillis) {
            throw new AssertionError("nobody scans here");
        }

        @Override
        public Optional<ReplicaStore.Changes> changes(long afterIndex, int maxBytes) {
            throw new AssertionError("nobody asks what changed here");
        }

        @Override
        public void close() {
            assertThat(open.remove(this)).as("closed once").isTrue();
        }
    }
}
