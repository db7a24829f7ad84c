package io.aitta.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.EpochChange;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyEvent;
import io.aitta.core.topology.TopologyState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class MetaHistoryTest {
    private final FakeMeta access = new FakeMeta();
    private final MetaStore meta = new MetaStore(access, Duration.ofSeconds(5).toNanos());

    @Test
    void what_happened_between_two_epochs_is_read_in_its_order() {
        var changes = new ArrayList<EpochChange>();
        Topology topology = Topology.EMPTY;
        for (int i = 0; i < 200; i++) {
            TopologyEvent event =
                    i == 0 ? new TopologyEvent.ClusterFounded("c") : new TopologyEvent.BalancingPaused(i % 2 == 0);
            topology = TopologyState.evolve(topology, List.of(event));
            var change = new EpochChange(topology.epoch(), i, "change-" + i, List.of(event));
            changes.add(change);
            meta.append(change, topology).toCompletableFuture().join();
        }
        assertThat(history(0, 200)).isEqualTo(changes);
        assertThat(history(70, 73)).isEqualTo(changes.subList(70, 73));
        assertThat(history(200, 200)).isEmpty();
        access.setDown(true);
        assertThatThrownBy(() -> history(1, 2)).isInstanceOf(CompletionException.class);
    }

    private List<EpochChange> history(long after, long to) {
        return meta.history(new Epoch(after), new Epoch(to))
                .toCompletableFuture()
                .join();
    }
}
