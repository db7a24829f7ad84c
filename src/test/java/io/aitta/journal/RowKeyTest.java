package io.aitta.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RowKeyTest {
    @Test
    void rowsOfAReplicaAreNeighboursInTheirOrder() {
        assertThat(RowKey.of(3, 7)).isEqualTo(RowKey.of(3, 6) + 1);
        assertThat(RowKey.of(3, RowKey.MAX_SEQUENCE)).isLessThan(RowKey.of(4, 0));
        assertThat(RowKey.of(RowKey.MAX_REPLICA, RowKey.MAX_SEQUENCE)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void numbersThatWouldMixRowsUpAreRefused() {
        assertThatThrownBy(() -> RowKey.of(RowKey.MAX_REPLICA + 1, 1)).isInstanceOf(JournalException.class);
        assertThatThrownBy(() -> RowKey.of(1, RowKey.MAX_SEQUENCE + 1)).isInstanceOf(JournalException.class);
    }
}
