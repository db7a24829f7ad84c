package io.aitta.core.topology;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which nodes cannot reach which, by what their failure detectors have found and told each other.
 *
 * <p>That somebody cannot reach a node does not make it dead. If only the link between two of three nodes is cut, both
 * are alive for the third, which has a majority with either.
 *
 * @param observers by node, those that cannot reach it
 */
public record BrokenLinks<N>(Map<N, Set<N>> observers) {
    public BrokenLinks {
        observers = Map.copyOf(observers);
    }

    public static <N> BrokenLinks<N> none() {
        return new BrokenLinks<>(Map.of());
    }

    /**
     * What a node may hold of another: that it is cut off from it if it has found so itself. In a cluster in which not
     * everybody is watched by all, others' word counts too, if more than half of the other's watchers give it; those who
     * are missed themselves will not.
     *
     * @param members all there are, with those two
     * @param mostWatchers by how many each is watched, unless there are fewer
     */
    public boolean areCut(N self, N node, Collection<N> members, int mostWatchers) {
        var by = observers.getOrDefault(node, Set.of());
        if (self.equals(node)) {
            return false;
        }
        if (by.contains(self)) {
            return true;
        }
        boolean weWatch = members.size() - 1 <= mostWatchers;
        long found = by.stream().filter(members::contains).count();
        long missed = members.stream()
                .filter(other -> !other.equals(node) && observers.containsKey(other))
                .count();
        return !weWatch && found > 0 && found * 2 > mostWatchers - missed;
    }

    /**
     * Whom the cluster has to do without, so that all who remain reach each other: always the one next whom most of those
     * who remain cannot reach. That is not always the fewest there could be, but all who know the same come to the same.
     *
     * @param members that are not yet given up; what others have found does not count
     * @param age who of two that equally many miss is kept: the smaller one
     */
    public Set<N> without(Collection<N> members, Comparator<N> age) {
        List<N> left = new ArrayList<>(members);
        left.sort(age);
        var without = new HashSet<N>();
        while (true) {
            N worst = null;
            long most = 0;
            for (var node : left) {
                long missedBy = observers.getOrDefault(node, Set.of()).stream()
                        .filter(left::contains)
                        .count();
                if (missedBy > 0 && missedBy >= most) {
                    most = missedBy;
                    worst = node;
                }
            }
            if (worst == null) {
                return without;
            }
            left.remove(worst);
            without.add(worst);
        }
    }

    /** Collects what is found. */
    public static final class Builder<N> {
        private final Map<N, Set<N>> observers = new HashMap<>();

        public Builder<N> add(N observer, N subject) {
            observers.computeIfAbsent(subject, node -> new HashSet<>()).add(observer);
            return this;
        }

        public BrokenLinks<N> build() {
            return new BrokenLinks<>(observers);
        }
    }
}
