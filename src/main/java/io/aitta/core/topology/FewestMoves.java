package io.aitta.core.topology;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Balances the replicas of a table with the fewest new places: a flow of least cost.
 *
 * <p>Each partition sends as many units as it shall have replicas into zones, between the least and the most a zone may
 * take of it; a zone hands each of them to another node of its own, for nothing if the node holds the partition already
 * and at the price of one if not; and a node passes on between its share rounded down and its share rounded up. A flow
 * that keeps all these limits is a balanced placement, and its price is the number of new replicas. Which nodes are
 * rounded up is left to the flow, too. The shares themselves are such a flow in fractions, and all limits are whole
 * numbers, so there is one in whole numbers.
 *
 * <p>How it is found: successive shortest paths (Ahuja, Magnanti, Orlin, Network Flows, section 9.7, as the primal-dual
 * method of 9.8). It begins with what is there, cut to the limits; that is cheapest for what it delivers, but leaves
 * vertices with more flow coming in than going out and others with less. From the ones to the others flow is sent along
 * the cheapest paths, in which each remains cheapest, until nothing is left over. Hence the price in the end is the
 * minimum, exactly.
 *
 * <p>Vertices are numbered: partitions, then (partition, zone) by partition, then nodes, then the hub, which takes the
 * flow of all nodes.
 */
final class FewestMoves {
    private static final int NEVER = Integer.MAX_VALUE;

    private final int partitions;
    private final int zones;
    private final int nodes;
    private final int[] zoneOf;
    private final int[] firstOfZone;
    // By partition and zone.
    private final int[] least;
    private final int[] most;
    private final int[] inZone;
    // By partition and node.
    private final boolean[] placed;
    private final boolean[] priced;
    // By node.
    private final int[] fewest;
    private final int[] greatest;
    private final int[] passedOn;
    private final int[] firstGiven;

    private final int firstPair;
    private final int firstNode;
    private final int hub;
    // More flow comes in than goes out; below 0: less.
    private final int[] surplus;
    private final int[] potential;
    private final int[] level;
    private final int[] cursor;

    /**
     * @param zoneOf each node's zone; nodes come zone by zone, each with one at least
     * @param placed by partition, then node: what is there
     * @param free by partition, then node: what is not there and yet costs nothing
     * @param least by partition, then zone: how many replicas it takes at least
     * @param most by partition, then zone: how many it takes at most
     * @param replicas of each partition
     * @param shares of each node, which add up to all replicas
     */
    FewestMoves(
            int[] zoneOf,
            boolean[][] placed,
            boolean[][] free,
            int[][] least,
            int[][] most,
            int[] replicas,
            double[] shares) {
        partitions = replicas.length;
        nodes = zoneOf.length;
        zones = nodes == 0 ? 0 : zoneOf[nodes - 1] + 1;
        this.zoneOf = zoneOf;
        firstOfZone = new int[zones + 1];
        for (int node : zoneOf) {
            firstOfZone[node + 1]++;
        }
        for (int zone = 0; zone < zones; zone++) {
            firstOfZone[zone + 1] += firstOfZone[zone];
        }
        this.placed = new boolean[partitions * nodes];
        priced = new boolean[partitions * nodes];
        this.least = new int[partitions * zones];
        this.most = new int[partitions * zones];
        inZone = new int[partitions * zones];
        fewest = Arrays.stream(shares).mapToInt(Shares::floor).toArray();
        greatest = Arrays.stream(shares).mapToInt(Shares::ceiling).toArray();
        passedOn = new int[nodes];
        firstGiven = new int[nodes];
        Arrays.setAll(firstGiven, node -> (int) ((long) node * partitions / nodes));
        firstPair = partitions;
        firstNode = firstPair + partitions * zones;
        hub = firstNode + nodes;
        surplus = new int[hub + 1];
        potential = new int[hub + 1];
        level = new int[hub + 1];
        cursor = new int[hub + 1];
        for (int partition = 0; partition < partitions; partition++) {
            System.arraycopy(placed[partition], 0, this.placed, partition * nodes, nodes);
            System.arraycopy(least[partition], 0, this.least, partition * zones, zones);
            System.arraycopy(most[partition], 0, this.most, partition * zones, zones);
            for (int node = 0; node < nodes; node++) {
                priced[partition * nodes + node] = !placed[partition][node] && !free[partition][node];
            }
            surplus[partition] = replicas[partition];
        }
        surplus[hub] = -Arrays.stream(replicas).sum();
        beginWithWhatIsThere();
    }

