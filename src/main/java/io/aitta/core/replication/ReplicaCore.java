package io.aitta.core.replication;

import io.aitta.core.NodeId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One replica's part in its group: Raft with pre-vote, leases and elections that start from a failure detector instead
 * of from missing heartbeats, so that an idle group sends nothing.
 *
 * <p>It is a deterministic state machine. What must survive a crash is in {@link Durable} and changes only by events;
 * the rest is here and is begun anew after a crash. The order of work is told in {@link Step}. Not thread-safe.
 *
 * <pre>
 *             its time to stand has come             a majority would vote         a majority voted
 *  FOLLOWER ------------------------------> PRE_CANDIDATE -----------------> CANDIDATE -----------> PRIMARY
 *     ^  \________________ TransferNow from the primary ________________________/                      |
 *     |________________________ a primary of this or a newer term, or any newer term ________________|
 * </pre>
 */
public final class ReplicaCore {
    static final long NEVER = Long.MAX_VALUE;

    final ReplicationConfig config;
    final NodeId self;
    final Durable durable;
    final Rules rules;
    /** Peers that the failure detector holds for unreachable. */
    final Set<NodeId> unreachable = new HashSet<>();

    private final Jitter jitter;
    private Status.Role role = Status.Role.FOLLOWER;
    /** The primary of the durable term, once heard of. */
    private Optional<NodeId> knownPrimary = Optional.empty();
    /**
     * Everything up to here has been handed out for applying; never above what is in the log. Goes back only with a copy
     * that is taken because we have strayed.
     */
    private LogIndex commit = LogIndex.ZERO;
    /** What a primary says is committed, to be handed out as soon as it is durable here. */
    private LogIndex announcedCommit = LogIndex.ZERO;
    /** Until then no vote is given to anybody else than the primary that was promised. */
    private long promiseUntil = Long.MIN_VALUE;
    /** When to stand for election. */
    private long electionAt = NEVER;

    private int fruitlessElections;
    private final Set<NodeId> votes = new HashSet<>();
    /** Not null if and only if the role is PRIMARY. */
    private Primary primary;

    private boolean persisting;
    /**
     * Something that was committed here is not in the log of a primary of a later era: the group was recovered by force
     * without it. Nothing here can be trusted any more until a whole copy has taken its place.
     */
    private boolean strayed;
    /** A copy that goes less far than this may lack what was committed when we, knowing nothing, were first heard of. */
    private Optional<LogIndex> leastCopy = Optional.empty();

    public ReplicaCore(ReplicationConfig config, NodeId self, Durable durable, Jitter jitter, Rules rules) {
        this.config = config;
        this.self = self;
        this.durable = durable;
        this.jitter = jitter;
        this.rules = rules;
    }

    /**
     * The first step after the binlog was replayed.
     *
     * @param applied what the store holds; may be ahead of the binlog if a full copy was installed just before a crash
     * @throws IllegalStateException if the store lacks what the binlog has let go: the store's data was lost
     */
    public Step start(long nowNanos, LogIndex applied, Term appliedTerm, Membership appliedMembership) {
        var step = new Step();
        var log = durable.log();
        Invariant.check(
                applied.compareTo(log.base()) >= 0 || log.baseTerm().isOfEarlierEraThan(appliedTerm),
                "the store has applied up to %s, but the binlog begins after %s: the store's data was lost",
                applied,
                log.base());
        var membership = durable.membership();
        if (!log.covers(applied) || !log.termAt(applied).equals(appliedTerm)) {
            install(applied, appliedTerm, appliedMembership, step, nowNanos);
            membership = appliedMembership;
        }
        commit = applied;
        announcedCommit = applied;
        boolean everHeardOfPrimary = durable.term().isNewerThan(Term.ZERO);
        if (everHeardOfPrimary && !membership.voters().equals(List.of(self))) {
            // What was promised before the crash is forgotten, so assume the most: even a replica that does not yet
            // know that it is a voter may count as one for its primary.
            promiseUntil = nowNanos + config.leaseNanos() + config.driftNanos();
        }
        scheduleElection(nowNanos, membership);
        persisting = !step.events().isEmpty();
        return step;
    }

