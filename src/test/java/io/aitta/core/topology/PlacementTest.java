package io.aitta.core.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.aitta.core.NodeId;
import io.aitta.core.topology.Placement.Candidate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PlacementTest {
    @Property(tries = 2000)
    void noPartitionHasTwoReplicasOnANodeNorMoreInAZoneThanItMust(
            @ForAll("clusters") List<Candidate> nodes,
            @ForAll @IntRange(min = 1, max = 7) int replicas,
            @ForAll @IntRange(min = 1, max = 70) int partitions) {
        Map<String, Integer> sizes = new HashMap<>();
        usable(nodes).forEach(node -> sizes.merge(node.zone(), 1, Integer::sum));
        Assume.that(usable(nodes).size() >= replicas);

        List<List<NodeId>> places = place(nodes, replicas, partitions);

        int most = 0;
        while (atMost(sizes, most) < replicas) {
            most++;
        }
        assertThat(places).hasSize(partitions);
        for (List<NodeId> place : places) {
            assertThat(place).hasSize(replicas).doesNotHaveDuplicates();
            Map<String, Integer> inZone = new HashMap<>();
            place.forEach(id -> inZone.merge(byId(nodes, id).zone(), 1, Integer::sum));
            for (String zone : sizes.keySet()) {
                assertThat(inZone.getOrDefault(zone, 0))
                        .isBetween(Math.min(sizes.get(zone), most - 1), Math.min(sizes.get(zone), most));
            }
        }
    }

    @Property(tries = 1000)
    void replicasFollowTheWeightsWithinOneWhereZonesDoNotStandInTheWay(
            @ForAll("oneZone") List<Candidate> nodes,
            @ForAll @IntRange(min = 1, max = 5) int replicas,
            @ForAll @IntRange(min = 1, max = 200) int partitions) {
        Assume.that(usable(nodes).size() >= replicas);
        Map<NodeId, Integer> counts = replicasOf(place(nodes, replicas, partitions));
        Map<NodeId, Double> shares = sharesUnderCap(usable(nodes), partitions * replicas, partitions);
        shares.forEach(
                (id, share) -> assertThat((double) counts.getOrDefault(id, 0)).isCloseTo(share, within(1.0)));
    }

    @Property(tries = 1000)
    void preferredPrimariesOfEqualNodesDifferByOneAtMost(
            @ForAll @IntRange(min = 1, max = 30) int nodeCount,
            @ForAll @IntRange(min = 1, max = 7) int replicas,
            @ForAll @IntRange(min = 1, max = 300) int partitions) {
        Assume.that(nodeCount >= replicas);
        Map<NodeId, Integer> primaries = primariesOf(place(equalNodes(nodeCount, 1), replicas, partitions));
        int floor = partitions / nodeCount;
        for (Candidate node : equalNodes(nodeCount, 1)) {
            assertThat(primaries.getOrDefault(node.id(), 0))
                    .isBetween(floor, floor + (partitions % nodeCount == 0 ? 0 : 1));
        }
    }

    @Property(tries = 1000)
    void preferredPrimariesFollowTheWeightsWithinOneWhereEveryNodeHoldsEverything(
            @ForAll("oneZone") List<Candidate> nodes, @ForAll @IntRange(min = 1, max = 200) int partitions) {
        List<Candidate> usable = usable(nodes);
        Assume.that(!usable.isEmpty() && usable.size() <= 7);
        Map<NodeId, Integer> primaries = primariesOf(place(nodes, usable.size(), partitions));
        sharesUnderCap(usable, partitions, partitions)
                .forEach((id, share) ->
                        assertThat((double) primaries.getOrDefault(id, 0)).isCloseTo(share, within(1.0)));
    }

    @Property(tries = 500)
    void theSameInputGivesTheSamePlacesInWhateverOrderNodesAreNamed(
            @ForAll("clusters") List<Candidate> nodes, @ForAll @IntRange(min = 1, max = 3) int replicas) {
        var shuffled = new ArrayList<>(nodes);
        java.util.Collections.shuffle(shuffled, new Random(nodes.hashCode()));
        assertThat(Placement.place(shuffled, replicas, 17)).isEqualTo(Placement.place(nodes, replicas, 17));
    }

    @Test
    void weightsOneTwoSevenAreSharedOutInThatProportion() {
        var nodes = List.of(node("n1", "a", 1), node("n2", "a", 2), node("n3", "a", 7));
        assertThat(replicasOf(place(nodes, 1, 100)))
                .containsExactlyInAnyOrderEntriesOf(Map.of(id("n1"), 10, id("n2"), 20, id("n3"), 70));
        assertThat(primariesOf(place(nodes, 3, 100)))
                .containsExactlyInAnyOrderEntriesOf(Map.of(id("n1"), 10, id("n2"), 20, id("n3"), 70));
        // Two replicas: n3 cannot hold more than one of each, so the others share the rest.
        assertThat(replicasOf(place(nodes, 2, 90)))
                .containsExactlyInAnyOrderEntriesOf(Map.of(id("n1"), 30, id("n2"), 60, id("n3"), 90));
    }

    @Test
    void threeReplicasInTwoZonesAreTwoAndOne() {
        var nodes = List.of(node("n1", "a", 1), node("n2", "a", 1), node("n3", "b", 1), node("n4", "b", 1));
        for (List<NodeId> place : place(nodes, 3, 64)) {
            long inA = place.stream()
                    .filter(id -> byId(nodes, id).zone().equals("a"))
                    .count();
            assertThat(inA).isBetween(1L, 2L);
        }
    }

    @Test
    void fewerNodesThanReplicasIsNoPlace() {
        assertThat(Placement.place(equalNodes(2, 1), 3, 4)).isEmpty();
        assertThat(Placement.place(List.of(), 1, 1)).isEmpty();
        assertThat(Placement.place(List.of(node("n1", "a", 0), node("n2", "a", 1)), 2, 1))
                .as("a node of weight 0 carries nothing")
                .isEmpty();
    }

    @Test
    void manySmallTablesComeOutInProportion() {
        var carried = new HashMap<NodeId, Integer>();
        var led = new HashMap<NodeId, Integer>();
        var weights = Map.of(id("n1"), 1, id("n2"), 2, id("n3"), 7);
        for (int table = 0; table < 100; table++) {
            var nodes = weights.entrySet().stream()
                    .map(entry -> new Candidate(
                            entry.getKey(),
                            "a",
                            entry.getValue(),
                            carried.getOrDefault(entry.getKey(), 0),
                            led.getOrDefault(entry.getKey(), 0)))
                    .toList();
            List<NodeId> place = place(nodes, 1, 1).get(0);
            place.forEach(id -> carried.merge(id, 1, Integer::sum));
            led.merge(place.get(0), 1, Integer::sum);
        }
        assertThat(carried.get(id("n1"))).isBetween(9, 11);
        assertThat(carried.get(id("n2"))).isBetween(19, 21);
        assertThat(carried.get(id("n3"))).isBetween(69, 71);
    }

    @Test
    void aNewNodeIsUsedFirstForNewTables() {
        var nodes = List.of(
                new Candidate(id("n1"), "a", 1, 16, 6),
                new Candidate(id("n2"), "a", 1, 16, 5),
                new Candidate(id("n3"), "a", 1, 16, 5),
                new Candidate(id("n4"), "a", 1, 0, 0));
        assertThat(place(nodes, 3, 1).get(0)).startsWith(id("n4"));
        assertThat(replicasOf(place(nodes, 3, 16)).get(id("n4"))).isEqualTo(12);
    }

    @Test
    void theWorkOfALostNodeFallsToMany() {
        List<Candidate> nodes = equalNodes(10, 1);
        var followers = new HashSet<NodeId>();
        for (List<NodeId> place : place(nodes, 3, 512)) {
            if (place.get(0).equals(id("node-3"))) {
                followers.add(place.get(1));
            }
        }
        assertThat(followers).hasSize(9);
    }

    @Test
    void tenThousandPartitionsOverFiftyNodesArePlacedWithinASecond() {
        List<Candidate> nodes = equalNodes(50, 5);
        place(nodes, 3, 1000);
        long begin = System.nanoTime();
        place(nodes, 3, 10_000);
        assertThat((System.nanoTime() - begin) / 1_000_000).as("milliseconds").isLessThan(1000);
    }

    @Provide
    Arbitrary<List<Candidate>> clusters() {
        return nodesIn(Arbitraries.of("a", "b", "c", "d"));
    }

    @Provide
    Arbitrary<List<Candidate>> oneZone() {
        return nodesIn(Arbitraries.of("a"));
    }

    private static Arbitrary<List<Candidate>> nodesIn(Arbitrary<String> zones) {
        Arbitrary<Integer> weights = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(8, Arbitraries.integers().between(1, 10)),
                net.jqwik.api.Tuple.of(1, Arbitraries.just(0)),
                net.jqwik.api.Tuple.of(1, Arbitraries.integers().between(100, 1000)));
        Arbitrary<Integer> loads = Arbitraries.integers().between(0, 50);
        return Combinators.combine(zones, weights, loads)
                .as((zone, weight, load) -> new Candidate(id("x"), zone, weight, load, load / 3))
                .list()
                .ofMinSize(1)
                .ofMaxSize(12)
                .map(PlacementTest::numbered);
    }

    private static List<Candidate> numbered(List<Candidate> nodes) {
        var named = new ArrayList<Candidate>();
        for (Candidate node : nodes) {
            named.add(new Candidate(
                    id("n" + (named.size() + 1)), node.zone(), node.weight(), node.replicas(), node.primaries()));
        }
        return named;
    }

    /** By handing what a full node cannot take to the others, again and again. */
    private static Map<NodeId, Double> sharesUnderCap(List<Candidate> nodes, int total, int cap) {
        var shares = new HashMap<NodeId, Double>();
        var open = new ArrayList<>(nodes);
        double rest = total;
        while (!open.isEmpty()) {
            double weights = open.stream().mapToInt(Candidate::weight).sum();
            double each = rest / weights;
            List<Candidate> full =
                    open.stream().filter(node -> each * node.weight() >= cap).toList();
            if (full.isEmpty()) {
                open.forEach(node -> shares.put(node.id(), each * node.weight()));
                break;
            }
            full.forEach(node -> shares.put(node.id(), (double) cap));
            rest -= (double) cap * full.size();
            open.removeAll(full);
        }
        return shares;
    }

    private static List<Candidate> equalNodes(int count, int zones) {
        var nodes = new ArrayList<Candidate>();
        for (int i = 0; i < count; i++) {
            nodes.add(node("node-" + i, "zone-" + i % zones, 1));
        }
        return nodes;
    }

    private static List<List<NodeId>> place(List<Candidate> nodes, int replicas, int partitions) {
        return Placement.place(nodes, replicas, partitions).orElseThrow();
    }

    private static Map<NodeId, Integer> replicasOf(List<List<NodeId>> places) {
        var counts = new HashMap<NodeId, Integer>();
        places.forEach(place -> place.forEach(id -> counts.merge(id, 1, Integer::sum)));
        return counts;
    }

    private static Map<NodeId, Integer> primariesOf(List<List<NodeId>> places) {
        var counts = new HashMap<NodeId, Integer>();
        places.forEach(place -> counts.merge(place.get(0), 1, Integer::sum));
        return counts;
    }

    private static int atMost(Map<String, Integer> sizes, int limit) {
        return sizes.values().stream().mapToInt(size -> Math.min(size, limit)).sum();
    }

    private static List<Candidate> usable(List<Candidate> nodes) {
        return nodes.stream().filter(node -> node.weight() > 0).toList();
    }

    private static Candidate byId(List<Candidate> nodes, NodeId id) {
        return nodes.stream().filter(node -> node.id().equals(id)).findFirst().orElseThrow();
    }

    private static Candidate node(String id, String zone, int weight) {
        return new Candidate(id(id), zone, weight, 0, 0);
    }

    private static NodeId id(String value) {
        return new NodeId(value);
    }
}
