package io.aitta.partition;

import com.google.protobuf.ByteString;
import io.aitta.config.CborMessage;
import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * A node's part in telling what changes: it hands questions of this node and of others to the {@link ChangeTail}s, of
 * which there is one for each partition that anybody here asks about. Runs on the replicas' threads, for its children
 * read the store.
 */
public final class ChangeServer extends AbstractBehavior<ChangeServer.Command> {
    /** The actor's name under the user guardian; part of the protocol between nodes. */
    public static final String NAME = "change-server";

    /** An answer between nodes goes in pieces of this size, each well within a frame. */
    static final int PIECE_BYTES = 512 << 10;

    public sealed interface Command {}

    /** From this node. */
    record Ask(PartitionId partition, ChangeQuestion question) implements Command {}

    /** The topology may have changed, or who can be reached. */
    public enum Review implements Command {
        INSTANCE
    }

    /** @param asked how many questions the tail had got when it found itself without work */
    record Idle(PartitionId partition, long asked) implements Command {}

    /**
     * From another node, to be answered of the own replica. One that waits takes the place of the one that the same asker
     * had waiting, and is forgotten with its asker.
     *
     * @param after {@link ChangeQuestion#WHERE}: where does the replica stand?
     */
    record Pull(
            String partition,
            long pull,
            long after,
            byte[] from,
            byte[] to,
            int maxBytes,
            boolean waiting,
            ActorRef<Reply> replyTo)
            implements Command, CborMessage {}

    sealed interface Reply extends CborMessage {
        long pull();
    }

    record Stands(long pull, long oldestAfter, long index) implements Reply {}

    /** A piece of encoded {@link ChangesCodec changes}; they come in order. */
    record Piece(long pull, int number, boolean last, byte[] bytes) implements Reply {}

    /** Ask somebody else. */
    record Unable(long pull, String reason) implements Reply {}

    /** How to reach other nodes. Thread-safe. */
    interface Neighbours {
        boolean isReachable(NodeId node);

        Optional<ActorRef<Command>> serverOn(NodeId node);

        static Neighbours of(NodeDirectory directory, ActorSystem<?> system) {
            return new Neighbours() {
                @Override
                public boolean isReachable(NodeId node) {
                    return directory.isReachable(node);
                }

                @Override
                public Optional<ActorRef<Command>> serverOn(NodeId node) {
                    return directory.residentOn(node, NAME, system);
                }
            };
        }
    }

    /** What all tails of a node use. */
    record Wiring(
            NodeId self, LocalReplicas replicas, Placements placements, Neighbours neighbours, Patience patience) {}

