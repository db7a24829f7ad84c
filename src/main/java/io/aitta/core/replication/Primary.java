package io.aitta.core.replication;

import io.aitta.core.NodeId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What a replica knows and does while it is primary in one term. Gone when the term is. */
final class Primary {
    /** Stands for "never" among sending times. */
    static final long NO_ACK = Long.MIN_VALUE;

    private static final long NEVER = ReplicaCore.NEVER;
    /** Of the log, on the primary's disk, for those who are being given a copy. */
    private static final long MOST_HELD_BYTES = 1L << 30;
    /** Who lacks no more than so many full messages has them soon. */
    private static final long NEAR_MESSAGES = 4;

    private final ReplicaCore core;
    private final ReplicationConfig config;
    private final Log log;
    private final Term term;
    /** The first entry of this term. */
    private final LogIndex termStart;

    private final Map<NodeId, Progress> peers = new LinkedHashMap<>();
    private long commitNoticeAt = NEVER;
    private long leaseConfirmedAt = NO_ACK;

    /** Set from the request for a hand-over to its end. */
    private Optional<NodeId> transferTarget = Optional.empty();

    private long transferDeadline = NEVER;
    /** The lease has been given up for the target's sake; there is no way back in this term. */
    private boolean transferFired;

    Primary(ReplicaCore core, Term term) {
        this.core = core;
        this.config = core.config;
        this.log = core.durable.log();
        this.term = term;
        this.termStart = log.lastIndex().next();
    }

    /** Puts the term's first entry into the log; its acknowledgement begins the lease. */
    void begin(List<Step.Outgoing> out, Step step, long now) {
        for (var node : core.durable.membership().all()) {
            if (!node.equals(core.self)) {
                peers.put(node, new Progress(node, termStart));
            }
        }
        append(Command.NOOP, out, step, now);
    }

    // ---- proposals ----------------------------------------------------------------------------------------------

    void propose(byte[] batch, Step step, long now) {
        if (mayAppend(core.durable.membership(), step)) {
            if (log.lastIndex().value() - core.commit().value() >= config.maxUncommitted()) {
                decline(Effect.Reason.WINDOW_FULL, config.maxUncommitted() + " entries are uncommitted", step);
            } else {
                accept(new Command.Data(batch), step, now);
            }
        }
    }

    void change(Input.Change change, Step step, long now) {
        var old = core.durable.membership();
        var node = change.node();
        if (!core.rules.changeMayBegin(log.membershipIndex(), termStart, core.commit())) {
            decline(
                    Effect.Reason.CHANGE_UNDER_WAY,
                    "the membership at " + log.membershipIndex() + " is not committed",
                    step);
        } else if (change instanceof Input.Change.AddLearner && old.contains(node)) {
            decline(Effect.Reason.ALREADY_A_MEMBER, node + " belongs to the group already", step);
        } else if (change instanceof Input.Change.Promote && !old.isLearner(node)) {
            decline(Effect.Reason.NOT_A_MEMBER, node + " is not a learner of the group", step);
        } else if (change instanceof Input.Change.Promote && !isCaughtUp(node)) {
            decline(Effect.Reason.NOT_CAUGHT_UP, node + " has not caught up", step);
        } else if (change instanceof Input.Change.Remove && !old.contains(node)) {
            decline(Effect.Reason.NOT_A_MEMBER, node + " does not belong to the group", step);
        } else if (change instanceof Input.Change.Remove && node.equals(core.self)) {
            decline(Effect.Reason.IS_PRIMARY, node + " is the primary: hand over first", step);
        } else {
            var changed = change instanceof Input.Change.AddLearner
                    ? old.withLearner(node)
                    : change instanceof Input.Change.Promote ? old.promoted(node) : old.without(node);
            if (mayAppend(changed, step)) {
                // Who goes must not be told: holding the longest log, but no voter by its own account, it could keep
                // the
                // others from electing a primary without ever standing itself. But it may wait for the outcome of what
                // it
                // put into the log itself.
                peers.values().stream()
                        .filter(peer -> !changed.contains(peer.node) && isOnTheWay(peer))
                        .forEach(peer -> sendBare(peer, step.early(), now));
                peers.keySet().removeIf(peer -> !changed.contains(peer));
                accept(new Command.ChangeMembership(changed), step, now);
            }
        }
    }