    /** What to do about an input. {@code nowNanos} is a monotonic clock that never goes back. */
    public Step decide(Input input, long nowNanos) {
        Invariant.check(!persisting, "input %s while events are being persisted", input);
        var step = new Step();
        if (input instanceof Input.Receive receive) {
            receive(receive.from(), receive.message(), step, nowNanos);
        } else if (input instanceof Input.Propose propose) {
            if (requirePrimary(step)) {
                primary.propose(propose.batch(), step, nowNanos);
            }
        } else if (input instanceof Input.WakeUp) {
            wakeUp(step, nowNanos);
        } else if (input instanceof Input.PeerUnreachable lost) {
            peerUnreachable(lost.peer(), nowNanos);
        } else if (input instanceof Input.PeerReachable found) {
            peerReachable(found.peer(), step, nowNanos);
        } else if (input instanceof Input.ConfirmLease) {
            if (primary != null) {
                primary.confirmLease(step, nowNanos);
            }
        } else if (input instanceof Input.TransferPrimary transfer) {
            if (requirePrimary(step)) {
                primary.transfer(transfer.target(), step, nowNanos);
            }
        } else if (input instanceof Input.ChangeMembership change) {
            if (requirePrimary(step)) {
                primary.change(change.change(), step, nowNanos);
            }
        } else if (input instanceof Input.LogRead read) {
            if (primary != null) {
                primary.logRead(read, step, nowNanos);
            }
        } else if (input instanceof Input.Found found) {
            found(found.membership(), step, nowNanos);
        } else if (input instanceof Input.Join join) {
            join(join.atLeast(), step);
        } else if (input instanceof Input.Recover recover) {
            recover(recover.survivors(), step, nowNanos);
        } else if (input instanceof Input.SnapshotReady ready) {
            snapshotReady(ready, step, nowNanos);
        } else if (input instanceof Input.StoreForced forced) {
            storeForced(forced, step);
        }
        persisting = !step.events().isEmpty();
        return step;
    }

    /** To be called once a step's events are durable and evolved. Its answer never has events. */
    public Step persisted(long nowNanos) {
        persisting = false;
        var step = new Step();
        // What this very step hands out must still be in memory when it is applied.
        var applied = commit;
        if (primary != null) {
            primary.onDurable(step, nowNanos);
        } else {
            handOutAnnounced(step);
        }
        durable.log().evict(applied, config.residentBytes());
        Invariant.check(step.events().isEmpty(), "events %s from persisted", step.events());
        return step;
    }

    /** When {@link Input.WakeUp} is wanted; {@link Long#MAX_VALUE}: not at all. */
    public long wakeAtNanos() {
        return primary != null ? primary.wakeAt() : electionAt;
    }

    public Status status(long nowNanos) {
        boolean isPrimary = primary != null;
        return new Status(
                role,
                durable.term(),
                knownPrimary,
                isPrimary && primary.isServing(),
                isPrimary ? primary.leaseUntil() : Long.MIN_VALUE,
                reachableVoters(durable.membership()) >= rules.quorum(durable.membership()),
                isPrimary && primary.isTransferring(),
                commit,
                durable.log().lastIndex(),
                durable.log().lastTerm(),
                durable.membership());
    }

    /** How the group stands; empty unless this replica is its primary. */
    public Optional<GroupStatus> group() {
        return Optional.ofNullable(primary).map(Primary::group);
    }

    /** Entries that a peer lacks; empty if this is no primary, or does not know. */
    public OptionalLong lagOf(NodeId peer) {
        return primary == null ? OptionalLong.empty() : primary.lagOf(peer);
    }

    // ---- what peers say -----------------------------------------------------------------------------------------

