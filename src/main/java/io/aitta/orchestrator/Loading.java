package io.aitta.orchestrator;

import io.aitta.core.NodeId;
import io.aitta.core.topology.Decision;
import io.aitta.core.topology.EpochChange;
import io.aitta.core.topology.KnownCluster;
import io.aitta.core.topology.KnownCluster.MetaMember;
import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.TableOptions;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand;
import io.aitta.core.topology.TopologyState;
import io.aitta.orchestrator.MetaStore.Loaded;
import io.aitta.orchestrator.MetaStore.Written;
import io.aitta.orchestrator.Orchestrator.Phase;
import io.aitta.orchestrator.Orchestrator.Surroundings;
import io.aitta.orchestrator.OrchestratorMessage.Hello;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.ReceiveBuilder;

/**
 * The orchestrator reads the topology from {@code _meta}, again and again until that answers; if {@code _meta} is empty,
 * it writes the first epoch: the nodes, {@code _meta} itself, and the table {@code default}. Meta members are welcomed
 * already here, since {@code _meta} does not answer before they have begun to hold it.
 */
final class Loading extends Phase {
    private static final String FIRST_TABLE = "default";

    private KnownCluster cluster;
    // The topology that is being written as the first; null if none is.
    private Topology founding;
    private String obstacle = "the topology is being read";

    Loading(Surroundings surroundings, ActorContext<OrchestratorMessage> context, KnownCluster cluster) {
        super(surroundings, context);
        this.cluster = cluster;
        new ArrayList<>(its.hellos.values()).forEach(this::onHello);
        load();
    }

    @Override
    ReceiveBuilder<OrchestratorMessage> handlers(ReceiveBuilder<OrchestratorMessage> builder) {
        return builder.onMessage(OrchestratorMessage.LoadFinished.class, finished -> onLoaded(finished.loaded()))
                .onMessage(
                        OrchestratorMessage.RecentFinished.class,
                        finished -> onRecent(finished.topology(), finished.recent()))
                .onMessage(OrchestratorMessage.WriteFinished.class, finished -> onWritten(finished.written()))
                .onMessage(OrchestratorMessage.RetryNow.class, retry -> {
                    load();
                    return this;
                });
    }

    @Override
    String whyWaiting() {
        return obstacle;
    }

    @Override
    Behavior<OrchestratorMessage> onTick() {
        return this;
    }

    @Override
    Behavior<OrchestratorMessage> onHello(Hello hello) {
        // By the newest memory there is: by an older one the right node may seem to be somebody else.
        boolean knowsBetter =
                hello.known().filter(known -> known.isNewerThan(cluster)).isPresent();
        KnownCluster newest = knowsBetter ? hello.known().get() : cluster;
        if (Surroundings.rejectStranger(hello, newest)) {
            its.hellos.remove(hello.node().id());
            return this;
        }
        its.hellos.put(hello.node().id(), hello);
        if (knowsBetter) {
            cluster = newest;
            getContext()
                    .getLog()
                    .info(
                            "Node {} knows better who holds _meta: {}",
                            hello.node().id(),
                            cluster);
            its.hellos.values().forEach(this::welcomeEarly);
        } else {
            welcomeEarly(hello);
        }
        return this;
    }

    /** This is how those who look for {@code _meta} in the wrong place learn where it is, our own node among them. */
    private void welcomeEarly(Hello hello) {
        if (hello.known().isPresent()
                || cluster.metaMembers().contains(hello.node().id())) {
            hello.replyTo().tell(new RegistrarMessage.Welcome(cluster));
        }
    }

    private void load() {
        getContext()
                .pipeToSelf(
                        its.meta.load(),
                        (loaded, failure) -> new OrchestratorMessage.LoadFinished(
                                failure == null ? loaded : new Loaded.Failed(failure.toString())));
    }

    private Behavior<OrchestratorMessage> onLoaded(Loaded loaded) {
        if (loaded instanceof Loaded.Found found) {
            if (found.topology().clusterId().equals(cluster.clusterId())) {
                getContext()
                        .pipeToSelf(
                                its.meta.recent(found.topology().epoch()),
                                (recent, failure) -> new OrchestratorMessage.RecentFinished(found.topology(), recent));
                return this;
            }
            return notYet("_meta holds the topology of cluster "
                    + found.topology().clusterId() + ", but the nodes remember " + cluster.clusterId());
        }
        if (loaded instanceof Loaded.Failed failed) {
            return notYet("_meta cannot be read (" + failed.message() + ")");
        }
        return found();
    }

    private Behavior<OrchestratorMessage> onRecent(Topology topology, Optional<RecentRequests> recent) {
        return recent.isPresent()
                ? new Active(its, getContext(), topology, recent.get())
                : notYet("the last epochs cannot be read from _meta");
    }

    private Behavior<OrchestratorMessage> found() {
        List<NodeId> missing = cluster.meta().stream()
                .map(MetaMember::node)
                .filter(member -> !its.hellos.containsKey(member))
                .toList();
        if (!missing.isEmpty() || its.hellos.size() < its.settings.expectNodes()) {
            return notYet("the cluster was never completely founded; waiting for "
                    + (missing.isEmpty()
                            ? its.settings.expectNodes() + " nodes"
                            : missing.stream().map(NodeId::value).collect(Collectors.joining(", "))));
        }
        List<NodeInfo> nodes = its.hellos.values().stream().map(Hello::node).toList();
        var firstTable = new TopologyCommand.CreateTable(
                FIRST_TABLE,
                OptionalInt.empty(),
                OptionalInt.empty(),
                TableOptions.DEFAULT,
                its.settings.tableDefaults(),
                nodes.stream().map(NodeInfo::id).collect(Collectors.toSet()));
        var command = new TopologyCommand.FoundCluster(
                cluster.clusterId(), nodes, cluster.metaMembers(), its.settings.metaReplicas(), firstTable);
        var decision = (Decision.Accepted) TopologyState.decide(Topology.EMPTY, command);
        founding = TopologyState.evolve(Topology.EMPTY, decision.events());
        var change = new EpochChange(
                founding.epoch(), System.currentTimeMillis(), RecentRequests.changeId(), decision.events());
        getContext()
                .pipeToSelf(
                        its.meta.append(change, founding),
                        (written, failure) -> new OrchestratorMessage.WriteFinished(
                                failure == null ? written : new Written.Unknown(failure.toString())));
        return this;
    }

    private Behavior<OrchestratorMessage> onWritten(Written written) {
        if (written instanceof Written.Done) {
            return new Active(its, getContext(), founding, new RecentRequests());
        }
        // Whoever wrote the first epoch, and whether this was it: reading tells.
        return notYet("the first epoch could not be written (" + written + ")");
    }

    private Behavior<OrchestratorMessage> notYet(String what) {
        if (!what.equals(obstacle)) {
            obstacle = what;
            getContext().getLog().info("The orchestrator cannot begin yet: {}", what);
        }
        its.retryLater();
        return this;
    }
}