    private boolean isOnTheWay(Progress peer) {
        return peer.mode != Progress.Mode.SNAPSHOT && !core.unreachable.contains(peer.node);
    }

    /**
     * Whether a learner may become a voter: it knows that it belongs to the group, and lacks so little that commits which
     * wait for it will hardly be noticed.
     */
    private boolean isCaughtUp(NodeId node) {
        var peer = peers.get(node);
        return peer != null && peer.match.compareTo(log.membershipIndex()) >= 0 && isNear(peer);
    }

    /** Whether a peer lacks no more than what may be under way: a full window always passes, if it is not of large entries. */
    private boolean isNear(Progress peer) {
        return peer.mode != Progress.Mode.SNAPSHOT
                && log.covers(peer.match)
                && peer.match.plus(config.maxUncommitted()).compareTo(log.lastIndex()) >= 0
                && log.bytesAfter(peer.match) <= NEAR_MESSAGES * config.maxAppendBytes();
    }

    GroupStatus group() {
        var members = new HashMap<NodeId, GroupStatus.Peer>();
        for (var node : core.durable.membership().all()) {
            if (!node.equals(core.self)) {
                var peer = peers.get(node);
                boolean copying = peer != null && peer.mode == Progress.Mode.SNAPSHOT;
                boolean reachable = !core.unreachable.contains(node);
                members.put(
                        node, new GroupStatus.Peer(matchOf(node), reachable, copying, reachable && isCaughtUp(node)));
            }
        }
        return new GroupStatus(core.rules.changeMayBegin(log.membershipIndex(), termStart, core.commit()), members);
    }

    OptionalLong lagOf(NodeId node) {
        var peer = peers.get(node);
        boolean isKnown = peer != null && peer.mode != Progress.Mode.SNAPSHOT && log.covers(peer.match);
        return isKnown ? OptionalLong.of(log.lastIndex().value() - peer.match.value()) : OptionalLong.empty();
    }

    private boolean mayAppend(Membership membership, Step step) {
        if (isTransferring()) {
            decline(Effect.Reason.TRANSFERRING, "the primary's role is being handed over", step);
            return false;
        }
        if (core.reachableVoters(membership) < core.rules.quorum(membership)) {
            decline(
                    Effect.Reason.NO_QUORUM,
                    "of the voters " + membership.voters() + ", "
                            + membership.voters().stream()
                                    .filter(core.unreachable::contains)
                                    .toList()
                            + " cannot be reached",
                    step);
            return false;
        }
        return true;
    }

    private void decline(Effect.Reason reason, String message, Step step) {
        step.effects().add(new Effect.Declined(reason, message));
    }

    private void accept(Command command, Step step, long now) {
        var index = append(command, step.early(), step, now);
        step.effects().add(0, new Effect.Accepted(index, term));
    }

    private LogIndex append(Command command, List<Step.Outgoing> out, Step step, long now) {
        var entry = new Entry(log.lastIndex().next(), term, command);
        step.events().add(new BinlogEvent.Appended(List.of(entry)));
        for (var peer : peers.values()) {
            feed(peer, List.of(entry), out, step, now);
        }
        return entry.index();
    }

    /** Our own copy of what was appended is durable now. */
    void onDurable(Step step, long now) {
        var members = core.durable.membership();
        peers.keySet().removeIf(node -> !members.contains(node));
        for (var node : members.all()) {
            if (!node.equals(core.self) && !peers.containsKey(node)) {
                peers.put(node, new Progress(node, log.lastIndex()));
            }
        }
        advanceCommit(step, now);
        for (var peer : peers.values()) {
            feed(peer, List.of(), step.late(), step, now);
        }
        tryHandOver(step, now);
    }

    // ---- feeding peers ------------------------------------------------------------------------------------------

