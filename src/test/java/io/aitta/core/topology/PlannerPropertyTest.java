package io.aitta.core.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.aitta.core.NodeId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Random clusters; those that a seed stands for are shown when something fails. */
class PlannerPropertyTest {
    @Property(tries = 600)
    void whatEverIsPlannedIsSafeAndComesToAnEndInAFewRounds(@ForAll long seed) {
        PlanWorld world = messy(new Random(seed));
        String before = world.toString();
        try {
            assertThat(world.settle()).as("rounds").isLessThan(25);
            world.tables().forEach(table -> checkSettled(world, table));
            checkStranded(world);
        } catch (AssertionError | RuntimeException failed) {
            throw new AssertionError(before + "\n" + world.done + "\n" + world, failed);
        }
    }

    @Property(tries = 200)
    void whatEverPartOfAPlanIsCarriedOutItComesToAnEnd(@ForAll long seed) {
        var random = new Random(seed);
        PlanWorld world = messy(random);
        String before = world.toString();
        try {
            for (int round = 0; ; round++) {
                assertThat(round).as("rounds").isLessThan(600);
                Planner.Plan plan = world.plan();
                if (plan.moves().isEmpty() && plan.preferences().isEmpty()) {
                    break;
                }
                var some = new ArrayList<>(plan.moves());
                Collections.shuffle(some, random);
                some.subList(0, Math.min(some.size(), 1 + random.nextInt(3))).forEach(world::carryOut);
                if (some.isEmpty()) {
                    plan.preferences().forEach(world::prefer);
                }
            }
        } catch (AssertionError | RuntimeException failed) {
            throw new AssertionError(before + "\n" + world.done + "\n" + world, failed);
        }
    }

    @Property(tries = 600)
    void balancingTakesExactlyAsFewMovesAsThereCanBeHoweverManyAreDoneAtOnce(@ForAll long seed) {
        var random = new Random(seed);
        PlanWorld world = healthy(random, 2 + random.nextInt(4), 1 + random.nextInt(6));
        int fewest = fewestMoves(world, "t");
        String before = world.toString();
        boolean oneByOne = random.nextBoolean();
        while (!world.planned().isEmpty() && world.done.size() < 100) {
            List<PlannedMove> planned = world.planned();
            if (oneByOne) {
                world.carryOut(planned.get(random.nextInt(planned.size())));
            } else {
                planned.forEach(world::carryOut);
            }
        }
        assertThat(world.done).as("%s", before).hasSize(fewest);
        assertThat(fewestMoves(world, "t")).isZero();
    }

    @Property(tries = 200)
    void balancedReplicasFollowTheWeightsWithinOne(@ForAll long seed) {
        var random = new Random(seed);
        PlanWorld world = healthy(random, 2 + random.nextInt(8), 1 + random.nextInt(60));
        Assume.that(world.mayGet().stream()
                        .map(node -> world.info(node).zone())
                        .distinct()
                        .count()
                == 1);
        int replicas = world.partition("t", 0).voters().size();
        world.settle();
        Map<NodeId, Double> shares = sharesUnderCap(world, replicas);
        shares.forEach((node, share) -> assertThat((double) world.voters("t").getOrDefault(node.value(), 0))
                .isCloseTo(share, within(0.9999999)));
    }

    @Property(tries = 200)
    void partitionsThatWantDifferentNumbersOfReplicasAreBalancedToo(@ForAll long seed) {
        var random = new Random(seed);
        PlanWorld world = healthy(random, 2 + random.nextInt(8), 1 + random.nextInt(30));
        int carriers = world.mayGet().size();
        for (int partition = 0; partition < world.partitions("t").size(); partition++) {
            world.change("t", partition, info -> info.withReplicasWanted(random.nextInt(carriers + 1)));
        }
        String before = world.toString();
        world.settle();
        var expected = new HashMap<NodeId, Double>();
        Map<Integer, List<PartitionInfo>> byNumber =
                world.partitions("t").stream().collect(Collectors.groupingBy(world::wanted));
        byNumber.forEach((number, some) ->
                shares(world, number, some.size()).forEach((node, share) -> expected.merge(node, share, Double::sum)));
        expected.forEach((node, share) -> assertThat((double) world.voters("t").getOrDefault(node.value(), 0))
                .as("%s of %s", node, before)
                .isCloseTo(share, within(0.99999)));
        assertThat(world.plan().unbalanced()).isEmpty();
        assertThat(world.plan()).isEqualTo(world.plan());
    }

    @Property(tries = 200)
    void preferredPrimariesOfBalancedEqualNodesDifferByOneAtMost(@ForAll long seed) {
        var random = new Random(seed);
        int nodes = 1 + random.nextInt(8);
        int replicas = 1 + random.nextInt(nodes);
        int partitions = 1 + random.nextInt(60);
        var world = new PlanWorld();
        for (int node = 0; node < nodes; node++) {
            world.node("n" + node, "z", 3);
        }
        world.table("t", replicas, places(random, nodes, replicas, partitions)).balance("t");
        world.settle();
        for (int node = 0; node < nodes; node++) {
            assertThat(world.primaries("t").getOrDefault("n" + node, 0))
                    .isBetween(partitions / nodes, (partitions + nodes - 1) / nodes);
        }
        assertThat(world.plan().unbalanced()).isEmpty();
    }

