package io.aitta.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.proto.v1.Position;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeenPositionsTest {
    private final SeenPositions seen = new SeenPositions(4);

    @Test
    void theHighestIndexOfEachPartitionIsKept() {
        seen.learn("t", List.of(at(0, 5), at(1, 9)));
        seen.learn("t", List.of(at(0, 3), at(1, 10)));
        assertThat(sent("t", IntStream.of(0, 1, 2))).containsExactly(at(0, 5), at(1, 10));
    }

    @Test
    void onlyThePartitionsConcernedAreSentUnlessTheyAreNotKnown() {
        seen.learn("t", List.of(at(0, 5), at(1, 9)));
        seen.learn("other", List.of(at(0, 7)));
        assertThat(sent("t", IntStream.of(1))).containsExactly(at(1, 9));
        assertThat(sent("t", null)).containsExactlyInAnyOrder(at(0, 5), at(1, 9));
        assertThat(sent("unheard of", null)).isEmpty();
    }

    @Test
    void aTableMadeAgainBeginsAnewAndLateRepliesOfItsPredecessorDoNotCount() {
        seen.learn("t", List.of(at(0, 500)));
        seen.learn("t", List.of(at(0, 2, 8)));
        seen.learn("t", List.of(at(0, 501)));
        assertThat(sent("t", null)).containsExactly(at(0, 2, 8));
    }

    @Test
    void tablesThatAreGoneMakeRoom() {
        seen.learn("t", List.of(at(0, 1), at(1, 1), at(2, 1), at(3, 1)));
        seen.forgetOthersThan(Topology.newBuilder().setEpoch(5).build());
        seen.learn("u", List.of(at(0, 1), at(1, 1), at(2, 1), at(3, 1)));
        assertThat(seen.isFull()).isFalse();
        assertThat(sent("t", null)).isEmpty();
    }

    @Test
    void aTopologyThatIsOlderThanATableDoesNotMakeItForgotten() {
        seen.learn("new", List.of(at(0, 7, 9)));
        seen.forgetOthersThan(Topology.newBuilder().setEpoch(8).build());
        assertThat(sent("new", null)).hasSize(1);
        var table = Table.newBuilder().setName("new").setCreatedEpoch(9);
        seen.forgetOthersThan(
                Topology.newBuilder().setEpoch(12).addTables(table).build());
        assertThat(sent("new", null)).hasSize(1);
    }

    @Test
    void whatDoesNotFitIsSaidToBeMissing() {
        seen.learn("t", List.of(at(0, 1), at(1, 1), at(2, 1), at(3, 1)));
        assertThat(seen.isFull()).isFalse();
        seen.learn("t", List.of(at(4, 1), at(0, 2)));
        assertThat(seen.isFull()).isTrue();
        assertThat(sent("t", null)).hasSize(4).contains(at(0, 2));
    }

    @Test
    void repliesOfManyThreadsNeverTakeAPartitionBack() {
        var threads = new ArrayList<CompletableFuture<Void>>();
        for (int t = 0; t < 4; t++) {
            int offset = t;
            threads.add(CompletableFuture.runAsync(() -> {
                for (int i = 0; i < 2_000; i++) {
                    seen.learn("t", List.of(at(i % 4, i * 4L + offset)));
                    assertThat(sent("t", IntStream.of(i % 4)).get(0).getIndex())
                            .isGreaterThanOrEqualTo(i * 4L + offset);
                }
            }));
        }
        threads.forEach(CompletableFuture::join);
        assertThat(sent("t", IntStream.of(3))).containsExactly(at(3, 1_999 * 4 + 3));
    }

    private List<Position> sent(String table, IntStream partitions) {
        var header = RequestHeader.newBuilder();
        seen.addTo(header, table, partitions);
        return header.getSeenList();
    }

    private static Position at(int partition, long index) {
        return at(partition, index, 1);
    }

    private static Position at(int partition, long index, long tableEpoch) {
        return Position.newBuilder()
                .setPartition(partition)
                .setIndex(index)
                .setTableEpoch(tableEpoch)
                .build();
    }
}