    private void receive(NodeId from, PeerMessage message, Step step, long now) {
        // But survivors who have not heard of the new era yet are asked for their votes.
        if (message.term().isOfEarlierEraThan(durable.term()) && !(message instanceof PeerMessage.PreVoteReply)) {
            return;
        }
        if (message instanceof PeerMessage.Append append) {
            onAppend(from, append, step, now);
        } else if (message instanceof PeerMessage.AppendReply reply) {
            if (!stepUpIfNewer(reply.term(), step, now) && isOfMyTerm(reply)) {
                primary.onReply(from, reply, step, now);
            }
        } else if (message instanceof PeerMessage.PreVote preVote) {
            onPreVote(from, preVote, step, now);
        } else if (message instanceof PeerMessage.PreVoteReply reply) {
            onPreVoteReply(from, reply, step, now);
        } else if (message instanceof PeerMessage.RequestVote request) {
            onRequestVote(from, request, step, now);
        } else if (message instanceof PeerMessage.VoteReply reply) {
            onVoteReply(from, reply, step, now);
        } else if (message instanceof PeerMessage.SnapshotOffer offer) {
            onSnapshotOffer(from, offer, step, now);
        } else if (message instanceof PeerMessage.TransferNow transfer) {
            onTransferNow(from, transfer, step, now);
        } else if (message instanceof PeerMessage.Resigned resigned) {
            onResigned(from, resigned, now);
        }
    }

    private boolean isOfMyTerm(PeerMessage.AppendReply reply) {
        return primary != null && reply.term().equals(durable.term());
    }

    private void onAppend(NodeId from, PeerMessage.Append append, Step step, long now) {
        if (!followSender(from, append.term(), step, now)) {
            return;
        }
        if (needsWholeCopy()) {
            reject(from, append, LogIndex.ZERO, step);
            return;
        }
        var tryFrom = disagreement(append);
        if (tryFrom.isPresent()) {
            reject(from, append, tryFrom.get(), step);
            return;
        }
        var log = durable.log();
        var previous = append.previousIndex();
        var entries = append.entries();
        int fresh = 0;
        while (fresh < entries.size() && isKnown(entries.get(fresh))) {
            fresh++;
        }
        if (fresh < entries.size()) {
            if (!entries.get(fresh).index().isAfter(commit)) {
                stray(append.term());
                reject(from, append, LogIndex.ZERO, step);
                return;
            }
            step.events().add(new BinlogEvent.Appended(List.copyOf(entries.subList(fresh, entries.size()))));
        }
        var matched = LogIndex.max(log.base(), previous.plus(entries.size()));
        step.late()
                .add(new Step.Outgoing(
                        from, new PeerMessage.AppendReply(append.term(), append.sentNanos(), true, matched)));
        announcedCommit = LogIndex.max(announcedCommit, LogIndex.min(append.commitIndex(), matched));
        if (step.events().isEmpty()) {
            handOutAnnounced(step);
        }
    }

    /** Where the primary should try from, since the logs are not known to agree before its entries; empty: they agree. */
    private Optional<LogIndex> disagreement(PeerMessage.Append append) {
        var log = durable.log();
        var previous = append.previousIndex();
        if (previous.isAfter(log.lastIndex())) {
            return Optional.of(log.lastIndex().next());
        }
        if (log.base().isAfter(previous)) {
            // Up to the base all is committed and therefore the same; but who recovered the group may have lacked some.
            long toBase = log.base().value() - previous.value();
            boolean isTold = append.entries().size() >= toBase;
            return isOfThisEra(log.base(), append.term()) || isTold
                    ? Optional.empty()
                    : Optional.of(log.base().next());
        }
        if (rules.agrees(log, previous, append.previousTerm())) {
            return Optional.empty();
        }
        if (previous.isAfter(commit)) {
            return Optional.of(startOfTerm(previous));
        }
        stray(append.term());
        return Optional.of(LogIndex.ZERO);
    }

    private boolean isOfThisEra(LogIndex index, Term term) {
        return !durable.log().termAt(index).isOfEarlierEraThan(term);
    }

    private void stray(Term term) {
        Invariant.check(!isOfThisEra(commit, term), "a primary of term %s would cut committed %s", term, commit);
        strayed = true;
    }

    /**
     * Takes the sender of a primary's message for the primary, or tells it that its term is over.
     *
     * @return whether the sender is the primary
     */
    private boolean followSender(NodeId from, Term term, Step step, long now) {
        if (durable.term().isNewerThan(term)) {
            // The sending time is not echoed: should the sender be primary again, in our term, it would take it for a
            // lease, and by the clock of another process if it was restarted meanwhile.
            step.late()
                    .add(new Step.Outgoing(
                            from, new PeerMessage.AppendReply(durable.term(), Primary.NO_ACK, false, LogIndex.ZERO)));
            return false;
        }
        if (term.isNewerThan(durable.term())) {
            step.events().add(new BinlogEvent.BallotCast(term, Optional.empty()));
        } else {
            Invariant.check(primary == null, "%s and %s are both primary in term %s", self, from, term);
        }
        becomeFollower(Optional.of(from));
        fruitlessElections = 0;
        promiseUntil = Math.max(promiseUntil, now + config.leaseNanos() + config.driftNanos());
        if (unreachable.contains(from)) {
            // Heard all the same; but should it fall silent, the failure detector will not tell a second time.
            scheduleElection(now);
        }
        return true;
    }

