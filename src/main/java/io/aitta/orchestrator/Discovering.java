package io.aitta.orchestrator;

import io.aitta.core.NodeId;
import io.aitta.core.topology.Bootstrap;
import io.aitta.core.topology.KnownCluster;
import io.aitta.orchestrator.Orchestrator.Phase;
import io.aitta.orchestrator.Orchestrator.Surroundings;
import io.aitta.orchestrator.OrchestratorMessage.Hello;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.ReceiveBuilder;

/** The orchestrator finds out which cluster it is in, by what the nodes remember; the rules are {@link Bootstrap}'s. */
final class Discovering extends Phase {
    // When the first node said that it remembers a cluster; null before.
    private Long firstMemoryNanos;

    Discovering(Surroundings surroundings, ActorContext<OrchestratorMessage> context) {
        super(surroundings, context);
    }

    @Override
    ReceiveBuilder<OrchestratorMessage> handlers(ReceiveBuilder<OrchestratorMessage> builder) {
        return builder;
    }

    @Override
    String whyWaiting() {
        return "the cluster is not complete yet (" + its.hellos.size() + " of at least " + its.settings.expectNodes()
                + " nodes have come)";
    }

    @Override
    Behavior<OrchestratorMessage> onHello(Hello hello) {
        its.hellos.put(hello.node().id(), hello);
        if (firstMemoryNanos == null && hello.known().isPresent()) {
            firstMemoryNanos = System.nanoTime();
        }
        return decide();
    }

    @Override
    Behavior<OrchestratorMessage> onTick() {
        return decide();
    }

    private Behavior<OrchestratorMessage> decide() {
        boolean waitedLongEnough = firstMemoryNanos != null
                && System.nanoTime() - firstMemoryNanos >= its.settings.settle().toNanos();
        Set<NodeId> present = its.states.up();
        var verdict = Bootstrap.decide(
                its.hellos.values().stream()
                        .map(hello -> new Bootstrap.Said(hello.node(), hello.known()))
                        .toList(),
                present,
                its.settings.expectNodes(),
                its.settings.metaReplicas(),
                waitedLongEnough);
        if (verdict instanceof Bootstrap.Verdict.Join join) {
            return loading(join.cluster());
        }
        if (verdict instanceof Bootstrap.Verdict.Found found) {
            its.hellos.keySet().retainAll(new HashSet<>(present));
            var cluster = new KnownCluster(UUID.randomUUID().toString(), found.meta());
            getContext()
                    .getLog()
                    .info(
                            "A new cluster is founded by nodes {}: {}, its topology kept by {}",
                            its.hellos.keySet(),
                            cluster.clusterId(),
                            cluster.metaMembers());
            return new Loading(its, getContext(), cluster);
        }
        return this;
    }

    private Behavior<OrchestratorMessage> loading(KnownCluster cluster) {
        getContext().getLog().info("This is cluster {}", cluster.clusterId());
        for (Hello hello : new ArrayList<>(its.hellos.values())) {
            if (Surroundings.rejectStranger(hello, cluster)) {
                its.hellos.remove(hello.node().id());
            }
        }
        return new Loading(its, getContext(), cluster);
    }
}