    /** Sends a peer what it lacks, as far as its window goes. {@code fresh} is to follow the log but is not in it yet. */
    private void feed(Progress peer, List<Entry> fresh, List<Step.Outgoing> out, Step step, long now) {
        var last = log.lastIndex().plus(fresh.size());
        while (!core.unreachable.contains(peer.node)
                && peer.mode != Progress.Mode.SNAPSHOT
                && !peer.reading
                && !peer.next.isAfter(last)
                && peer.inFlight < (peer.mode == Progress.Mode.PROBE ? 1 : config.maxInFlight())) {
            if (peer.needsCopy || !peer.next.isAfter(log.base())) {
                offerSnapshot(peer, out, now);
            } else if (peer.next.isAfter(log.lastIndex())) {
                send(peer, peer.next.plus(-1), fresh, out, now);
            } else if (log.isResident(peer.next)) {
                send(
                        peer,
                        peer.next.plus(-1),
                        log.entries(peer.next, log.lastIndex(), config.maxAppendBytes()),
                        out,
                        now);
            } else {
                peer.reading = true;
                peer.retryAt = now + config.retransmitNanos() * 16;
                step.effects().add(new Effect.ReadLog(peer.node, peer.next, log.lastIndex(), config.maxAppendBytes()));
            }
        }
    }

    private void send(Progress peer, LogIndex previous, List<Entry> entries, List<Step.Outgoing> out, long now) {
        out.add(new Step.Outgoing(
                peer.node, new PeerMessage.Append(term, now, previous, log.termAt(previous), entries, core.commit())));
        var last = previous.plus(entries.size());
        peer.told(core.commit(), last, now);
        peer.sent(last, now + peer.patience(config.retransmitNanos()));
    }

    private void offerSnapshot(Progress peer, List<Step.Outgoing> out, long now) {
        peer.mode = Progress.Mode.SNAPSHOT;
        if (peer.holdFrom == null) {
            peer.holdFrom = core.commit().next();
        }
        peer.retryAt = now + config.retransmitNanos() * 4;
        // Before an entry of this term is committed, more may be committed than is known here.
        var least = LogIndex.max(core.commit(), termStart);
        out.add(new Step.Outgoing(peer.node, new PeerMessage.SnapshotOffer(term, now, least)));
    }

    /**
     * What must stay in the log for those who are being given a copy: without it their copy would be of no use, and the next
     * one neither, for as long as there are writes. Empty: nothing. Beyond {@link #MOST_HELD_BYTES} nothing is held.
     */
    Optional<LogIndex> heldFrom() {
        return peers.values().stream()
                .filter(peer -> peer.holdFrom != null && !core.unreachable.contains(peer.node))
                .map(peer -> LogIndex.max(peer.holdFrom, log.base().next()))
                .min(LogIndex::compareTo)
                .filter(from -> log.bytesAfter(from.plus(-1)) <= MOST_HELD_BYTES);
    }

    /** A message without entries: for the lease, for the commit index, or to make ourselves known. */
    private void sendBare(Progress peer, List<Step.Outgoing> out, long now) {
        var previous = LogIndex.max(peer.match, log.base());
        out.add(new Step.Outgoing(
                peer.node,
                new PeerMessage.Append(term, now, previous, log.termAt(previous), List.of(), core.commit())));
        peer.told(core.commit(), previous, now);
        if (core.commit().isAfter(peer.commitKnown)) {
            peer.retryAt = Math.min(peer.retryAt, now + peer.patience(config.retransmitNanos()));
        }
    }

    void logRead(Input.LogRead read, Step step, long now) {
        var peer = peers.get(read.peer());
        if (peer == null || !peer.reading) {
            return;
        }
        peer.reading = false;
        peer.retryAt = now + peer.patience(config.retransmitNanos());
        boolean fits = !read.entries().isEmpty()
                && read.entries().get(0).index().equals(peer.next)
                && peer.next.isAfter(log.base())
                && read.entries().stream().allMatch(this::isInLog);
        if (fits) {
            send(peer, peer.next.plus(-1), List.copyOf(read.entries()), step.early(), now);
        }
    }

    private boolean isInLog(Entry entry) {
        return log.covers(entry.index()) && log.termAt(entry.index()).equals(entry.term());
    }

