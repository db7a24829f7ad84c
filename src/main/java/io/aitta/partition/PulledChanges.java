package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * The changes of a replica on another node, asked of its {@link ChangeServer}. One question waits there at the tail, for
 * all who wait here; besides it a few look further back at a time. What is not answered is asked again.
 */
final class PulledChanges implements ChangeSource {
    private static final int MAX_UNDER_WAY = 8;
    /** Questions without an answer, until the source is taken for useless. */
    private static final int MAX_TRIES = 3;

    private static final class Pull {
        final long after;
        final KeySpan span;
        final int maxBytes;
        final boolean wait;
        final Consumer<ChangeAccess.Answer> then;
        long id;
        long sentNanos;
        int tries;
        int pieces;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Pull(long after, KeySpan span, int maxBytes, boolean wait, Consumer<ChangeAccess.Answer> then) {
            this.after = after;
            this.span = span;
            this.maxBytes = maxBytes;
            this.wait = wait;
            this.then = then;
        }
    }

    private final PartitionId partition;
    private final NodeId node;
    private final ChangeServer.Wiring wiring;
    private final ActorRef<ChangeServer.Reply> replies;
    private final Consumer<ChangeAccess.Answer> onFollowed;
    private final Consumer<String> onUseless;
    private final Map<Long, Pull> underWay = new HashMap<>();
    private final ArrayDeque<Pull> queued = new ArrayDeque<>();
    private Pull following;
    private long lastId;

    /**
     * @param firstId so that no answer to an earlier source's questions is taken for one to ours
     * @param onFollowed told what {@link #follow} has found
     * @param onUseless told, once, if this source cannot answer
     */
    PulledChanges(
            PartitionId partition,
            NodeId node,
            ChangeServer.Wiring wiring,
            ActorRef<ChangeServer.Reply> replies,
            long firstId,
            Consumer<ChangeAccess.Answer> onFollowed,
            Consumer<String> onUseless) {
        this.partition = partition;
        this.node = node;
        this.wiring = wiring;
        this.replies = replies;
        this.lastId = firstId;
        this.onFollowed = onFollowed;
        this.onUseless = onUseless;
    }

    @Override
    public NodeId node() {
        return node;
    }

    long lastId() {
        return lastId;
    }

    boolean isFollowing() {
        return following != null;
    }

    @Override
    public void where(Consumer<ChangeAccess.Answer> then) {
        queue(new Pull(ChangeQuestion.WHERE, KeySpan.ALL, 0, false, then));
    }

    @Override
    public void look(long after, KeySpan span, int maxBytes, Consumer<ChangeAccess.Answer> then) {
        queue(new Pull(after, span, maxBytes, false, then));
    }

    @Override
    public void follow(long after) {
        if (following != null && following.after == after) {
            return;
        }
        if (following != null) {
            underWay.remove(following.id);
        }
        following = new Pull(after, KeySpan.ALL, ChangeTail.READ_BYTES, true, onFollowed);
        send(following);
    }

    private void queue(Pull pull) {
        queued.add(pull);
        sendQueued();
    }

    private void sendQueued() {
        while (!queued.isEmpty() && underWay.size() < MAX_UNDER_WAY) {
            send(queued.poll());
        }
    }

    /** Under a new number each time: pieces of an answer that was given up must not be mixed with those of another. */
    private void send(Pull pull) {
        underWay.remove(pull.id);
        pull.id = ++lastId;
        pull.sentNanos = System.nanoTime();
        pull.pieces = 0;
        pull.bytes.reset();
        underWay.put(pull.id, pull);
        wiring.neighbours()
                .serverOn(node)
                .ifPresent(server -> server.tell(new ChangeServer.Pull(
                        partition.toString(),
                        pull.id,
                        pull.after,
                        pull.span.from().toByteArray(),
                        pull.span.to().toByteArray(),
                        pull.maxBytes,
                        pull.wait,
                        replies)));
    }

    void take(ChangeServer.Reply reply) {
        var pull = underWay.get(reply.pull());
        if (pull == null) {
            return;
        }
        if (reply instanceof ChangeServer.Unable unable) {
            onUseless.accept(unable.reason());
        } else if (reply instanceof ChangeServer.Stands stands) {
            finish(pull, new ChangeAccess.Answer.Kept(stands.oldestAfter(), stands.index()));
        } else if (reply instanceof ChangeServer.Piece piece) {
            if (piece.number() != pull.pieces) {
                send(pull);
                return;
            }
            pull.pieces++;
            pull.sentNanos = System.nanoTime();
            pull.bytes.writeBytes(piece.bytes());
            if (piece.last()) {
                finish(pull, new ChangeAccess.Answer.Changed(ChangesCodec.decode(pull.bytes.toByteArray())));
            }
        }
    }

    private void finish(Pull pull, ChangeAccess.Answer answer) {
        underWay.remove(pull.id);
        if (pull == following) {
            following = null;
        }
        pull.then.accept(answer);
        sendQueued();
    }

    @Override
    public void tick() {
        long late = System.nanoTime() - wiring.patience().silence().toNanos();
        for (var pull : List.copyOf(underWay.values())) {
            if (pull.sentNanos - late > 0) {
                continue;
            }
            // One that waits has not been forgotten because it is not answered; it is repeated in case it was lost.
            if (!pull.wait && ++pull.tries >= MAX_TRIES) {
                onUseless.accept("no answer to " + pull.tries + " questions");
                return;
            }
            send(pull);
        }
    }

    @Override
    public void close() {
        underWay.clear();
        queued.clear();
        following = null;
    }
}
