package io.aitta;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Membership;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.KnownCluster;
import io.aitta.core.topology.KnownCluster.MetaMember;
import io.aitta.core.topology.Topology;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where {@code _meta} is, by what a node remembers. */
class TopologyPlacementsTest {
    private static final NodeId N1 = new NodeId("n1");
    private static final NodeId N2 = new NodeId("n2");
    private static final KnownCluster FOUNDED = new KnownCluster("c", List.of(new MetaMember(N1, "i1")));
    private static final KnownCluster GROWN = new KnownCluster(
            "c", new Epoch(5), List.of(new MetaMember(N1, "i1", true), new MetaMember(N2, "i2", false)));
    private static final KnownCluster MOVED =
            new KnownCluster("c", new Epoch(9), List.of(new MetaMember(N2, "i2", false)));

    @Test
    void aFounderHoldsMetaAndMayBeginIt() {
        var placements = placements("i1", FOUNDED);
        assertThat(placements.heldBy(N1)).containsExactly(PartitionId.META);
        assertThat(placements.foundersOf(PartitionId.META, N1)).contains(Membership.ofVoters(N1));
        assertThat(placements("another", FOUNDED).isHeldBy(N1, PartitionId.META))
                .as("with another data directory")
                .isFalse();
    }

    @Test
    void aMemberThatComesLaterHoldsMetaButNeverBeginsIt() {
        var placements = placements("i2", FOUNDED);
        assertThat(placements.isHeldBy(N2, PartitionId.META)).isFalse();
        placements.welcomed(GROWN);
        assertThat(placements.isHeldBy(N2, PartitionId.META)).isTrue();
        assertThat(placements.foundersOf(PartitionId.META, N2)).isEmpty();
        assertThat(placements.holdersOf(PartitionId.META)).containsExactly(N1, N2);
    }

    @Test
    void aMemberThatWasReplacedLetsGo() {
        var placements = placements("i1", GROWN);
        placements.welcomed(MOVED);
        assertThat(placements.heldBy(N1)).isEmpty();
        assertThat(placements.isHeldBy(N1, PartitionId.META)).isFalse();
        assertThat(placements.foundersOf(PartitionId.META, N1)).isEmpty();
    }

    private static TopologyPlacements placements(String incarnation, KnownCluster known) {
        return new TopologyPlacements(() -> Topology.EMPTY, () -> Topology.EMPTY, incarnation, Optional.of(known));
    }
}