    /**
     * Without a group by any account of its own. Such a replica takes over a whole copy before anything else: fed with the
     * log from its beginning, one that had belonged to the group before would again count itself among the voters of old,
     * and vote with less than it once acknowledged.
     */
    private boolean isBlank() {
        return durable.membership().equals(Membership.NONE)
                && durable.log().base().equals(LogIndex.ZERO);
    }

    private boolean needsWholeCopy() {
        return isBlank() || strayed;
    }

    private void reject(NodeId from, PeerMessage.Append append, LogIndex tryFrom, Step step) {
        step.late()
                .add(new Step.Outgoing(
                        from, new PeerMessage.AppendReply(append.term(), append.sentNanos(), false, tryFrom)));
    }

    /** The whole conflicting term is skipped at once; what is committed cannot conflict. */
    private LogIndex startOfTerm(LogIndex index) {
        var log = durable.log();
        var term = log.termAt(index);
        var start = index;
        while (start.plus(-1).isAfter(commit) && log.termAt(start.plus(-1)).equals(term)) {
            start = start.plus(-1);
        }
        return LogIndex.max(start, commit.next());
    }

    /** Whether it stands in the log, or stood there and was committed. */
    private boolean isKnown(Entry entry) {
        var log = durable.log();
        return log.base().isAfter(entry.index())
                || log.covers(entry.index()) && log.termAt(entry.index()).equals(entry.term());
    }

    private void handOutAnnounced(Step step) {
        var to = LogIndex.min(announcedCommit, durable.log().lastIndex());
        if (to.isAfter(commit)) {
            handOut(to, step);
        }
    }

    void handOut(LogIndex to, Step step) {
        step.effects().add(new Effect.Apply(commit.next(), to));
        commit = to;
        announcedCommit = LogIndex.max(announcedCommit, commit);
    }

    LogIndex commit() {
        return commit;
    }

    // ---- elections ----------------------------------------------------------------------------------------------

    private void onPreVote(NodeId from, PeerMessage.PreVote preVote, Step step, long now) {
        if (knownPrimary.isPresent() && knownPrimary.get().equals(from)) {
            // Our primary asks to become one: it has been restarted and is none any more.
            knownPrimary = Optional.empty();
            scheduleElection(now);
        }
        boolean granted = preVote.term().compareTo(durable.term()) >= 0
                && primary == null
                && !isPrimaryThere()
                && rules.mayVote(durable.membership())
                && rules.mayLead(preVote.term(), preVote.lastTerm())
                && !rules.promiseBinds(promiseUntil, now)
                && rules.isUpToDate(preVote.lastTerm(), preVote.lastIndex(), durable.log());
        step.late().add(new Step.Outgoing(from, new PeerMessage.PreVoteReply(durable.term(), granted)));
        if (primary != null) {
            primary.introduceTo(from, step, now);
        }
    }

    private void onPreVoteReply(NodeId from, PeerMessage.PreVoteReply reply, Step step, long now) {
        if (stepUpIfNewer(reply.term(), step, now)) {
            return;
        }
        if (role == Status.Role.PRE_CANDIDATE && reply.granted()) {
            votes.add(from);
            if (hasMajority()) {
                standForElection(false, step);
            }
        }
    }