    // ---- worlds ---------------------------------------------------------------------------------------------------

    private static PlanWorld healthy(Random random, int nodes, int partitions) {
        var world = new PlanWorld();
        int zones = 1 + random.nextInt(3);
        int carriers = 0;
        for (int node = 0; node < nodes; node++) {
            int weight = random.nextInt(5) == 0 ? 0 : random.nextInt(3) == 0 ? 1 + random.nextInt(9) : 2;
            weight = node < 2 ? Math.max(1, weight) : weight;
            carriers += weight > 0 ? 1 : 0;
            world.node("n" + node, "z" + random.nextInt(zones), weight);
        }
        int replicas = 1 + random.nextInt(carriers);
        return world.table("t", replicas, places(random, nodes, replicas, partitions))
                .balance("t");
    }

    private static PlanWorld messy(Random random) {
        int nodes = 1 + random.nextInt(7);
        int zones = 1 + random.nextInt(3);
        var world = new PlanWorld();
        for (int node = 0; node < nodes; node++) {
            world.node("n" + node, "z" + random.nextInt(zones), random.nextInt(6) == 0 ? 0 : 1 + random.nextInt(3));
            order(world, random, node, nodes);
        }
        for (String table : List.of("_meta", "t", "u")) {
            int count = table.equals("_meta") ? 1 : 1 + random.nextInt(12);
            int wanted = table.equals("_meta") ? 1 + 2 * random.nextInt(3) : 1 + random.nextInt(5);
            var places = new String[count];
            for (int i = 0; i < count; i++) {
                places[i] = places(random, nodes, 1 + random.nextInt(nodes), 1)[0];
                if (!table.equals("_meta") && random.nextInt(3) == 0) {
                    String learner = "n" + random.nextInt(nodes);
                    places[i] += List.of(places[i].split(" ")).contains(learner) ? "" : " +" + learner;
                }
            }
            world.table(table, wanted, places);
            world.change(table, info -> info.withBalanceDue(random.nextBoolean()));
            if (!table.equals("_meta") && random.nextBoolean()) {
                world.change(table, info -> info.withLearners("z" + random.nextInt(4), 1 + random.nextInt(2)));
                world.change(table, 0, partition -> partition.withReplicasWanted(random.nextInt(4)));
            }
        }
        return world;
    }

    private static void order(PlanWorld world, Random random, int node, int nodes) {
        String name = "n" + node;
        switch (random.nextInt(12)) {
            case 0 -> world.down(name);
            case 1 -> world.lost(name);
            case 2 -> world.down(name).order(name, NodeOrders::givenUp);
            case 3 -> world.drain(name);
            case 4 ->
                world.order(name, orders -> orders.drained(Optional.of(PlanWorld.id("n" + random.nextInt(nodes)))));
            default -> {}
        }
    }

    private static String[] places(Random random, int nodes, int replicas, int count) {
        var names = new ArrayList<String>();
        for (int node = 0; node < nodes; node++) {
            names.add("n" + node);
        }
        // Where many are alike, some can only be balanced by way of others.
        int alike = random.nextInt(4);
        var places = new String[count];
        for (int i = 0; i < count; i++) {
            if (random.nextInt(4) >= alike) {
                Collections.shuffle(names, random);
            }
            places[i] = String.join(" ", names.subList(0, replicas));
        }
        return places;
    }

    // ---- what is expected -----------------------------------------------------------------------------------------

    private static void checkSettled(PlanWorld world, String table) {
        for (PartitionInfo partition : world.partitions(table)) {
            List<NodeId> voters = partition.voters();
            boolean free = world.mayGet().stream().anyMatch(node -> !partition.isHeldBy(node));
            if (2 * world.up(voters) <= voters.size()) {
                continue;
            }
            assertThat(voters.size()).as("voters of %s", partition).isLessThanOrEqualTo(world.wanted(partition));
            if (table.equals("_meta")) {
                continue;
            }
            if (free) {
                assertThat(voters).as("voters of %s", partition).hasSize(world.wanted(partition));
                assertThat(voters).noneMatch(node -> world.info(node).orders().draining());
            }
            assertThat(voters).noneMatch(node -> world.info(node).orders().lost() || free && world.isLost(node));
        }
    }

