package io.aitta.orchestrator;

import io.aitta.core.NodeId;
import io.aitta.orchestrator.NodeStates.NodeState;
import io.aitta.orchestrator.NodeStates.Seen;
import io.aitta.orchestrator.OrchestratorMessage.Hello;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Finds two processes that go by one node id, as after a copied data directory. The younger one is at fault; but it may
 * also be the same node started again elsewhere while nobody has noticed yet that its old process is dead, so it gets
 * some time. Not thread-safe.
 */
final class Duplicates {
    enum Verdict {
        ALONE,
        /** Ask again: the other may prove to be dead. */
        WAIT,
        TWICE
    }

    private final NodeStates states;
    private final long graceNanos;
    // When each was first found to be the younger of two. One for each node id.
    private final Map<NodeId, Doubt> doubts = new HashMap<>();

    private record Doubt(String member, long sinceNanos) {}

    Duplicates(NodeStates states, long graceNanos) {
        this.states = states;
        this.graceNanos = graceNanos;
    }

    Verdict judge(Hello hello, long nowNanos) {
        NodeId node = hello.node().id();
        if (elder(hello).isEmpty()) {
            doubts.computeIfPresent(node, (id, doubt) -> doubt.member().equals(hello.member()) ? null : doubt);
            return Verdict.ALONE;
        }
        Doubt doubt = doubts.compute(
                node,
                (id, before) -> before != null && before.member().equals(hello.member())
                        ? before
                        : new Doubt(hello.member(), nowNanos));
        return nowNanos - doubt.sinceNanos() >= graceNanos ? Verdict.TWICE : Verdict.WAIT;
    }

    /** The member that goes by the same id, can be reached, and was there before. */
    Optional<Seen> elder(Hello hello) {
        int own = states.members().stream()
                .filter(member -> isOf(member, hello) && member.address().equals(hello.member()))
                .mapToInt(Seen::rank)
                .min()
                .orElse(Integer.MAX_VALUE);
        return states.members().stream()
                .filter(member -> isOf(member, hello)
                        && !member.address().equals(hello.member())
                        && member.state() == NodeState.UP
                        && member.rank() < own)
                .findFirst();
    }

    private static boolean isOf(Seen member, Hello hello) {
        return member.node().equals(hello.node().id());
    }
}
