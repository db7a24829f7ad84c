package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.store.StoreException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * All that a node's watchers want to know of one partition. Questions about what is long past are looked up, each for
 * itself; those that have come to the tail wait in {@link ChangeWaiters}, and what is new is read once for all of them.
 *
 * <p>It reads from this node's replica if there is one, else from another node's. When its source is lost, lags behind
 * what was asked for, or does not answer, it goes on with another one at the same index. A timer runs only while it has
 * reason to doubt its source: for a replica of its own that keeps up, never.
 */
final class ChangeTail extends AbstractBehavior<ChangeTail.Command> {
    /** Of changes read at once, about. */
    static final int READ_BYTES = 256 << 10;

    sealed interface Command {}

    /** To be answered, or to wait. */
    record Ask(ChangeQuestion question) implements Command {}

    /** To be answered by what there is. */
    record Look(ChangeQuestion question) implements Command {}

    record Withdrawn(ChangeQuestion question) implements Command {}

    /** The replica of this node has applied something, or is no more. */
    enum Moved implements Command {
        INSTANCE
    }

    /** Placement or reachability may have changed. */
    enum Review implements Command {
        INSTANCE
    }

    private enum Tick implements Command {
        INSTANCE
    }

    private enum Quiet implements Command {
        INSTANCE
    }

    private record Arrived(ChangeServer.Reply reply) implements Command {}

    private final PartitionId id;
    private final ChangeServer.Wiring wiring;
    private final ActorRef<ChangeServer.Command> server;
    private final TimerScheduler<Command> timers;
    private final ActorRef<ChangeServer.Reply> replies;

    private final ChangeWaiters waiters = new ChangeWaiters();
    /** Cannot be served yet: there is no source, or it has not said where it stands. */
    private final Set<ChangeQuestion> early = new LinkedHashSet<>();
    /** Being looked up. */
    private final Set<ChangeQuestion> looking = new LinkedHashSet<>();

    /** Null while there is none. */
    private ChangeSource source;
    /** {@link #waiters} have a place to begin at. */
    private boolean begun;

    private long pullIds = System.nanoTime();
    /** Sources tried one after the other without success. */
    private int attempts;
    /** Since when nobody has answered; 0: somebody has. */
    private long helplessSinceNanos = System.nanoTime();
    /** Since when the own replica is behind what was asked for; 0: it is not. */
    private long laggingSinceNanos;
    /** The own replica is not asked before this. */
    private long distrustOwnUntilNanos = System.nanoTime();

    /** When another node last told something. */
    private long newsNanos = System.nanoTime();

    private boolean ticking;
    private long asked;

    static Behavior<Command> create(PartitionId id, ChangeServer.Wiring wiring, ActorRef<ChangeServer.Command> server) {
        return Behaviors.setup(
                context -> Behaviors.withTimers(timers -> new ChangeTail(context, timers, id, wiring, server)));
    }