    private void onRequestVote(NodeId from, PeerMessage.RequestVote request, Step step, long now) {
        boolean newTerm = request.term().isNewerThan(durable.term());
        boolean bound = !request.transfer() && (rules.promiseBinds(promiseUntil, now) || holdsLease(now));
        if (durable.term().isNewerThan(request.term()) || bound || !rules.mayVote(durable.membership())) {
            step.late().add(new Step.Outgoing(from, new PeerMessage.VoteReply(durable.term(), false)));
            return;
        }
        boolean granted = (newTerm || rules.voteIsFree(durable.votedFor(), from))
                && rules.mayLead(request.term(), request.lastTerm())
                && rules.isUpToDate(request.lastTerm(), request.lastIndex(), durable.log());
        if (newTerm || granted) {
            var vote = granted ? Optional.of(from) : newTerm ? Optional.<NodeId>empty() : durable.votedFor();
            step.events().add(new BinlogEvent.BallotCast(request.term(), vote));
        }
        if (newTerm) {
            becomeFollower(Optional.empty());
        }
        if (primary == null && knownPrimary.isEmpty()) {
            scheduleElection(now + (granted ? config.electionRetryNanos() : 0));
        }
        step.late().add(new Step.Outgoing(from, new PeerMessage.VoteReply(request.term(), granted)));
    }

    private boolean holdsLease(long now) {
        return primary != null && primary.isServing() && now < primary.leaseUntil();
    }

    private void onVoteReply(NodeId from, PeerMessage.VoteReply reply, Step step, long now) {
        if (stepUpIfNewer(reply.term(), step, now)) {
            return;
        }
        if (role == Status.Role.CANDIDATE && reply.granted() && reply.term().equals(durable.term())) {
            votes.add(from);
            if (hasMajority()) {
                becomePrimary(durable.term(), step.early(), step, now);
            }
        }
    }

    private void onTransferNow(NodeId from, PeerMessage.TransferNow transfer, Step step, long now) {
        boolean fromPrimary = transfer.term().equals(durable.term())
                && knownPrimary.isPresent()
                && knownPrimary.get().equals(from);
        if (fromPrimary && durable.membership().isVoter(self) && role == Status.Role.FOLLOWER) {
            promiseUntil = Long.MIN_VALUE;
            electionAt = now + config.electionRetryNanos() + jitter.below(config.electionRetryNanos());
            standForElection(true, step);
        }
    }

    private void onResigned(NodeId from, PeerMessage.Resigned resigned, long now) {
        boolean fromPrimary = resigned.term().equals(durable.term())
                && knownPrimary.isPresent()
                && knownPrimary.get().equals(from);
        if (fromPrimary) {
            promiseUntil = Long.MIN_VALUE;
            knownPrimary = Optional.empty();
            scheduleElection(now);
        }
    }

    /** Enters a newer term that a peer's answer shows, without a vote in it. */
    private boolean stepUpIfNewer(Term term, Step step, long now) {
        if (!term.isNewerThan(durable.term())) {
            return false;
        }
        step.events().add(new BinlogEvent.BallotCast(term, Optional.empty()));
        becomeFollower(Optional.empty());
        scheduleElection(now);
        return true;
    }

    private void wakeUp(Step step, long now) {
        if (primary != null) {
            if (primary.wakeUp(step, now)) {
                // The hand-over came to nothing, and in this term the lease is given up for good: on to the next term.
                becomeFollower(Optional.empty());
                promiseUntil = Long.MIN_VALUE;
                electionAt = now;
            }
        }
        if (primary == null && now >= electionAt) {
            var membership = durable.membership();
            if (isPrimaryThere()
                    || !membership.isVoter(self)
                    || !rules.mayLead(durable.term(), durable.log().lastTerm())
                    || reachableVoters(membership) < rules.quorum(membership)) {
                electionAt = NEVER;
            } else if (rules.promiseBinds(promiseUntil, now)) {
                electionAt = promiseUntil;
            } else {
                askForVotes(step, now);
            }
        }
    }

    private void askForVotes(Step step, long now) {
        role = Status.Role.PRE_CANDIDATE;
        votes.clear();
        votes.add(self);
        long pause = config.electionRetryNanos() << Math.min(fruitlessElections, 3);
        fruitlessElections++;
        electionAt = now + pause + jitter.below(pause);
        var membership = durable.membership();
        if (rules.quorum(membership) == 1) {
            winAlone(step, now);
            return;
        }
        var log = durable.log();
        sendToVoters(new PeerMessage.PreVote(durable.term(), log.lastIndex(), log.lastTerm()), step.early());
    }