    /** A peer that has come back, or does not know us, hears of us at once. */
    void introduceTo(NodeId node, Step step, long now) {
        var peer = peers.get(node);
        if (peer != null) {
            peer.introduced();
            sendBare(peer, step.early(), now);
            feed(peer, List.of(), step.early(), step, now);
        }
    }

    // ---- answers ------------------------------------------------------------------------------------------------

    void onReply(NodeId from, PeerMessage.AppendReply reply, Step step, long now) {
        var peer = peers.get(from);
        boolean refusesAnEarlierTerm = !reply.accepted() && reply.sentNanos() == NO_ACK;
        if (peer == null || refusesAnEarlierTerm) {
            return;
        }
        peer.lastAckedSend = Math.max(peer.lastAckedSend, reply.sentNanos());
        peer.retries = 0;
        if (reply.accepted()) {
            Invariant.check(
                    !reply.index().isAfter(log.lastIndex()),
                    "%s acknowledges %s, beyond %s",
                    from,
                    reply.index(),
                    log.lastIndex());
            peer.accepted(reply.index(), reply.sentNanos(), log.base());
            peer.releaseHeld(log.lastIndex(), config.maxUncommitted());
        } else if (wantsCopy(reply)) {
            peer.needsCopy = true;
            if (peer.mode != Progress.Mode.SNAPSHOT) {
                offerSnapshot(peer, step.early(), now);
            }
        } else if (peer.mode != Progress.Mode.SNAPSHOT) {
            peer.rejected(LogIndex.min(reply.index(), log.lastIndex()));
        }
        advanceCommit(step, now);
        feed(peer, List.of(), step.early(), step, now);
        if (peer.mode != Progress.Mode.SNAPSHOT && !peer.reading) {
            boolean waiting = peer.inFlight > 0
                    || log.lastIndex().isAfter(peer.match)
                    || core.commit().isAfter(peer.commitKnown);
            peer.retryAt = waiting ? now + peer.patience(config.retransmitNanos()) : NEVER;
        }
        if (peer.isToBeTold(core.commit())) {
            commitNoticeAt = Math.min(commitNoticeAt, now + config.commitNoticeNanos());
        }
        tryHandOver(step, now);
    }

    /** Who has let go of more than there is here was given up with it, and cannot find that out by itself. */
    private boolean wantsCopy(PeerMessage.AppendReply rejection) {
        return rejection.index().equals(LogIndex.ZERO)
                || rejection.index().isAfter(log.lastIndex().next());
    }

    private void advanceCommit(Step step, long now) {
        var membership = core.durable.membership();
        var matches = membership.voters().stream()
                .map(voter -> voter.equals(core.self) ? log.lastIndex() : matchOf(voter))
                .sorted()
                .toList();
        int quorum = core.rules.quorum(membership);
        if (matches.size() < quorum) {
            return;
        }
        var agreed = matches.get(matches.size() - quorum);
        if (agreed.isAfter(core.commit()) && core.rules.mayCommitByCount(log.termAt(agreed), term)) {
            core.handOut(agreed, step);
            commitNoticeAt = Math.min(commitNoticeAt, now + config.commitNoticeNanos());
        }
    }

    private LogIndex matchOf(NodeId voter) {
        var peer = peers.get(voter);
        return peer == null ? LogIndex.ZERO : LogIndex.min(peer.match, log.lastIndex());
    }

    // ---- lease --------------------------------------------------------------------------------------------------

    boolean isServing() {
        return core.rules.mayServe(termStart, core.commit(), transferFired);
    }

    /** A majority has promised, at the latest of these times, to elect nobody else for a lease's length. */
    long leaseUntil() {
        var membership = core.durable.membership();
        int others = core.rules.quorum(membership) - 1;
        if (others == 0) {
            return NEVER;
        }
        long[] acked = membership.voters().stream()
                .filter(voter -> !voter.equals(core.self))
                .mapToLong(voter -> peers.containsKey(voter) ? peers.get(voter).lastAckedSend : NO_ACK)
                .toArray();
        Arrays.sort(acked);
        if (acked.length < others || acked[acked.length - others] == NO_ACK) {
            return NO_ACK;
        }
        return acked[acked.length - others] + config.leaseNanos();
    }