    /** What a drain leaves behind when all are up and nothing is planned any more is just what is told to be stranded. */
    private static void checkStranded(PlanWorld world) {
        Topology topology = world.topology();
        if (topology.nodes().stream().anyMatch(node -> !world.isUp(node.id()))) {
            return; // then replicas may have to stay for their majority's sake too
        }
        for (NodeInfo node : topology.nodes()) {
            if (node.orders().draining()) {
                int told = Stranded.on(topology, node.id(), world.conditions().up()).stream()
                        .mapToInt(Stranded::replicas)
                        .sum();
                assertThat(told)
                        .as("left on %s", node.id())
                        .isEqualTo(topology.partitionsOn(node.id()).size());
            }
        }
    }

    /** By trying everything: partition after partition, the lowest price for each possible load of the nodes. */
    private static int fewestMoves(PlanWorld world, String table) {
        List<NodeId> carriers = carriersByZone(world);
        int replicas = world.wanted(world.partition(table, 0));
        int[][] weights = weights(world, carriers);
        var shares = new ZonedShares(weights, replicas, world.partitions(table).size());
        Map<List<Integer>, Integer> prices = Map.of(Collections.nCopies(carriers.size(), 0), 0);
        for (PartitionInfo partition : world.partitions(table)) {
            var next = new HashMap<List<Integer>, Integer>();
            for (int subset = 0; subset < 1 << carriers.size(); subset++) {
                if (Integer.bitCount(subset) != replicas || !zonesFit(subset, weights, shares)) {
                    continue;
                }
                int price = 0;
                for (int i = 0; i < carriers.size(); i++) {
                    price += (subset >> i & 1) == 1 && !partition.isHeldBy(carriers.get(i)) ? 1 : 0;
                }
                for (Map.Entry<List<Integer>, Integer> before : prices.entrySet()) {
                    var load = new ArrayList<>(before.getKey());
                    for (int i = 0; i < load.size(); i++) {
                        load.set(i, load.get(i) + (subset >> i & 1));
                    }
                    next.merge(load, before.getValue() + price, Math::min);
                }
            }
            prices = next;
        }
        Map<NodeId, Double> byNode =
                shares(world, replicas, world.partitions(table).size());
        List<Double> wanted = carriers.stream().map(byNode::get).toList();
        return prices.entrySet().stream()
                .filter(one -> isEven(one.getKey(), wanted))
                .mapToInt(Map.Entry::getValue)
                .min()
                .orElseThrow();
    }

    private static List<NodeId> carriersByZone(PlanWorld world) {
        return world.mayGet().stream()
                .sorted(Comparator.comparing(node -> world.info(node).zone()))
                .toList();
    }

    private static int[][] weights(PlanWorld world, List<NodeId> carriers) {
        Map<String, List<Integer>> byZone = carriers.stream()
                .map(world::info)
                .collect(Collectors.groupingBy(
                        NodeInfo::zone, TreeMap::new, Collectors.mapping(NodeInfo::weight, Collectors.toList())));
        return byZone.values().stream()
                .map(zone -> zone.stream().mapToInt(weight -> weight).toArray())
                .toArray(int[][]::new);
    }

    private static Map<NodeId, Double> shares(PlanWorld world, int replicas, int partitions) {
        List<NodeId> carriers = carriersByZone(world);
        var shares = new ZonedShares(weights(world, carriers), replicas, partitions);
        var byNode = new HashMap<NodeId, Double>();
        double[] ofZones = shares.ofZones();
        for (int zone = 0; zone < ofZones.length; zone++) {
            for (double share : shares.ofNodes(zone, ofZones[zone])) {
                byNode.put(carriers.get(byNode.size()), share);
            }
        }
        return byNode;
    }

    private static boolean zonesFit(int subset, int[][] weights, ZonedShares shares) {
        int first = 0;
        for (int zone = 0; zone < weights.length; zone++) {
            int taken = Integer.bitCount(subset >> first & (1 << weights[zone].length) - 1);
            if (taken < shares.zoneLeast()[zone] || taken > shares.zoneMost()[zone]) {
                return false;
            }
            first += weights[zone].length;
        }
        return true;
    }

    private static boolean isEven(List<Integer> load, List<Double> wanted) {
        for (int i = 0; i < load.size(); i++) {
            if (Math.abs(load.get(i) - wanted.get(i)) > 0.99999) {
                return false;
            }
        }
        return true;
    }

    /** By handing what a full node cannot take to the others, again and again. */
    private static Map<NodeId, Double> sharesUnderCap(PlanWorld world, int replicas) {
        int cap = world.partitions("t").size();
        var shares = new HashMap<NodeId, Double>();
        var open = new ArrayList<>(world.mayGet());
        double rest = (double) cap * replicas;
        while (!open.isEmpty()) {
            double each = rest
                    / open.stream().mapToInt(node -> world.info(node).weight()).sum();
            List<NodeId> full = open.stream()
                    .filter(node -> each * world.info(node).weight() >= cap)
                    .toList();
            if (full.isEmpty()) {
                open.forEach(node -> shares.put(node, each * world.info(node).weight()));
                break;
            }
            full.forEach(node -> shares.put(node, (double) cap));
            rest -= (double) cap * full.size();
            open.removeAll(full);
        }
        return shares;
    }
}
