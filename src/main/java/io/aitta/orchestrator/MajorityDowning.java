package io.aitta.orchestrator;

import io.aitta.core.topology.BrokenLinks;
import io.aitta.partition.ClusterMembers;
import java.time.Duration;
import java.util.HashMap;
import java.util.Optional;
import org.apache.pekko.actor.AbstractActorWithTimers;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.DowningProvider;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.remote.artery.ThisActorSystemQuarantinedEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;
import scala.concurrent.duration.FiniteDuration;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Removes nodes from the cluster that cannot be reached for a while, if those who remain are more than half of all and
 * reach each other ({@link BrokenLinks#without}): of two nodes between which only the link is cut, one. A minority removes
 * nobody and goes on: it may answer EVENTUAL reads, and the replica groups see to it that it does nothing else. So,
 * unlike Pekko's own strategies, no node ever ends itself because it is alone.
 *
 * <p>A node that others have removed, because it was paused or cut off for long, hears that from them once it can be
 * reached again. It cannot come back as what it was, so it removes itself; {@code Main} then has it join anew.
 *
 * <p>Named in application.conf; Pekko makes it.
 */
public final class MajorityDowning extends DowningProvider {
    /** For how long who can be reached must not have changed. */
    private static final Duration STABLE_AFTER = Duration.ofSeconds(3);

    public MajorityDowning(ActorSystem system) {}

    @Override
    public FiniteDuration downRemovalMargin() {
        return FiniteDuration.apply(0, "s");
    }

    @Override
    public Option<Props> downingActorProps() {
        return Option.apply(Props.create(Downing.class, Downing::new));
    }

    private static final class Downing extends AbstractActorWithTimers {
        private static final Logger log = LoggerFactory.getLogger(MajorityDowning.class);

        private enum Decide {
            INSTANCE
        }

        private final Cluster cluster = Cluster.get(getContext().getSystem());
        private BrokenLinks<UniqueAddress> links = BrokenLinks.none();

        @Override
        public void preStart() {
            cluster.subscribe(getSelf(), ClusterEvent.initialStateAsEvents(), ClusterEvent.ClusterDomainEvent.class);
            getContext().getSystem().eventStream().subscribe(getSelf(), ThisActorSystemQuarantinedEvent.class);
        }

        @Override
        public void postStop() {
            cluster.unsubscribe(getSelf());
            getContext().getSystem().eventStream().unsubscribe(getSelf());
        }

        @Override
        public Receive createReceive() {
            return receiveBuilder()
                    .match(ClusterEvent.ReachabilityChanged.class, this::onLinks)
                    .match(ClusterEvent.MemberEvent.class, event -> waitUntilStable())
                    .match(Decide.class, decide -> decide())
                    .match(ThisActorSystemQuarantinedEvent.class, event -> leaveForGood(event))
                    .matchAny(other -> {})
                    .build();
        }

        /** It is told of with each gossip that is taken over, whether anything is different or not. */
        private void onLinks(ClusterEvent.ReachabilityChanged event) {
            var now = ClusterMembers.linksOf(event);
            if (!now.equals(links)) {
                links = now;
                waitUntilStable();
            }
        }

        /** The cluster's state may lag behind the event: so it is looked at only when the time has come. */
        private void waitUntilStable() {
            getTimers().startSingleTimer(Decide.INSTANCE, Decide.INSTANCE, STABLE_AFTER);
        }

        private void leaveForGood(ThisActorSystemQuarantinedEvent event) {
            // Every message that goes to the others is answered so; once is enough.
            getContext().getSystem().eventStream().unsubscribe(getSelf(), ThisActorSystemQuarantinedEvent.class);
            log.warn("{} has removed this node from the cluster: it ends, and begins anew", event.remoteAddress());
            cluster.down(cluster.selfAddress());
        }

        private void decide() {
            var members = new HashMap<UniqueAddress, Member>();
            for (var member : CollectionConverters.asJava(cluster.state().members())) {
                if (member.status() != MemberStatus.removed() && member.status() != MemberStatus.down()) {
                    members.put(member.uniqueAddress(), member);
                }
            }
            var lost = links.without(
                    members.keySet(), (a, b) -> Member.ageOrdering().compare(members.get(a), members.get(b)));
            if (lost.isEmpty()) {
                return;
            }
            // Who is about to join has no say: else those who join a minority could make it one that takes others for
            // dead.
            var voters = members.values().stream()
                    .filter(member -> member.status() == MemberStatus.up() || member.status() == MemberStatus.leaving())
                    .map(Member::uniqueAddress)
                    .toList();
            var left = voters.stream().filter(node -> !lost.contains(node)).toList();
            boolean oneOfUsActs =
                    left.stream().min(UniqueAddress::compare).equals(Optional.of(cluster.selfUniqueAddress()));
            if (left.size() * 2 > voters.size() && oneOfUsActs) {
                for (var node : lost) {
                    log.warn(
                            "{} has not been reachable for {} s; {} of {} nodes are: it is taken for dead",
                            node.address(),
                            STABLE_AFTER.toSeconds(),
                            left.size(),
                            voters.size());
                    cluster.down(node.address());
                }
            }
            // Whether it worked, or another has to act, shows later.
            getTimers().startSingleTimer(Decide.INSTANCE, Decide.INSTANCE, STABLE_AFTER);
        }
    }
}
