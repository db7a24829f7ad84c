package io.aitta.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopologyViewTest {
    private final TopologyView view = new TopologyView(Topology.EMPTY, "");
    private final List<Long> seen = new ArrayList<>();

    @Test
    void aConsumerSeesThePresentTopologyAndThenNewerOnesUntilItCloses() throws Exception {
        var subscription = view.subscribe(topology -> seen.add(topology.epoch().value()));
        view.offer(at(1, "c"));
        view.offer(at(4, "c"));
        subscription.close();
        view.offer(at(5, "c"));
        assertThat(seen).containsExactly(0L, 1L, 4L);
    }

    @Test
    void itNeverGoesBackNorToAnotherCluster() {
        view.offer(at(7, "c"));
        view.offer(at(6, "c"));
        view.offer(at(7, "c"));
        view.offer(at(9, "d"));
        assertThat(view.current()).isEqualTo(at(7, "c"));
    }

    @Test
    void whatIsNotOfTheRememberedClusterIsNotTaken() {
        var ofC = new TopologyView(Topology.EMPTY, "c");
        ofC.offer(at(3, "d"));
        assertThat(ofC.current()).isEqualTo(Topology.EMPTY);
        ofC.offer(at(2, "c"));
        assertThat(ofC.current()).isEqualTo(at(2, "c"));
    }

    @Test
    void aConsumerThatFailsDoesNotKeepOthersFromSeeing() {
        view.subscribe(topology -> {
            throw new IllegalStateException("planned");
        });
        view.subscribe(topology -> seen.add(topology.epoch().value()));
        view.offer(at(1, "c"));
        assertThat(seen).containsExactly(0L, 1L);
    }

    @Test
    void anEpochCanBeWaitedFor() {
        var third = view.reached(new Epoch(3)).toCompletableFuture();
        view.offer(at(2, "c"));
        assertThat(third).isNotDone();
        view.offer(at(4, "c"));
        assertThat(third).isCompletedWithValue(at(4, "c"));
        assertThat(view.reached(new Epoch(4)).toCompletableFuture()).isCompleted();
    }

    private static Topology at(long epoch, String cluster) {
        return new Topology(new Epoch(epoch), cluster, List.of(), Map.of());
    }
}
