package io.aitta.core.topology;

import io.aitta.core.topology.Placement.Candidate;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;

/**
 * Puts the nodes of each partition in order of election preference. Nodes are named by their position.
 *
 * <p>First the preferred primaries: each partition takes the node that gains most, then primaries are passed on along
 * chains of partitions (node a gives one to b, b another to c) as long as that makes the whole more even. Even means: the
 * number of primaries is the node's share by weight rounded up or down, and who is rounded up is decided by the primaries
 * it has of other tables. Then the others, such that the partitions a node leads fall to many nodes when it is lost.
 */
final class ElectionOrder {
    // Being beyond the share rounded up or down costs more than any difference within.
    private static final double BEYOND_SHARE = 1e9;

    private final int[][] places;
    private final double[] wanted;
    private final int[] least;
    private final int[] most;
    private final int[] counts;

    /** For new places. */
    ElectionOrder(List<Candidate> nodes, int[] quotas, int[][] places) {
        this(shares(nodes, quotas, places.length), claims(nodes), places);
    }

    /**
     * @param shares how many primaries each node should have
     * @param claims how many each lacks elsewhere: they decide who is rounded up
     * @param places of each partition, at least one
     */
    ElectionOrder(double[] shares, double[] claims, int[][] places) {
        this.places = places;
        wanted = new double[shares.length];
        least = new int[shares.length];
        most = new int[shares.length];
        counts = new int[shares.length];
        for (int node = 0; node < shares.length; node++) {
            wanted[node] = shares[node] + claims[node];
            least[node] = Shares.floor(shares[node]);
            most[node] = Shares.ceiling(shares[node]);
        }
    }

    private static double[] shares(List<Candidate> nodes, int[] quotas, int partitions) {
        int[] weights = nodes.stream().mapToInt(Candidate::weight).toArray();
        return Shares.proportional(weights, quotas, partitions);
    }

    private static double[] claims(List<Candidate> nodes) {
        long allWeights = nodes.stream().mapToLong(Candidate::weight).sum();
        long allPrimaries = nodes.stream().mapToLong(Candidate::primaries).sum();
        return nodes.stream()
                .mapToDouble(node -> (double) allPrimaries * node.weight() / allWeights - node.primaries())
                .toArray();
    }

    /** Changes the order within each of the places. */
    void sort() {
        for (int[] place : places) {
            putBestFirst(place);
        }
        passOn();
        spreadSuccessors();
    }

    /**
     * Changes only who comes first, and only where that makes the whole more even.
     *
     * @param open partitions of which it does not matter who is first now
     */
    void evenOut(boolean[] open) {
        for (int partition = 0; partition < places.length; partition++) {
            if (!open[partition]) {
                counts[places[partition][0]]++;
            }
        }
        for (int partition = 0; partition < places.length; partition++) {
            if (open[partition]) {
                putBestFirst(places[partition]);
            }
        }
        passOn();
    }

    private void putBestFirst(int[] place) {
        int best = 0;
        for (int i = 1; i < place.length; i++) {
            if (costOfOneMore(place[i]) < costOfOneMore(place[best])) {
                best = i;
            }
        }
        counts[place[best]]++;
        swap(place, 0, best);
    }

    private void passOn() {
        boolean passedOn = true;
        while (passedOn) {
            passedOn = false;
            for (int node = 0; node < counts.length; node++) {
                while (passOnFrom(node)) {
                    passedOn = true;
                }
            }
        }
    }

    private double cost(int node, int count) {
        double distance = count - wanted[node];
        int beyond = Math.max(Math.max(least[node] - count, count - most[node]), 0);
        return distance * distance + BEYOND_SHARE * beyond * beyond;
    }

    private double costOfOneMore(int node) {
        return cost(node, counts[node] + 1) - cost(node, counts[node]);
    }

    private double costOfOneLess(int node) {
        return cost(node, counts[node] - 1) - cost(node, counts[node]);
    }

    /** Moves one primary from a node to the one that gains most by it, over others if need be. False: no gain in any. */
    private boolean passOnFrom(int giver) {
        if (counts[giver] == 0) {
            return false;
        }
        int[] reachedBy = chainsFrom(giver);
        int taker = giver;
        double best = -1e-3;
        for (int node = 0; node < counts.length; node++) {
            double gain = costOfOneLess(giver) + costOfOneMore(node);
            if (node != giver && reachedBy[node] >= 0 && gain < best) {
                taker = node;
                best = gain;
            }
        }
        if (taker == giver) {
            return false;
        }
        counts[giver]--;
        counts[taker]++;
        for (int node = taker; node != giver; ) {
            int[] place = places[reachedBy[node]];
            int previous = place[0];
            swap(place, 0, indexOf(place, node));
            node = previous;
        }
        return true;
    }

    /** For each node the partition by which it can take over from the node before it in the chain; -1: out of reach. */
    private int[] chainsFrom(int giver) {
        int[][] ledBy = partitionsLed();
        int[] reachedBy = new int[counts.length];
        Arrays.fill(reachedBy, -1);
        var queue = new ArrayDeque<Integer>(List.of(giver));
        while (!queue.isEmpty()) {
            for (int partition : ledBy[queue.poll()]) {
                for (int node : places[partition]) {
                    if (node != giver && reachedBy[node] < 0) {
                        reachedBy[node] = partition;
                        queue.add(node);
                    }
                }
            }
        }
        return reachedBy;
    }

    private int[][] partitionsLed() {
        int[][] ledBy = new int[counts.length][];
        for (int node = 0; node < counts.length; node++) {
            ledBy[node] = new int[counts[node]];
        }
        int[] filled = new int[counts.length];
        for (int partition = 0; partition < places.length; partition++) {
            int leader = places[partition][0];
            ledBy[leader][filled[leader]++] = partition;
        }
        return ledBy;
    }

    private void spreadSuccessors() {
        int[][] follows = new int[counts.length][counts.length];
        for (int[] place : places) {
            for (int from = 1; from < place.length - 1; from++) {
                int best = from;
                for (int i = from + 1; i < place.length; i++) {
                    if (follows[place[from - 1]][place[i]] < follows[place[from - 1]][place[best]]) {
                        best = i;
                    }
                }
                swap(place, from, best);
                follows[place[from - 1]][place[from]]++;
            }
        }
    }

    private static int indexOf(int[] place, int node) {
        int index = 0;
        while (place[index] != node) {
            index++;
        }
        return index;
    }

    private static void swap(int[] place, int i, int j) {
        int held = place[i];
        place[i] = place[j];
        place[j] = held;
    }
}