    private void standForElection(boolean transfer, Step step) {
        role = Status.Role.CANDIDATE;
        knownPrimary = Optional.empty();
        votes.clear();
        votes.add(self);
        var term = durable.term().next();
        var log = durable.log();
        step.events().add(new BinlogEvent.BallotCast(term, Optional.of(self)));
        // Only after our own vote is durable.
        sendToVoters(new PeerMessage.RequestVote(term, log.lastIndex(), log.lastTerm(), transfer), step.late());
    }

    /** The only voter needs nobody; but nothing of the new term may be heard of before the vote is durable. */
    private void winAlone(Step step, long now) {
        var term = durable.term().next();
        step.events().add(new BinlogEvent.BallotCast(term, Optional.of(self)));
        becomePrimary(term, step.late(), step, now);
    }

    private void becomePrimary(Term term, List<Step.Outgoing> out, Step step, long now) {
        role = Status.Role.PRIMARY;
        knownPrimary = Optional.of(self);
        electionAt = NEVER;
        fruitlessElections = 0;
        votes.clear();
        primary = new Primary(this, term);
        primary.begin(out, step, now);
    }

    private void becomeFollower(Optional<NodeId> of) {
        role = Status.Role.FOLLOWER;
        primary = null;
        knownPrimary = of;
        votes.clear();
        electionAt = NEVER;
    }

    /** The voters stand one after the other, in their order, so that the first has a clear run. */
    private void scheduleElection(long earliest) {
        scheduleElection(earliest, durable.membership());
    }

    private void scheduleElection(long earliest, Membership membership) {
        int rank = membership.voters().indexOf(self);
        if (rank >= 0 && primary == null) {
            long jittered = rank == 0 ? 0 : jitter.below(Math.max(1, config.staggerNanos() / 2));
            electionAt = Math.max(earliest, promiseUntil) + rank * config.staggerNanos() + jittered;
        }
    }

    private boolean isPrimaryThere() {
        return knownPrimary.isPresent() && !unreachable.contains(knownPrimary.get());
    }

    private boolean hasMajority() {
        var membership = durable.membership();
        return membership.voters().stream().filter(votes::contains).count() >= rules.quorum(membership);
    }

    private void sendToVoters(PeerMessage message, List<Step.Outgoing> out) {
        for (var voter : durable.membership().voters()) {
            if (!voter.equals(self) && !unreachable.contains(voter)) {
                out.add(new Step.Outgoing(voter, message));
            }
        }
    }

    int reachableVoters(Membership membership) {
        return (int) membership.voters().stream()
                .filter(voter -> !unreachable.contains(voter))
                .count();
    }

    // ---- what the shell tells -----------------------------------------------------------------------------------

    private boolean requirePrimary(Step step) {
        if (primary == null) {
            step.effects()
                    .add(new Effect.Declined(
                            Effect.Reason.NOT_PRIMARY, self + " is not the primary in term " + durable.term()));
        }
        return primary != null;
    }

    private void peerUnreachable(NodeId peer, long now) {
        if (peer.equals(self) || !unreachable.add(peer)) {
            return;
        }
        if (primary != null) {
            primary.peerLost(peer, now);
        } else if (knownPrimary.isPresent() && knownPrimary.get().equals(peer)) {
            knownPrimary = Optional.empty();
            scheduleElection(now);
        }
    }

    private void peerReachable(NodeId peer, Step step, long now) {
        unreachable.remove(peer);
        if (primary != null) {
            primary.introduceTo(peer, step, now);
        } else if (!isPrimaryThere() && electionAt == NEVER) {
            scheduleElection(now);
        }
    }

    private void found(Membership membership, Step step, long now) {
        if (isBlank()) {
            step.events().add(new BinlogEvent.Founded(membership));
            if (knownPrimary.isEmpty()) {
                scheduleElection(now, membership);
            }
        }
    }

    private void join(Term atLeast, Step step) {
        if (isBlank() && atLeast.isNewerThan(durable.term())) {
            step.events().add(new BinlogEvent.BallotCast(atLeast, Optional.empty()));
            becomeFollower(Optional.empty());
        }
    }

