package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.metrics.NodeReporter;
import io.aitta.metrics.NodeReporter.Command;
import io.aitta.metrics.NodeReporter.Figures;
import io.aitta.metrics.SlowLog;
import io.aitta.metrics.SlowRequest;
import io.aitta.partition.NodeDirectory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.japi.function.Function;

/** Asks the {@link NodeReporter} of any node; this node's own without the network. Thread-safe. */
final class ClusterReporters implements ClusterInfo.Reporters {
    private final NodeId self;
    private final NodeDirectory directory;
    private final ActorRef<Command> own;
    private final SlowLog slowLog;
    private final ActorSystem<?> system;

    ClusterReporters(
            NodeId self, NodeDirectory directory, ActorRef<Command> own, SlowLog slowLog, ActorSystem<?> system) {
        this.self = self;
        this.directory = directory;
        this.own = own;
        this.slowLog = slowLog;
        this.system = system;
    }

    @Override
    public CompletionStage<Optional<Figures>> figures(NodeId node, Duration limit) {
        return ask(node, limit, NodeReporter.TellFigures::new);
    }

    @Override
    public CompletionStage<Optional<List<SlowRequest>>> slow(NodeId node, String table, int limit, Duration within) {
        return this.<NodeReporter.Slow>ask(node, within, replyTo -> new NodeReporter.TellSlow(table, limit, replyTo))
                .thenApply(answer -> answer.map(NodeReporter.Slow::requests));
    }

    @Override
    public Duration slowFrom() {
        return Duration.ofNanos(slowLog.thresholdNanos());
    }

    private <R> CompletionStage<Optional<R>> ask(NodeId node, Duration limit, Function<ActorRef<R>, Command> message) {
        Optional<ActorRef<Command>> reporter = node.equals(self)
                ? Optional.of(own)
                : directory.isReachable(node)
                        ? directory.residentOn(node, NodeReporter.NAME, system)
                        : Optional.empty();
        return reporter.map(there -> AskPattern.<Command, R>ask(there, message, limit, system.scheduler())
                        .handle((answer, failure) -> Optional.ofNullable(answer)))
                .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
    }
}
