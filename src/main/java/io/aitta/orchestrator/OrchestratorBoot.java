package io.aitta.orchestrator;

import io.aitta.core.topology.Conductor;
import io.aitta.core.topology.KnownCluster;
import io.aitta.core.topology.NodeInfo;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.Stewards;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.ClusterSingleton;
import org.apache.pekko.cluster.typed.SingletonActor;

/** Starts this package's part of a node. The system must belong to a Pekko cluster, or join one later. */
public final class OrchestratorBoot {
    private static final String SINGLETON = "aitta-orchestrator";

    private OrchestratorBoot() {}

    /**
     * What belongs to the node.
     *
     * @param view from {@link TopologyView#start}
     * @param states from {@link ClusterNodeStates#start}
     * @param stewards reach the replicas of all nodes
     * @param access reaches {@code _meta}; used only after the node has been welcomed or remembers its cluster
     */
    public record Node(
            NodeInfo info,
            ClusterMemory memory,
            TopologyView view,
            NodeStates states,
            PartitionAccess access,
            Stewards stewards) {}

    /**
     * Makes this node known, and a candidate to run the orchestrator.
     *
     * @param onWelcome called with the cluster once this node is known to belong to it and that is on disk, and again when
     *     the members of {@code _meta} have changed; on an actor's thread, must not block
     * @param onRejected called at most once, with a stable reason and a sentence; the node must then stop
     */
    public static OrchestratorClient start(
            ActorSystem<?> system,
            OrchestratorSettings settings,
            Node node,
            Consumer<KnownCluster> onWelcome,
            BiConsumer<String, String> onRejected) {
        var means = new Orchestrator.Means(
                node.access(), node.states(), node.stewards(), () -> new Conductor(settings.conductor())::decide);
        Behavior<OrchestratorMessage> supervised = Behaviors.supervise(Orchestrator.create(settings, means))
                .onFailure(SupervisorStrategy.restartWithBackoff(
                        settings.retryAfter(), settings.retryAfter().multipliedBy(50), 0.2));
        var orchestrator = ClusterSingleton.get(system)
                .init(SingletonActor.of(supervised, SINGLETON).withStopMessage(new OrchestratorMessage.Stop()));
        String member = Cluster.get(system).selfMember().address().toString();
        system.systemActorOf(
                Registrar.create(
                        node.info(),
                        member,
                        node.memory(),
                        node.view(),
                        node.states(),
                        orchestrator,
                        settings.helloInterval(),
                        onWelcome,
                        onRejected),
                "aitta-registrar",
                Props.empty());
        var reporter = system.systemActorOf(
                PrimaryReporter.create(node.view(), orchestrator), "aitta-primary-reporter", Props.empty());
        var meta = new MetaStore(node.access(), settings.writeTimeout().toNanos());
        return new OrchestratorClient(system, orchestrator, reporter, node.view(), node.states(), meta);
    }
}
