package io.aitta.core.topology;

import io.aitta.core.NodeId;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which cluster it is that has come together: one that some nodes remember, or a new one. A new cluster is founded only
 * if every node that is there says that it remembers none; a remembered one is taken up if more than half of the nodes
 * that are there remember it, or it is the most remembered once all have spoken or were waited for long enough.
 * Of what is remembered of it the newest counts.
 */
public final class Bootstrap {
    /** What a node says of itself when it comes. */
    public record Said(NodeInfo node, Optional<KnownCluster> known) {}

    /** What is to be done. */
    public sealed interface Verdict {
        /** Not enough is known yet. */
        record Wait() implements Verdict {}

        record Join(KnownCluster cluster) implements Verdict {}

        /** @param meta the members of {@code _meta} */
        record Found(List<KnownCluster.MetaMember> meta) implements Verdict {}
    }

    private Bootstrap() {}

    /**
     * @param said in the order heard, one a node
     * @param present the nodes that are there now
     * @param expectNodes a new cluster is not founded with fewer; at least 1
     * @param metaReplicas how many members {@code _meta} of a new cluster should have; at least 1
     * @param waitedLongEnough who has not spoken by now is not waited for (matters only if some remember a cluster)
     */
    public static Verdict decide(
            Collection<Said> said, Set<NodeId> present, int expectNodes, int metaReplicas, boolean waitedLongEnough) {
        var heard = new HashSet<NodeId>();
        said.forEach(one -> heard.add(one.node().id()));
        boolean allHeard = heard.containsAll(present);
        Optional<KnownCluster> remembered = mostRemembered(said, present.size(), allHeard || waitedLongEnough);
        if (remembered.isPresent()) {
            return new Verdict.Join(remembered.get());
        }
        boolean noneRemembers = said.stream().allMatch(one -> one.known().isEmpty());
        List<NodeInfo> founders = said.stream()
                .map(Said::node)
                .filter(node -> present.contains(node.id()))
                .toList();
        if (!noneRemembers || !allHeard || founders.size() < expectNodes) {
            return new Verdict.Wait();
        }
        return new Verdict.Found(metaMembers(founders, metaReplicas));
    }

    private static Optional<KnownCluster> mostRemembered(Collection<Said> said, int present, boolean done) {
        Map<String, Integer> votes = new HashMap<>();
        said.forEach(one -> one.known().ifPresent(known -> votes.merge(known.clusterId(), 1, Integer::sum)));
        KnownCluster first = null;
        for (Said one : said) {
            KnownCluster known = one.known().orElse(null);
            if (known != null && (first == null || votes.get(known.clusterId()) > votes.get(first.clusterId()))) {
                first = known;
            }
        }
        boolean decided = first != null && (done || 2 * votes.get(first.clusterId()) > present);
        return decided ? Optional.of(newest(said, first)) : Optional.empty();
    }

    /** Some may have been away while the members of {@code _meta} changed. */
    private static KnownCluster newest(Collection<Said> said, KnownCluster first) {
        KnownCluster newest = first;
        for (Said one : said) {
            if (one.known().isPresent() && one.known().get().isNewerThan(newest)) {
                newest = one.known().get();
            }
        }
        return newest;
    }

    /** Weights do not count: {@code _meta} is small, and a node that carries no tables can still help to keep it. */
    private static List<KnownCluster.MetaMember> metaMembers(List<NodeInfo> founders, int metaReplicas) {
        var candidates = founders.stream()
                .map(node -> new Placement.Candidate(node.id(), node.zone(), 1, 0, 0))
                .toList();
        List<NodeId> members = Placement.place(candidates, Math.min(metaReplicas, founders.size()), 1)
                .orElseThrow()
                .get(0);
        var incarnations = new HashMap<NodeId, String>();
        founders.forEach(node -> incarnations.put(node.id(), node.incarnation()));
        return members.stream()
                .map(id -> new KnownCluster.MetaMember(id, incarnations.get(id)))
                .toList();
    }
}
