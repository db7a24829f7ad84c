package io.aitta.core.topology;

import io.aitta.core.topology.Placement.Candidate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Deals the replicas of a table out to nodes that have whole quotas. Nodes are named by their position, zone after zone.
 *
 * <p>Invariants before each partition, N partitions being left: no node's quota is above N; each zone's quotas add up to
 * at least N times what it must take of a partition and at most N times what it may take; all add up to N times the
 * replicas. They are enough for the rest to be dealt out, and a choice that takes every node whose quota is N and keeps
 * the zones' sums within their limits restores them.
 */
final class Deal {
    private final int[] firstOfZone;
    private final int[] quotas;
    private final int[] left;
    private final int[] zoneLeft;
    private final int[] zoneQuotas;
    private final int[] zoneLeast;
    private final int[] zoneMost;
    private final int replicas;
    private final int partitions;
    // How often two nodes share a partition: kept even, so that a lost node's work falls to many.
    private final int[][] together;

    Deal(List<List<Candidate>> zones, int[] quotas, int[] zoneLeast, int[] zoneMost, int replicas, int partitions) {
        this.quotas = quotas;
        this.left = quotas.clone();
        this.zoneLeast = zoneLeast;
        this.zoneMost = zoneMost;
        this.replicas = replicas;
        this.partitions = partitions;
        firstOfZone = new int[zones.size() + 1];
        zoneLeft = new int[zones.size()];
        for (int zone = 0; zone < zones.size(); zone++) {
            firstOfZone[zone + 1] = firstOfZone[zone] + zones.get(zone).size();
            for (int node = firstOfZone[zone]; node < firstOfZone[zone + 1]; node++) {
                zoneLeft[zone] += quotas[node];
            }
        }
        zoneQuotas = zoneLeft.clone();
        together = new int[quotas.length][quotas.length];
    }

    /** For each partition the positions of its nodes. */
    int[][] deal() {
        int[][] places = new int[partitions][];
        for (int partition = 0; partition < partitions; partition++) {
            places[partition] = nodesFor(partitions - partition);
        }
        return places;
    }

    private int[] nodesFor(int partitionsLeft) {
        int[] counts = countsByZone(partitionsLeft);
        var chosen = new ArrayList<Integer>(replicas);
        for (int zone = 0; zone < counts.length; zone++) {
            zoneLeft[zone] -= counts[zone];
            for (int taken = 0; taken < counts[zone]; taken++) {
                int node = nextOf(zone, chosen, partitionsLeft);
                chosen.forEach(other -> {
                    together[other][node]++;
                    together[node][other]++;
                });
                chosen.add(node);
                left[node]--;
            }
        }
        return chosen.stream().mapToInt(Integer::intValue).toArray();
    }

    /** How many replicas of the next partition each zone takes. */
    private int[] countsByZone(int partitionsLeft) {
        int zones = zoneLeft.length;
        int[] counts = new int[zones];
        int[] most = new int[zones];
        int rest = replicas;
        for (int zone = 0; zone < zones; zone++) {
            int must = 0;
            int can = 0;
            for (int node = firstOfZone[zone]; node < firstOfZone[zone + 1]; node++) {
                must += left[node] == partitionsLeft ? 1 : 0;
                can += left[node] > 0 ? 1 : 0;
            }
            int mustTakeNow = zoneLeft[zone] - (partitionsLeft - 1) * zoneMost[zone];
            int mustLeave = zoneLeft[zone] - (partitionsLeft - 1) * zoneLeast[zone];
            counts[zone] = Math.max(Math.max(must, zoneLeast[zone]), mustTakeNow);
            most[zone] = Math.min(Math.min(can, zoneMost[zone]), mustLeave);
            rest -= counts[zone];
        }
        for (; rest > 0; rest--) {
            int best = -1;
            for (int zone = 0; zone < zones; zone++) {
                if (counts[zone] < most[zone] && (best < 0 || isZoneDueBefore(zone, best, counts))) {
                    best = zone;
                }
            }
            if (best < 0) {
                throw new IllegalStateException("no zone can take another replica: " + this);
            }
            counts[best]++;
        }
        return counts;
    }

    private boolean isZoneDueBefore(int zone, int other, int[] counts) {
        long served = zoneQuotas[zone] - zoneLeft[zone] + counts[zone] + 1L;
        long otherServed = zoneQuotas[other] - zoneLeft[other] + counts[other] + 1L;
        return served * zoneQuotas[other] < otherServed * zoneQuotas[zone];
    }

    /** Of the nodes that may be taken: one that must be; else the one most behind its quota, then the least companion. */
    private int nextOf(int zone, List<Integer> chosen, int partitionsLeft) {
        int best = -1;
        int bestTogether = 0;
        for (int node = firstOfZone[zone]; node < firstOfZone[zone + 1]; node++) {
            if (left[node] == 0 || chosen.contains(node)) {
                continue;
            }
            if (left[node] == partitionsLeft) {
                return node;
            }
            int companions = 0;
            for (int other : chosen) {
                companions += together[node][other];
            }
            long lead = best < 0 ? -1 : lead(node, best);
            if (lead < 0 || lead == 0 && companions < bestTogether) {
                best = node;
                bestTogether = companions;
            }
        }
        if (best < 0) {
            throw new IllegalStateException("no node of zone " + zone + " can be taken: " + this);
        }
        return best;
    }

    /** Negative: {@code node} should come before {@code other} for the two to use their quotas up evenly. */
    private long lead(int node, int other) {
        long served = quotas[node] - left[node] + 1L;
        long otherServed = quotas[other] - left[other] + 1L;
        return served * quotas[other] - otherServed * quotas[node];
    }

    @Override
    public String toString() {
        return "Deal(replicas " + replicas + ", partitions " + partitions + ", quotas " + Arrays.toString(quotas)
                + ", left " + Arrays.toString(left) + ", zones begin at " + Arrays.toString(firstOfZone) + ")";
    }
}