    /**
     * @param tick how often is looked whether a question is stuck, where one may be
     * @param lag for how long a replica of this node may be behind what it is asked for, before another one is asked
     * @param silence until a question to another node is repeated
     * @param giveUp for how long nobody may be found who answers
     * @param idle after which a tail without questions is let go
     */
    record Patience(Duration tick, Duration lag, Duration silence, Duration giveUp, Duration idle) {
        static final Patience NORMAL = new Patience(
                Duration.ofMillis(500),
                Duration.ofSeconds(1),
                Duration.ofSeconds(3),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30));
    }

    private static final class Child {
        final ActorRef<ChangeTail.Command> tail;
        long asked;

        Child(ActorRef<ChangeTail.Command> tail) {
            this.tail = tail;
        }
    }

    private final Wiring wiring;
    private final Map<PartitionId, Child> children = new HashMap<>();
    /** Of other nodes, by who asked. */
    private final Map<ActorRef<Reply>, ChangeQuestion> waiting = new HashMap<>();

    public static Behavior<Command> create(
            NodeId self, LocalReplicas replicas, NodeDirectory directory, Placements placements) {
        return Behaviors.setup(context -> {
            var me = context.getSelf();
            replicas.onLost(node -> me.tell(Review.INSTANCE));
            var neighbours = Neighbours.of(directory, context.getSystem());
            return new ChangeServer(context, new Wiring(self, replicas, placements, neighbours, Patience.NORMAL));
        });
    }

    static Behavior<Command> create(Wiring wiring) {
        return Behaviors.setup(context -> new ChangeServer(context, wiring));
    }

    private ChangeServer(ActorContext<Command> context, Wiring wiring) {
        super(context);
        this.wiring = wiring;
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Ask.class, this::onAsk)
                .onMessage(Pull.class, this::onPull)
                .onMessage(Review.class, review -> onReview())
                .onMessage(Idle.class, this::onIdle)
                .onSignal(Terminated.class, this::onTerminated)
                .build();
    }

    private Behavior<Command> onAsk(Ask ask) {
        child(ask.partition()).tell(new ChangeTail.Ask(ask.question()));
        return this;
    }

    private ActorRef<ChangeTail.Command> child(PartitionId partition) {
        var child = children.computeIfAbsent(
                partition,
                id -> new Child(getContext()
                        .spawnAnonymous(
                                ChangeTail.create(id, wiring, getContext().getSelf()),
                                DispatcherSelector.sameAsParent())));
        if (child.asked == 0) {
            getContext().watch(child.tail);
        }
        child.asked++;
        return child.tail;
    }

    private Behavior<Command> onReview() {
        children.values().forEach(child -> child.tail.tell(ChangeTail.Review.INSTANCE));
        return this;
    }

    private Behavior<Command> onIdle(Idle idle) {
        var child = children.get(idle.partition());
        if (child != null && child.asked == idle.asked()) {
            children.remove(idle.partition());
            getContext().stop(child.tail);
        }
        return this;
    }

    // ---- for other nodes ----------------------------------------------------------------------------------------

    private Behavior<Command> onPull(Pull pull) {
        var partition = PartitionId.parse(pull.partition());
        var replica = wiring.replicas().get(partition);
        if (replica == null) {
            pull.replyTo().tell(new Unable(pull.pull(), "there is no replica of " + partition + " here"));
            return this;
        }
        if (pull.after() > replica.store().mark().getAppliedIndex()) {
            pull.replyTo().tell(new Unable(pull.pull(), "this replica has not come to " + pull.after()));
            return this;
        }
        var span = new KeySpan(ByteString.copyFrom(pull.from()), ByteString.copyFrom(pull.to()));
        var question = new ChangeQuestion(
                pull.after(), span, pull.maxBytes(), true, answer -> reply(pull.pull(), answer, pull.replyTo()));
        if (pull.waiting()) {
            var before = waiting.put(pull.replyTo(), question);
            if (before == null) {
                getContext().watch(pull.replyTo());
            } else {
                before.withdraw();
            }
            child(partition).tell(new ChangeTail.Ask(question));
        } else {
            child(partition).tell(new ChangeTail.Look(question));
        }
        return this;
    }

    private Behavior<Command> onTerminated(Terminated terminated) {
        children.values().removeIf(child -> child.tail.equals(terminated.getRef()));
        waiting.entrySet().removeIf(entry -> {
            boolean gone = entry.getKey().equals(terminated.getRef());
            if (gone) {
                entry.getValue().withdraw();
            }
            return gone;
        });
        return this;
    }

    private static void reply(long pull, ChangeAccess.Answer answer, ActorRef<Reply> to) {
        if (answer instanceof ChangeAccess.Answer.Kept kept) {
            to.tell(new Stands(pull, kept.oldestAfter(), kept.index()));
        } else if (answer instanceof ChangeAccess.Answer.Refused refused) {
            to.tell(new Unable(pull, refused.refusal().message()));
        } else if (answer instanceof ChangeAccess.Answer.Changed changed) {
            var bytes = ChangesCodec.encode(changed.changes());
            int number = 0;
            for (int at = 0; at < bytes.length; at += PIECE_BYTES) {
                int end = Math.min(bytes.length, at + PIECE_BYTES);
                to.tell(new Piece(pull, number++, end == bytes.length, Arrays.copyOfRange(bytes, at, end)));
            }
        }
    }
}