    void confirmLease(Step step, long now) {
        boolean underWay = leaseConfirmedAt != NO_ACK && now - leaseConfirmedAt < config.commitNoticeNanos();
        if (!underWay) {
            leaseConfirmedAt = now;
            for (var peer : peers.values()) {
                if (!core.unreachable.contains(peer.node)
                        && core.durable.membership().isVoter(peer.node)) {
                    sendBare(peer, step.early(), now);
                }
            }
        }
    }

    // ---- hand-over ----------------------------------------------------------------------------------------------

    boolean isTransferring() {
        return transferTarget.isPresent();
    }

    void transfer(Optional<NodeId> wanted, Step step, long now) {
        if (isTransferring()) {
            decline(Effect.Reason.TRANSFERRING, "handing over to " + transferTarget.get() + " already", step);
            return;
        }
        var target = wanted.or(this::bestSuccessor);
        if (target.isEmpty()) {
            decline(Effect.Reason.NO_QUORUM, "no other voter can be reached", step);
        } else if (target.get().equals(core.self)) {
            decline(Effect.Reason.IS_PRIMARY, core.self + " is the primary already", step);
        } else if (!core.durable.membership().isVoter(target.get())) {
            decline(Effect.Reason.NOT_A_MEMBER, target.get() + " is not a voter of the group", step);
        } else if (core.unreachable.contains(target.get())) {
            decline(Effect.Reason.NO_QUORUM, target.get() + " cannot be reached", step);
        } else if (!isNear(peers.get(target.get()))) {
            // What comes meanwhile would wait for all that it lacks.
            decline(Effect.Reason.NOT_CAUGHT_UP, target.get() + " has not caught up", step);
        } else {
            transferTarget = target;
            transferDeadline = now + config.transferNanos();
            feed(peers.get(target.get()), List.of(), step.early(), step, now);
            tryHandOver(step, now);
        }
    }

    private Optional<NodeId> bestSuccessor() {
        var candidates = new ArrayList<>(core.durable.membership().voters());
        candidates.removeIf(node -> node.equals(core.self) || core.unreachable.contains(node));
        return candidates.stream().max((a, b) -> matchOf(a).compareTo(matchOf(b)));
    }

    private void tryHandOver(Step step, long now) {
        if (isTransferring() && !transferFired && isServing() && step.events().isEmpty()) {
            var target = transferTarget.get();
            if (matchOf(target).equals(log.lastIndex())
                    && core.durable.membership().isVoter(target)) {
                transferFired = true;
                transferDeadline = now + config.transferNanos();
                step.late().add(new Step.Outgoing(target, new PeerMessage.TransferNow(term)));
            }
        }
    }

    /** A hand-over that can come to nothing but its end ends now. */
    void peerLost(NodeId node, long now) {
        if (transferTarget.isPresent() && transferTarget.get().equals(node)) {
            transferDeadline = now;
        }
    }

    // ---- time ---------------------------------------------------------------------------------------------------

    long wakeAt() {
        long at = Math.min(commitNoticeAt, transferDeadline);
        for (var peer : peers.values()) {
            if (!core.unreachable.contains(peer.node)) {
                at = Math.min(at, peer.retryAt);
            }
        }
        return at;
    }

    /** @return whether the term must be given up, because a hand-over was begun and came to nothing */
    boolean wakeUp(Step step, long now) {
        if (now >= transferDeadline) {
            if (transferFired) {
                return true;
            }
            transferTarget = Optional.empty();
            transferDeadline = NEVER;
        }
        boolean notice = now >= commitNoticeAt;
        if (notice) {
            commitNoticeAt = NEVER;
        }
        for (var peer : peers.values()) {
            if (core.unreachable.contains(peer.node)) {
                continue;
            }
            if (now >= peer.retryAt) {
                peer.retry();
                feed(peer, List.of(), step.early(), step, now);
                if (peer.retryAt == NEVER && core.commit().isAfter(peer.commitKnown)) {
                    sendBare(peer, step.early(), now);
                }
            }
            if (notice && peer.isToBeTold(core.commit())) {
                sendBare(peer, step.early(), now);
            }
        }
        return false;
    }
}