    private void beginWithWhatIsThere() {
        int[] load = new int[nodes];
        for (int partition = 0; partition < partitions; partition++) {
            for (int node = 0; node < nodes; node++) {
                if (placed[partition * nodes + node]) {
                    inZone[partition * zones + zoneOf[node]]++;
                    load[node]++;
                }
            }
            for (int pair = partition * zones; pair < (partition + 1) * zones; pair++) {
                int held = inZone[pair];
                inZone[pair] = Math.max(least[pair], Math.min(most[pair], held));
                surplus[partition] -= inZone[pair];
                surplus[firstPair + pair] = inZone[pair] - held;
            }
        }
        for (int node = 0; node < nodes; node++) {
            passedOn[node] = Math.max(fewest[node], Math.min(greatest[node], load[node]));
            surplus[firstNode + node] = load[node] - passedOn[node];
            surplus[hub] += passedOn[node];
        }
    }

    /** For each partition the nodes that shall hold it, by their positions. */
    int[][] targets() {
        while (hasSurplus()) {
            int raise = findLevels();
            if (raise == 0) {
                sendAlongLevels();
            } else if (raise == NEVER) {
                break;
            } else {
                raisePotentials(raise);
            }
        }
        int[][] targets = new int[partitions][];
        for (int partition = 0; partition < partitions; partition++) {
            List<Integer> chosen = new ArrayList<>();
            for (int node = 0; node < nodes; node++) {
                if (placed[partition * nodes + node]) {
                    chosen.add(node);
                }
            }
            targets[partition] = chosen.stream().mapToInt(Integer::intValue).toArray();
        }
        return targets;
    }

