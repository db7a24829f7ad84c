package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.replication.Status;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;

/** Hands the primary's role of all of a node's replicas to other nodes, before the node stops. */
public final class HandOver {
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private HandOver() {}

    /** @return done when no replica of the node that could hand over is primary any more, or after 5 s; never fails */
    public static CompletionStage<Done> allOf(NodeId self, LocalReplicas replicas, ActorSystem<?> system) {
        var done = new CompletableFuture<Done>();
        poll(self, replicas, system, System.nanoTime() + LIMIT.toNanos(), done);
        return done;
    }

    private static void poll(
            NodeId self, LocalReplicas replicas, ActorSystem<?> system, long until, CompletableFuture<Done> done) {
        boolean waiting = false;
        for (var replica : replicas.all()) {
            if (replica.status().filter(HandOver::canHandOver).isPresent()) {
                waiting = true;
                // Asked again in case it could not before; one that is under way is not disturbed.
                replica.front().tell(Replica.HandOver.INSTANCE);
            }
        }
        if (!waiting || System.nanoTime() - until >= 0) {
            system.log().info("Primaries of {} handed over: {}", self, !waiting);
            done.complete(Done.getInstance());
        } else {
            system.scheduler()
                    .scheduleOnce(POLL, () -> poll(self, replicas, system, until, done), system.executionContext());
        }
    }

    private static boolean canHandOver(Status status) {
        return status.role() == Status.Role.PRIMARY
                && status.quorumReachable()
                && status.membership().voters().size() > 1;
    }
}
