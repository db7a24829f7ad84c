package io.aitta.orchestrator;

import io.aitta.core.NodeId;
import io.aitta.partition.ClusterMembers;
import io.aitta.partition.NodeDirectory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;

/** {@link NodeStates} kept from the events of the Pekko cluster. */
public final class ClusterNodeStates implements NodeStates {
    private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile List<Seen> members = List.of();

    private ClusterNodeStates() {}

    /** Begins to watch the cluster of this system; until its first event, no member is known. */
    public static ClusterNodeStates start(ActorSystem<?> system) {
        var states = new ClusterNodeStates();
        system.systemActorOf(
                Behaviors.<ClusterEvent.ClusterDomainEvent>setup(context -> new Watcher(context, states)),
                "aitta-node-states",
                Props.empty());
        return states;
    }

    @Override
    public Collection<Seen> members() {
        return members;
    }

    @Override
    public AutoCloseable subscribe(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    private void changed(List<Seen> now) {
        if (!now.equals(members)) {
            members = List.copyOf(now);
            listeners.forEach(Runnable::run);
        }
    }

    private static final class Watcher extends AbstractBehavior<ClusterEvent.ClusterDomainEvent> {
        private final ClusterNodeStates states;
        private final ClusterMembers members;

        Watcher(ActorContext<ClusterEvent.ClusterDomainEvent> context, ClusterNodeStates states) {
            super(context);
            this.states = states;
            this.members = new ClusterMembers(context.getSystem());
            // The typed subscription tells of what is there already by the same events.
            var subscriptions = Cluster.get(context.getSystem()).subscriptions();
            subscriptions.tell(Subscribe.create(context.getSelf().narrow(), ClusterEvent.MemberEvent.class));
            subscriptions.tell(Subscribe.create(context.getSelf().narrow(), ClusterEvent.ReachabilityChanged.class));
        }

        @Override
        public Receive<ClusterEvent.ClusterDomainEvent> createReceive() {
            return newReceiveBuilder()
                    .onMessage(
                            ClusterEvent.ClusterDomainEvent.class,
                            event -> members.take(event) ? told() : Behaviors.same())
                    .build();
        }

        private Behavior<ClusterEvent.ClusterDomainEvent> told() {
            var seen = new ArrayList<Seen>();
            var byAge = new ArrayList<>(members.all());
            byAge.sort((a, b) -> a.isOlderThan(b) ? -1 : b.isOlderThan(a) ? 1 : 0);
            for (int rank = 0; rank < byAge.size(); rank++) {
                var member = byAge.get(rank);
                int age = rank;
                NodeDirectory.nodeOf(member).ifPresent(node -> seen.add(seen(member, node, age)));
            }
            states.changed(seen);
            return this;
        }

        private Seen seen(Member member, NodeId node, int rank) {
            MemberStatus status = member.status();
            boolean gone = status.equals(MemberStatus.down())
                    || status.equals(MemberStatus.exiting())
                    || status.equals(MemberStatus.removed());
            NodeState state =
                    gone ? NodeState.DOWN : members.isCutOffFrom(member) ? NodeState.UNREACHABLE : NodeState.UP;
            boolean joined = !status.equals(MemberStatus.joining()) && !status.equals(MemberStatus.weaklyUp());
            return new Seen(node, member.address().toString(), state, rank, joined);
        }
    }
}