    /** The forced entry is of a term in which nobody else can be primary; the election is held in the one after it. */
    private void recover(List<NodeId> survivors, Step step, long now) {
        var membership = durable.membership();
        if (!survivors.contains(self) || !membership.all().containsAll(survivors)) {
            step.effects()
                    .add(new Effect.Declined(
                            Effect.Reason.NOT_A_MEMBER,
                            "the survivors " + survivors + " must be some of " + membership.all() + ", with " + self));
        } else if (reachableVoters(membership) >= rules.quorum(membership)) {
            step.effects()
                    .add(new Effect.Declined(
                            Effect.Reason.QUORUM_REACHABLE,
                            "of the voters " + membership.voters() + " a majority can be reached from " + self));
        } else {
            becomeFollower(Optional.empty());
            promiseUntil = Long.MIN_VALUE;
            electionAt = now;
            var term = durable.term().inNextEra(durable.log().lastTerm());
            var forced = new Command.ChangeMembership(new Membership(survivors, List.of()));
            step.events().add(new BinlogEvent.BallotCast(term, Optional.of(self)));
            step.events()
                    .add(new BinlogEvent.Appended(
                            List.of(new Entry(durable.log().lastIndex().next(), term, forced))));
        }
    }

    private void onSnapshotOffer(NodeId from, PeerMessage.SnapshotOffer offer, Step step, long now) {
        if (followSender(from, offer.term(), step, now)) {
            // The logs may agree up to our commit if that is of an earlier era; but nobody has said so.
            strayed |= !isOfThisEra(commit, offer.term());
            boolean agrees = !needsWholeCopy();
            if (isBlank() && leastCopy.isEmpty()) {
                leastCopy = Optional.of(offer.index());
            }
            step.late()
                    .add(new Step.Outgoing(
                            from,
                            new PeerMessage.AppendReply(
                                    offer.term(), offer.sentNanos(), agrees, agrees ? commit : LogIndex.ZERO)));
            if (!agrees || offer.index().isAfter(commit)) {
                step.effects().add(new Effect.FetchSnapshot(from));
            }
        }
    }

    private void snapshotReady(Input.SnapshotReady ready, Step step, long now) {
        // Who has strayed has acknowledged nothing in this era, so any copy will do.
        boolean goesOn = strayed || ready.index().isAfter(commit);
        boolean goesFarEnough = !isBlank()
                || leastCopy.filter(least -> !least.isAfter(ready.index())).isPresent();
        // Of a store that was written before marks told of their group: whoever took it over could neither vote nor
        // stand.
        boolean tellsGroup = !ready.membership().equals(Membership.NONE);
        if (!goesOn || !goesFarEnough || !tellsGroup) {
            step.effects().add(new Effect.DiscardSnapshot());
            return;
        }
        step.before().add(new Effect.InstallSnapshot(ready.index()));
        install(ready.index(), ready.term(), ready.membership(), step, now);
        commit = ready.index();
        announcedCommit = strayed ? commit : LogIndex.max(announcedCommit, commit);
        strayed = false;
        leastCopy = Optional.empty();
        if (primary == null) {
            knownPrimary.ifPresent(node -> step.late()
                    .add(new Step.Outgoing(
                            node, new PeerMessage.AppendReply(durable.term(), Primary.NO_ACK, true, ready.index()))));
        }
    }

    /**
     * The copy may be of a later term than the offer: its source has gone on meanwhile. That term must be entered with it,
     * so that a primary of a term between cannot have entries put after the copy's.
     */
    private void install(LogIndex index, Term term, Membership membership, Step step, long now) {
        if (term.isNewerThan(durable.term())) {
            step.events().add(new BinlogEvent.BallotCast(term, Optional.empty()));
            becomeFollower(Optional.empty());
            scheduleElection(now, membership);
        }
        step.events().add(new BinlogEvent.SnapshotInstalled(index, term, membership));
    }

    private void storeForced(Input.StoreForced forced, Step step) {
        var index = forced.index();
        if (index.isAfter(durable.checkpoint())
                && !index.isAfter(commit)
                && durable.log().covers(index)
                && durable.log().termAt(index).equals(forced.term())) {
            var log = durable.log();
            var keepFrom = log.keepFrom(index, config.keepBytes());
            var held = primary == null ? Optional.<LogIndex>empty() : primary.heldFrom();
            step.events()
                    .add(new BinlogEvent.CheckpointTaken(
                            index,
                            log.termAt(index),
                            held.map(from -> LogIndex.min(from, keepFrom)).orElse(keepFrom)));
        }
    }
}
