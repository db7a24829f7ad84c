package io.aitta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.gateway.RoutingTable.TableRoutes;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.proto.v1.Position;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.TableOptions;
import org.junit.jupiter.api.Test;

class ReadFreshnessTest {
    private static final RequestHeader NOTHING_SEEN = RequestHeader.getDefaultInstance();

    private static TableRoutes table(ReadConsistency byDefault) {
        var options =
                TableOptions.newBuilder().setDefaultReadConsistency(byDefault).build();
        return new RoutingTable(FakeTopology.of(3, "t", 16, options)).table("t");
    }

    private static ReadLevel level(ReadConsistency consistency, long maxStalenessMillis, RequestHeader header) {
        return ReadFreshness.of(consistency, maxStalenessMillis, header, table(ReadConsistency.STRONG))
                .of(5);
    }

    @Test
    void what_a_request_does_not_say_the_table_says() {
        var unsaid = ReadConsistency.READ_CONSISTENCY_UNSPECIFIED;
        assertThat(ReadFreshness.of(unsaid, 0, NOTHING_SEEN, table(ReadConsistency.STRONG))
                        .of(5))
                .isEqualTo(ReadLevel.STRONG);
        assertThat(ReadFreshness.of(unsaid, 0, NOTHING_SEEN, table(unsaid)).of(5))
                .isEqualTo(ReadLevel.STRONG);
        assertThat(ReadFreshness.of(unsaid, 7, NOTHING_SEEN, table(ReadConsistency.EVENTUAL))
                        .of(5))
                .isEqualTo(new ReadLevel.Eventual(7));
        assertThat(ReadFreshness.of(ReadConsistency.STRONG, 0, NOTHING_SEEN, table(ReadConsistency.EVENTUAL))
                        .of(5))
                .isEqualTo(ReadLevel.STRONG);
    }

    @Test
    void a_session_asks_each_partition_for_the_newest_that_was_seen_of_it() {
        var header = RequestHeader.newBuilder()
                .addSeen(position(5, 10, 1))
                .addSeen(position(5, 30, 1))
                .addSeen(position(5, 20, 1))
                .addSeen(position(6, 99, 1))
                .build();
        assertThat(level(ReadConsistency.SESSION, 0, header)).isEqualTo(new ReadLevel.Session(30));
    }

    @Test
    void a_partition_of_which_nothing_was_seen_may_answer_as_it_is() {
        assertThat(level(ReadConsistency.SESSION, 0, NOTHING_SEEN)).isEqualTo(ReadLevel.EVENTUAL);
        var other = RequestHeader.newBuilder().addSeen(position(6, 99, 1)).build();
        assertThat(level(ReadConsistency.SESSION, 0, other)).isEqualTo(ReadLevel.EVENTUAL);
    }

    @Test
    void what_was_seen_of_an_older_table_of_that_name_does_not_count() {
        var header = RequestHeader.newBuilder().addSeen(position(5, 10, 2)).build();
        assertThat(level(ReadConsistency.SESSION, 0, header)).isEqualTo(ReadLevel.EVENTUAL);
    }

    @Test
    void positions_matter_to_session_reads_only() {
        var header = RequestHeader.newBuilder().addSeen(position(5, 10, 1)).build();
        assertThat(level(ReadConsistency.STRONG, 0, header)).isEqualTo(ReadLevel.STRONG);
        assertThat(level(ReadConsistency.EVENTUAL, 0, header)).isEqualTo(ReadLevel.EVENTUAL);
    }

    @Test
    void numbers_are_unsigned() {
        var header = RequestHeader.newBuilder().addSeen(position(5, -1, 1)).build();
        assertThat(level(ReadConsistency.SESSION, 0, header)).isEqualTo(new ReadLevel.Session(Long.MAX_VALUE));
        assertThat(level(ReadConsistency.EVENTUAL, -1, NOTHING_SEEN)).isEqualTo(new ReadLevel.Eventual(Long.MAX_VALUE));
    }

    private static Position position(int partition, long index, long tableEpoch) {
        return Position.newBuilder()
                .setPartition(partition)
                .setIndex(index)
                .setTableEpoch(tableEpoch)
                .build();
    }
}
