package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.PeerMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;

/**
 * A node's post office for what replicas say to each other. Everything that is to go to one node and waits at the same
 * time goes in one message, so that the cost of talking hardly grows with the number of partitions. Delivery is at most
 * once; the protocol expects no more.
 *
 * <p>It also watches the cluster's members, keeps the {@link NodeDirectory} and tells the local replicas who can be
 * reached.
 */
public final class PeerMail extends AbstractBehavior<PeerMail.Command> {
    /** The actor's name under the user guardian; part of the protocol between nodes. */
    public static final String NAME = "peer-mail";

    /** About how many bytes of entries go in one message to another node. */
    private static final long BUNDLE_BYTES = 1 << 20;

    public sealed interface Command {}

    record Letter(PartitionId partition, PeerMessage message) {
        long size() {
            return message instanceof PeerMessage.Append append
                    ? append.entries().stream()
                            .mapToLong(entry -> entry.command().size())
                            .sum()
                    : 0;
        }
    }

    /** From a local replica. */
    record Post(PartitionId partition, NodeId to, PeerMessage message) implements Command {}

    /** Arrives after everything that waited in the mailbox when it was sent. */
    private enum Flush implements Command {
        INSTANCE
    }

    /** Between nodes; see {@link PeerBundleSerializer}. */
    record Bundle(NodeId from, NodeId to, List<Letter> letters) implements Command {}

    private record MemberChanged(ClusterEvent.ClusterDomainEvent event) implements Command {}

    private final NodeId self;
    private final LocalReplicas replicas;
    private final NodeDirectory directory;
    private final Map<NodeId, List<Letter>> outbox = new HashMap<>();
    private boolean flushing;
    private final ClusterMembers members;

    public static Behavior<Command> create(NodeId self, LocalReplicas replicas, NodeDirectory directory) {
        return Behaviors.setup(context -> new PeerMail(context, self, replicas, directory));
    }

    private PeerMail(ActorContext<Command> context, NodeId self, LocalReplicas replicas, NodeDirectory directory) {
        super(context);
        this.self = self;
        this.replicas = replicas;
        this.directory = directory;
        ActorRef<ClusterEvent.ClusterDomainEvent> events =
                context.messageAdapter(ClusterEvent.ClusterDomainEvent.class, MemberChanged::new);
        var cluster = Cluster.get(context.getSystem());
        this.members = new ClusterMembers(context.getSystem());
        cluster.subscriptions().tell(new Subscribe<>(events, ClusterEvent.ClusterDomainEvent.class));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Post.class, this::onPost)
                .onMessage(Flush.class, flush -> onFlush())
                .onMessage(Bundle.class, this::onBundle)
                .onMessage(MemberChanged.class, this::onMemberChanged)
                .build();
    }

    private Behavior<Command> onPost(Post post) {
        outbox.computeIfAbsent(post.to(), node -> new ArrayList<>()).add(new Letter(post.partition(), post.message()));
        if (!flushing) {
            flushing = true;
            getContext().getSelf().tell(Flush.INSTANCE);
        }
        return this;
    }

    private Behavior<Command> onFlush() {
        flushing = false;
        outbox.forEach((node, letters) -> directory
                .<Command>residentOn(node, NAME, getContext().getSystem())
                .ifPresent(postbox -> send(node, postbox, letters)));
        outbox.clear();
        return this;
    }

    private void send(NodeId node, ActorRef<Command> postbox, List<Letter> letters) {
        var bundle = new ArrayList<Letter>();
        long bytes = 0;
        for (var letter : letters) {
            if (!bundle.isEmpty() && bytes + letter.size() > BUNDLE_BYTES) {
                postbox.tell(new Bundle(self, node, List.copyOf(bundle)));
                bundle.clear();
                bytes = 0;
            }
            bundle.add(letter);
            bytes += letter.size();
        }
        postbox.tell(new Bundle(self, node, List.copyOf(bundle)));
    }

    private Behavior<Command> onBundle(Bundle bundle) {
        if (!bundle.to().equals(self)) {
            getContext().getLog().warn("Mail of {} for {} came to {}", bundle.from(), bundle.to(), self);
            return this;
        }
        for (var letter : bundle.letters()) {
            var replica = replicas.get(letter.partition());
            if (replica != null) {
                replica.log().tell(new ReplicaLog.Deliver(bundle.from(), letter.message()));
            }
        }
        return this;
    }

    // ---- who can be reached -------------------------------------------------------------------------------------

    private Behavior<Command> onMemberChanged(MemberChanged changed) {
        var event = changed.event();
        if (!members.take(event)) {
            return this;
        }
        if (event instanceof ClusterEvent.MemberRemoved removed) {
            NodeDirectory.nodeOf(removed.member()).ifPresent(node -> {
                directory.remove(node, removed.member());
                tell(node);
            });
        } else if (event instanceof ClusterEvent.MemberEvent other) {
            NodeDirectory.nodeOf(other.member()).ifPresent(node -> {
                put(node, other.member());
                tell(node);
            });
        }
        updateAll();
        return this;
    }

    private void updateAll() {
        for (var member : members.all()) {
            NodeDirectory.nodeOf(member).ifPresent(node -> {
                boolean before = directory.isReachable(node);
                put(node, member);
                if (directory.isReachable(node) != before) {
                    tell(node);
                }
            });
        }
    }

    private void put(NodeId node, Member member) {
        directory.put(node, member, isIn(member) && !members.isCutOffFrom(member));
    }

    private void tell(NodeId node) {
        replicas.tellReachability(node, directory.isReachable(node));
    }

    private static boolean isIn(Member member) {
        return member.status() != MemberStatus.down() && member.status() != MemberStatus.removed();
    }
}