    private ChangeTail(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            PartitionId id,
            ChangeServer.Wiring wiring,
            ActorRef<ChangeServer.Command> server) {
        super(context);
        this.id = id;
        this.wiring = wiring;
        this.server = server;
        this.timers = timers;
        this.replies = context.messageAdapter(ChangeServer.Reply.class, Arrived::new);
        context.setReceiveTimeout(wiring.patience().idle(), Quiet.INSTANCE);
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Ask.class, ask -> onAsk(ask.question()))
                .onMessage(Look.class, look -> onLook(look.question()))
                .onMessage(Withdrawn.class, withdrawn -> onWithdrawn(withdrawn.question()))
                .onMessage(Moved.class, moved -> onMoved())
                .onMessage(Arrived.class, this::onArrived)
                .onMessage(Review.class, review -> onReview())
                .onMessage(Tick.class, tick -> onTick())
                .onMessage(Quiet.class, quiet -> onQuiet())
                .onSignal(PostStop.class, stop -> onPostStop())
                .build();
    }

    // ---- questions ----------------------------------------------------------------------------------------------

    private Behavior<Command> onAsk(ChangeQuestion question) {
        asked++;
        question.waitsAt(getContext().getSelf());
        findSource();
        serve(question);
        doubt();
        return this;
    }

    /** Asked by another node's tail, which waits there. */
    private Behavior<Command> onLook(ChangeQuestion question) {
        asked++;
        findSource();
        if (!(source instanceof OwnChanges)) {
            refuse(question, Reason.TOO_STALE, "there is no replica here that keeps up");
        } else if (question.after == ChangeQuestion.WHERE) {
            guarded(() -> source.where(question::answer));
        } else {
            guarded(() -> source.look(question.after, question.span, question.maxBytes, question::answer));
        }
        return this;
    }

    private Behavior<Command> onWithdrawn(ChangeQuestion question) {
        early.remove(question);
        looking.remove(question);
        waiters.remove(question);
        return this;
    }

    private void serve(ChangeQuestion question) {
        if (question.isOver()) {
            return;
        }
        if (question.ownOnly && !(source instanceof OwnChanges)) {
            refuse(question, Reason.TOO_STALE, "there is no replica here that keeps up");
        } else if (source == null || !begun) {
            early.add(question);
        } else if (question.after == ChangeQuestion.WHERE) {
            looking.add(question);
            guarded(() -> source.where(answer -> {
                looking.remove(question);
                question.answer(answer);
            }));
        } else {
            catchUp(question);
        }
    }

    private void catchUp(ChangeQuestion question) {
        if (waiters.size() == 0 && source instanceof OwnChanges own && own.applied() > waiters.tail()) {
            // Nobody has wanted what came meanwhile.
            waiters.beginAt(own.applied());
        } else if (waiters.size() == 0 && source instanceof PulledChanges pulled && isOutdated(pulled)) {
            begun = false;
            early.add(question);
            var node = pulled.node();
            leaveSource();
            readFrom(node);
            return;
        }
        if (!waiters.reaches(question.after)) {
            lookUp(question);
            return;
        }
        if (question.after > waiters.tail() && laggingSinceNanos == 0) {
            laggingSinceNanos = System.nanoTime();
        }
        waiters.add(question);
        follow();
    }

    /** Nobody has wanted to know for a while: what came meanwhile need not be read by all. */
    private boolean isOutdated(PulledChanges pulled) {
        return !pulled.isFollowing()
                && System.nanoTime() - newsNanos > wiring.patience().lag().toNanos();
    }

    private void lookUp(ChangeQuestion question) {
        looking.add(question);
        guarded(() -> source.look(question.after, question.span, question.maxBytes, answer -> {
            looking.remove(question);
            boolean nothing = answer instanceof ChangeAccess.Answer.Changed changed
                    && changed.changes().entries().isEmpty();
            if (!nothing) {
                question.answer(answer);
                return;
            }
            long to = ((ChangeAccess.Answer.Changed) answer).changes().lookedAtTo();
            if (to <= question.after) {
                useless("it has nothing after " + question.after + ", where others have come to " + waiters.tail());
                serve(question);
                return;
            }
            question.after = to;
            if (to - question.askedAfter >= ChangeWaiters.PROGRESS_ENTRIES) {
                question.answer(answer);
                return;
            }
            // Others first: a long search must not hold them up.
            getContext().getSelf().tell(new Ask(question));
            asked--;
        }));
    }

    private void follow() {
        if (waiters.size() > 0) {
            guarded(() -> source.follow(waiters.tail()));
        }
    }

    private void refuse(ChangeQuestion question, Reason reason, String message) {
        question.answer(new ChangeAccess.Answer.Refused(new PartitionAccess.Refusal(reason, message)));
    }

    // ---- news ---------------------------------------------------------------------------------------------------

    private Behavior<Command> onMoved() {
        if (!(source instanceof OwnChanges own)) {
            return this;
        }
        if (wiring.replicas().get(id) != own.replica()) {
            return onReview();
        }
        if (own.applied() > waiters.tail() && waiters.size() > 0) {
            guarded(() -> own.look(waiters.tail(), KeySpan.ALL, READ_BYTES, this::onNews));
        }
        follow();
        doubt();
        return this;
    }

    private void onNews(ChangeAccess.Answer answer) {
        if (answer instanceof ChangeAccess.Answer.Kept kept) {
            // What follows the tail is gone: after a full copy, or because we were too slow. Each finds out for itself.
            waiters.beginAt(kept.index());
            waiters.removeAll().forEach(this::serve);
        } else if (answer instanceof ChangeAccess.Answer.Changed changed
                && changed.changes().lookedAtTo() > waiters.tail()) {
            waiters.take(changed.changes());
        }
    }

    private Behavior<Command> onArrived(Arrived arrived) {
        if (source instanceof PulledChanges pulled) {
            pulled.take(arrived.reply());
        }
        doubt();
        return this;
    }

    private void onPulled(ChangeAccess.Answer answer) {
        newsNanos = System.nanoTime();
        onNews(answer);
        if (source != null && begun) {
            follow();
        }
    }

    // ---- sources ------------------------------------------------------------------------------------------------

    private void findSource() {
        if (source != null) {
            return;
        }
        var own = wiring.replicas().get(id);
        if (own != null && System.nanoTime() - distrustOwnUntilNanos >= 0) {
            readOwn(own);
            return;
        }
        var candidates = new ArrayList<NodeId>();
        wiring.placements().primaryOf(id).ifPresent(candidates::add);
        wiring.placements().holdersOf(id).stream()
                .filter(node -> !candidates.contains(node))
                .forEach(candidates::add);
        candidates.removeIf(
                node -> node.equals(wiring.self()) || !wiring.neighbours().isReachable(node));
        if (!candidates.isEmpty()) {
            readFrom(candidates.get(attempts % candidates.size()));
        }
    }

    private void readOwn(LocalReplica own) {
        var changes = new OwnChanges(wiring.self(), own, getContext().getSelf());
        source = changes;
        helplessSinceNanos = 0;
        attempts = 0;
        if (!begun) {
            begun = true;
            waiters.beginAt(changes.applied());
        }
        goOn();
    }

    private void readFrom(NodeId node) {
        var pulled = new PulledChanges(id, node, wiring, replies, pullIds, this::onPulled, reason -> useless(reason));
        source = pulled;
        pulled.where(answer -> {
            long index = ((ChangeAccess.Answer.Kept) answer).index();
            if (begun && index < waiters.tail()) {
                useless("it lags behind");
                return;
            }
            helplessSinceNanos = 0;
            attempts = 0;
            newsNanos = System.nanoTime();
            if (!begun) {
                begun = true;
                waiters.beginAt(index);
            }
            goOn();
        });
    }

    /** With a source that is new: asks it all that the one before left open. */
    private void goOn() {
        laggingSinceNanos = 0;
        var open = new ArrayList<>(early);
        early.clear();
        open.addAll(looking);
        looking.clear();
        open.forEach(this::serve);
        if (source != null && begun) {
            follow();
        }
    }

    /** The source cannot serve: another one will be found at the next tick. */
    private void useless(String reason) {
        if (source == null) {
            return;
        }
        getContext().getLog().debug("Changes of {} are not read from {} any more: {}", id, source.node(), reason);
        boolean own = source instanceof OwnChanges;
        leaveSource();
        if (own) {
            waiters.removeAll().forEach(question -> {
                if (question.ownOnly) {
                    refuse(question, Reason.TOO_STALE, reason);
                } else {
                    waiters.add(question);
                }
            });
        }
        attempts++;
        if (helplessSinceNanos == 0) {
            helplessSinceNanos = System.nanoTime();
        }
    }

    private void leaveSource() {
        if (source instanceof PulledChanges pulled) {
            pullIds = pulled.lastId();
        }
        source.close();
        source = null;
        early.addAll(looking);
        looking.clear();
    }

    /** A store that fails now may do better later; meanwhile others are asked. */
    private void guarded(Runnable read) {
        try {
            read.run();
        } catch (StoreException | IllegalStateException failure) {
            getContext().getLog().warn("Reading the changes of {} failed", id, failure);
            distrustOwnUntilNanos =
                    System.nanoTime() + wiring.patience().silence().toNanos();
            if (source instanceof OwnChanges) {
                useless("its store failed");
            }
        }
    }

    // ---- doubts -------------------------------------------------------------------------------------------------

    private boolean isAsked() {
        return waiters.size() > 0 || !early.isEmpty() || !looking.isEmpty();
    }

    /** Sees to it that the clock ticks while something may be stuck. */
    private void doubt() {
        boolean sure = source instanceof OwnChanges && laggingSinceNanos == 0;
        if (!ticking && !sure && isAsked()) {
            ticking = true;
            timers.startSingleTimer(Tick.INSTANCE, wiring.patience().tick());
        }
    }

    private Behavior<Command> onTick() {
        ticking = false;
        return onReview();
    }

    private Behavior<Command> onReview() {
        if (wiring.placements().isGone(id)) {
            refuseAll(Reason.PARTITION_NOT_FOUND, "partition " + id + " is no more");
        }
        if (source instanceof OwnChanges own) {
            reviewOwn(own);
        } else if (source != null) {
            reviewOther();
        }
        if (isAsked()) {
            findSource();
        }
        if (source != null) {
            source.tick();
        }
        boolean helpless = helplessSinceNanos != 0
                && System.nanoTime() - helplessSinceNanos
                        > wiring.patience().giveUp().toNanos();
        if (helpless && isAsked()) {
            boolean exists = !wiring.placements().holdersOf(id).isEmpty();
            refuseAll(
                    exists ? Reason.NO_QUORUM : Reason.PARTITION_NOT_FOUND,
                    exists
                            ? "none of the nodes that hold " + id + " tells " + wiring.self() + " what changes"
                            : "there is no partition " + id);
            helplessSinceNanos = System.nanoTime();
        }
        doubt();
        return this;
    }

    private void reviewOwn(OwnChanges own) {
        if (wiring.replicas().get(id) != own.replica()) {
            useless("this node's replica has stopped");
        } else if (laggingSinceNanos != 0) {
            boolean lags = waiters.furthest() > own.applied();
            if (!lags) {
                laggingSinceNanos = 0;
            } else if (System.nanoTime() - laggingSinceNanos
                    > wiring.patience().lag().toNanos()) {
                distrustOwnUntilNanos =
                        System.nanoTime() + wiring.patience().lag().toNanos();
                useless("this node's replica lags behind");
            }
        }
    }

    private void reviewOther() {
        var own = wiring.replicas().get(id);
        long needed = Math.max(waiters.tail(), waiters.furthest());
        boolean ownWillDo = own != null
                && begun
                && System.nanoTime() - distrustOwnUntilNanos >= 0
                && own.store().mark().getAppliedIndex() >= needed;
        if (ownWillDo) {
            leaveSource();
        } else if (!wiring.neighbours().isReachable(source.node())) {
            useless("it cannot be reached");
        }
    }

    private void refuseAll(Reason reason, String message) {
        var all = new ArrayList<>(waiters.removeAll());
        all.addAll(early);
        all.addAll(looking);
        early.clear();
        looking.clear();
        all.forEach(question -> refuse(question, reason, message));
    }

    // ---- the end ------------------------------------------------------------------------------------------------

    private Behavior<Command> onQuiet() {
        if (!isAsked()) {
            server.tell(new ChangeServer.Idle(id, asked));
        }
        return this;
    }

    private Behavior<Command> onPostStop() {
        if (source != null) {
            leaveSource();
        }
        refuseAll(Reason.STOPPING, "this node has stopped to follow " + id);
        return this;
    }
}