    private boolean hasSurplus() {
        for (int excess : surplus) {
            if (excess > 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * Levels of what is reached at no reduced cost from where there is a surplus. 0: something that lacks flow is among it;
     * else by how much the potential of the rest must rise for more to be reached, {@link #NEVER} if nothing more can be.
     */
    private int findLevels() {
        Arrays.fill(level, -1);
        int[] queue = new int[hub + 1];
        int end = 0;
        for (int vertex = 0; vertex <= hub; vertex++) {
            if (surplus[vertex] > 0) {
                level[vertex] = 0;
                queue[end++] = vertex;
            }
        }
        boolean arrived = false;
        for (int begin = 0; begin < end; begin++) {
            int vertex = queue[begin];
            arrived |= surplus[vertex] < 0;
            for (int arc = nextArc(vertex, 0); arc >= 0; arc = nextArc(vertex, arc + 1)) {
                int head = head(vertex, arc);
                if (level[head] < 0 && reducedCost(vertex, arc, head) == 0) {
                    level[head] = level[vertex] + 1;
                    queue[end++] = head;
                }
            }
        }
        return arrived ? 0 : leastCostOutOf(queue, end);
    }

    private int leastCostOutOf(int[] reached, int count) {
        int lowest = NEVER;
        for (int i = 0; i < count; i++) {
            int vertex = reached[i];
            for (int arc = nextArc(vertex, 0); arc >= 0; arc = nextArc(vertex, arc + 1)) {
                int head = head(vertex, arc);
                if (level[head] < 0) {
                    lowest = Math.min(lowest, reducedCost(vertex, arc, head));
                }
            }
        }
        return lowest;
    }

    private void raisePotentials(int raise) {
        for (int vertex = 0; vertex <= hub; vertex++) {
            if (level[vertex] < 0) {
                potential[vertex] += raise;
            }
        }
    }

    private void sendAlongLevels() {
        Arrays.fill(cursor, 0);
        for (int vertex = 0; vertex <= hub; vertex++) {
            while (surplus[vertex] > 0 && sendFrom(vertex)) {
                surplus[vertex]--;
            }
        }
    }

    /** Sends one unit to something that lacks it. Paths are no longer than four vertices for each node. */
    private boolean sendFrom(int vertex) {
        if (surplus[vertex] < 0) {
            surplus[vertex]++;
            return true;
        }
        for (int arc = nextArc(vertex, cursor[vertex]); arc >= 0; arc = nextArc(vertex, arc + 1)) {
            cursor[vertex] = arc;
            int head = head(vertex, arc);
            if (level[head] == level[vertex] + 1 && reducedCost(vertex, arc, head) == 0 && sendFrom(head)) {
                push(vertex, arc);
                return true;
            }
        }
        cursor[vertex] = NEVER;
        return false;
    }

    // ---- arcs, those that can take a unit more, or give one back; those of a vertex are numbered from 0 -----------

    /** The first arc from {@code from} on that can take a unit; -1: none. */
    private int nextArc(int vertex, int from) {
        if (vertex < firstPair) {
            for (int zone = from; zone < zones; zone++) {
                if (inZone[vertex * zones + zone] < most[vertex * zones + zone]) {
                    return zone;
                }
            }
        } else if (vertex < firstNode) {
            return nextArcOfPair(vertex - firstPair, from);
        } else if (vertex < hub) {
            return nextArcOfNode(vertex - firstNode, from);
        } else {
            for (int node = from; node < nodes; node++) {
                if (passedOn[node] > fewest[node]) {
                    return node;
                }
            }
        }
        return -1;
    }

    /** First back to the partition, then to the zone's nodes. */
    private int nextArcOfPair(int pair, int from) {
        if (from == 0 && inZone[pair] > least[pair]) {
            return 0;
        }
        int zone = pair % zones;
        int row = pair / zones * nodes;
        int count = firstOfZone[zone + 1] - firstOfZone[zone];
        for (int arc = Math.max(from, 1); arc <= count; arc++) {
            if (!placed[row + firstOfZone[zone] + arc - 1]) {
                return arc;
            }
        }
        return -1;
    }

    /** First to the hub, then back to the zones of the partitions it holds. */
    private int nextArcOfNode(int node, int from) {
        if (from == 0 && passedOn[node] < greatest[node]) {
            return 0;
        }
        for (int arc = Math.max(from, 1); arc <= partitions; arc++) {
            if (placed[partition(node, arc) * nodes + node]) {
                return arc;
            }
        }
        return -1;
    }

    /** Each node begins elsewhere, so that they do not all give away the same partitions. */
    private int partition(int node, int arc) {
        int partition = firstGiven[node] + arc - 1;
        return partition < partitions ? partition : partition - partitions;
    }

    private int head(int vertex, int arc) {
        if (vertex < firstPair) {
            return firstPair + vertex * zones + arc;
        } else if (vertex < firstNode) {
            int pair = vertex - firstPair;
            return arc == 0 ? pair / zones : firstNode + firstOfZone[pair % zones] + arc - 1;
        } else if (vertex < hub) {
            int node = vertex - firstNode;
            return arc == 0 ? hub : firstPair + partition(node, arc) * zones + zoneOf[node];
        }
        return firstNode + arc;
    }

    private int reducedCost(int vertex, int arc, int head) {
        int cost = 0;
        if (arc > 0 && vertex >= firstPair && vertex < hub) {
            boolean forward = vertex < firstNode;
            int node = (forward ? head : vertex) - firstNode;
            int partition = forward ? (vertex - firstPair) / zones : partition(node, arc);
            cost = !priced[partition * nodes + node] ? 0 : forward ? 1 : -1;
        }
        return cost + potential[vertex] - potential[head];
    }

    private void push(int vertex, int arc) {
        if (vertex < firstPair) {
            inZone[vertex * zones + arc]++;
        } else if (vertex < firstNode) {
            int pair = vertex - firstPair;
            if (arc == 0) {
                inZone[pair]--;
            } else {
                placed[pair / zones * nodes + firstOfZone[pair % zones] + arc - 1] = true;
            }
        } else if (vertex < hub) {
            int node = vertex - firstNode;
            if (arc == 0) {
                passedOn[node]++;
            } else {
                placed[partition(node, arc) * nodes + node] = false;
            }
        } else {
            passedOn[arc]--;
        }
    }
}
