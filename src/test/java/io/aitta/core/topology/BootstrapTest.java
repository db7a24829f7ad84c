package io.aitta.core.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.topology.Bootstrap.Said;
import io.aitta.core.topology.Bootstrap.Verdict;
import io.aitta.core.topology.KnownCluster.MetaMember;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BootstrapTest {
    private static final KnownCluster ONE = cluster("one", "n1");
    private static final KnownCluster TWO = cluster("two", "n2");

    @Test
    void aNewClusterIsFoundedWhenAllWhoAreThereRememberNone() {
        var verdict = decide(present("n1", "n2", "n3"), 3, false, said("n1"), said("n2"), said("n3"));
        assertThat(verdict).isInstanceOfSatisfying(Verdict.Found.class, found -> assertThat(found.meta())
                .containsExactlyInAnyOrder(
                        new MetaMember(new NodeId("n1"), "i-n1"),
                        new MetaMember(new NodeId("n2"), "i-n2"),
                        new MetaMember(new NodeId("n3"), "i-n3")));
    }

    @Test
    void itIsNotFoundedWithTooFewOrBeforeAllHaveSpoken() {
        assertThat(decide(present("n1", "n2"), 3, true, said("n1"), said("n2"))).isEqualTo(new Verdict.Wait());
        assertThat(decide(present("n1", "n2", "n3"), 2, true, said("n1"), said("n2")))
                .isEqualTo(new Verdict.Wait());
        assertThat(decide(present(), 1, true)).isEqualTo(new Verdict.Wait());
    }

    @Test
    void aSingleNodeFoundsAClusterIfOneIsEnough() {
        assertThat(decide(present("n1"), 1, false, said("n1"))).isInstanceOf(Verdict.Found.class);
    }

    @Test
    void metaIsKeptInDifferentZones() {
        var nodes = List.of(inZone("n1", "a"), inZone("n2", "a"), inZone("n3", "b"), inZone("n4", "c"));
        var verdict = Bootstrap.decide(nodes, present("n1", "n2", "n3", "n4"), 4, 3, false);
        assertThat(((Verdict.Found) verdict).meta())
                .extracting(MetaMember::node)
                .hasSize(3)
                .contains(new NodeId("n3"), new NodeId("n4"));
    }

    @Test
    void whatMoreThanHalfRememberIsTakenUpAtOnce() {
        assertThat(decide(present("n1", "n2", "n3"), 1, false, said("n1", ONE), said("n2", ONE)))
                .isEqualTo(new Verdict.Join(ONE));
    }

    @Test
    void whatFewerRememberIsTakenUpOnceAllHaveSpokenOrWereWaitedFor() {
        assertThat(decide(present("n1", "n2", "n3"), 3, false, said("n1", ONE))).isEqualTo(new Verdict.Wait());
        assertThat(decide(present("n1", "n2", "n3"), 3, true, said("n1", ONE))).isEqualTo(new Verdict.Join(ONE));
        assertThat(decide(present("n1", "n2", "n3"), 3, false, said("n1", ONE), said("n2"), said("n3")))
                .isEqualTo(new Verdict.Join(ONE));
    }

    @Test
    void ofTwoRememberedClustersTheOneOfMoreNodesIsTakenAndElseTheFirst() {
        assertThat(decide(present("n1", "n2", "n3"), 1, false, said("n1", ONE), said("n2", TWO), said("n3", TWO)))
                .isEqualTo(new Verdict.Join(TWO));
        assertThat(decide(present("n1", "n2"), 1, false, said("n1", ONE), said("n2", TWO)))
                .isEqualTo(new Verdict.Join(ONE));
    }

    private static Verdict decide(Set<NodeId> present, int expectNodes, boolean waitedLongEnough, Said... said) {
        return Bootstrap.decide(List.of(said), present, expectNodes, 3, waitedLongEnough);
    }

    private static Set<NodeId> present(String... names) {
        return new HashSet<>(Arrays.stream(names).map(NodeId::new).toList());
    }

    private static Said said(String name) {
        return new Said(TopologyStateTest.node(name, 1), Optional.empty());
    }

    @Test
    void ofWhatIsRememberedOfOneClusterTheNewestCounts() {
        var moved = new KnownCluster("one", new Epoch(5), List.of(new MetaMember(new NodeId("n2"), "i-n2", false)));
        var verdict = Bootstrap.decide(
                List.of(said("n1", ONE), said("n2", moved), said("n3", ONE)),
                Set.of(new NodeId("n1"), new NodeId("n2"), new NodeId("n3")),
                1,
                3,
                false);
        assertThat(verdict).isEqualTo(new Verdict.Join(moved));
    }

    @Test
    void whatIsSoAgainCountsMoreThanWhatWasSoMeanwhile() {
        var n1 = List.of(new MetaMember(new NodeId("n1"), "i-n1", false));
        var meanwhile = new KnownCluster("one", new Epoch(5), List.of(new MetaMember(new NodeId("n2"), "i-n2", false)));
        var again = new KnownCluster("one", new Epoch(9), n1);
        var verdict = Bootstrap.decide(
                List.of(
                        said("n1", new KnownCluster("one", new Epoch(3), n1)),
                        said("n2", meanwhile),
                        said("n3", again)),
                Set.of(new NodeId("n1"), new NodeId("n2"), new NodeId("n3")),
                1,
                3,
                false);
        assertThat(verdict).isEqualTo(new Verdict.Join(again));
        var inAnotherOrder = Bootstrap.decide(
                List.of(said("n3", again), said("n2", meanwhile)),
                Set.of(new NodeId("n2"), new NodeId("n3")),
                1,
                3,
                false);
        assertThat(inAnotherOrder).isEqualTo(new Verdict.Join(again));
    }

    private static Said said(String name, KnownCluster known) {
        return new Said(TopologyStateTest.node(name, 1), Optional.of(known));
    }

    private static Said inZone(String name, String zone) {
        return new Said(NodeInfo.told(new NodeId(name), "i-" + name, name, 1, 2, 3, zone, 1), Optional.empty());
    }

    private static KnownCluster cluster(String id, String member) {
        return new KnownCluster(id, List.of(new MetaMember(new NodeId(member), "i-" + member)));
    }
}
