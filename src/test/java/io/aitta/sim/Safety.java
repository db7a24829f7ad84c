package io.aitta.sim;

import static io.aitta.sim.SimulationFailure.unless;

import io.aitta.core.NodeId;
import io.aitta.core.replication.BinlogEvent;
import io.aitta.core.replication.Command;
import io.aitta.core.replication.Durable;
import io.aitta.core.replication.Entry;
import io.aitta.core.replication.Log;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.PeerMessage;
import io.aitta.core.replication.Term;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** Sees everything, and fails at once when a promise of the protocol is broken. */
final class Safety {
    /** @param committedIn the term in which it was first seen to be committed, or a later one */
    private record Committed(Entry entry, Term committedIn) {}

    private record Position(long index, long term) {}

    private record Ballot(NodeId voter, long term) {}

    /** What stands at a position anywhere, and after what. */
    private record Written(Command command, Term previousTerm) {}

    private record Office(NodeId node, int incarnation) {}

    private final BiConsumer<Membership, Term> onMembership;
    /** committed.get(i) is the entry at i + 1. */
    private final List<Committed> committed = new ArrayList<>();
    /** fingerprints.get(i) is that of a store that has applied i + 1 entries. */
    private final List<Long> fingerprints = new ArrayList<>();

    private final Map<Position, Written> written = new HashMap<>();
    private final Map<Long, Office> primaries = new HashMap<>();
    private final Set<String> serving = new HashSet<>();
    private final Map<Ballot, NodeId> votes = new HashMap<>();
    private final Map<NodeId, Term> spoken = new HashMap<>();
    private LogIndex acknowledged = LogIndex.ZERO;

    /** @param onMembership told of each membership when it is committed first, and in which term */
    Safety(BiConsumer<Membership, Term> onMembership) {
        this.onMembership = onMembership;
    }

    /** Log matching: what has the same index and term is the same, and follows the same. */
    void evolved(BinlogEvent event, Log log) {
        if (event instanceof BinlogEvent.Appended appended) {
            for (var entry : appended.entries()) {
                if (!log.covers(entry.index().plus(-1))) {
                    continue;
                }
                var here = new Written(entry.command(), log.termAt(entry.index().plus(-1)));
                var there = written.putIfAbsent(
                        new Position(entry.index().value(), entry.term().value()), here);
                unless(
                        there == null
                                || Operations.same(there.command, here.command)
                                        && there.previousTerm.equals(here.previousTerm),
                        "log matching: at %s of term %s stands %s and elsewhere %s",
                        entry.index(),
                        entry.term(),
                        here,
                        there);
            }
        }
    }

    /** Both ways of a restart lead to the same state. */
    void restarted(NodeId node, Durable replayed, Durable restored) {
        unless(
                describe(replayed).equals(describe(restored)),
                "%s: the whole binlog gives %s, from the checkpoint on it gives %s",
                node,
                describe(replayed),
                describe(restored));
    }

    private static String describe(Durable durable) {
        var log = durable.log();
        var terms = new StringBuilder();
        for (var run : log.runs()) {
            terms.append(run.first())
                    .append('-')
                    .append(run.last())
                    .append(':')
                    .append(run.term())
                    .append(' ');
        }
        return "term " + durable.term() + " vote " + durable.votedFor() + " checkpoint " + durable.checkpoint()
                + " base " + log.base() + ":" + log.baseTerm() + log.baseMembership() + " " + terms + log.memberships();
    }

    /** A node never goes back to an earlier term, and speaks for one candidate a term. */
    void sent(NodeId from, NodeId to, PeerMessage message) {
        if (message instanceof PeerMessage.VoteReply reply && reply.granted()) {
            voted(from, reply.term(), to);
        } else if (message instanceof PeerMessage.RequestVote request) {
            voted(from, request.term(), from);
        }
        boolean ofAnOlderTerm = message instanceof PeerMessage.AppendReply;
        var last = spoken.getOrDefault(from, Term.ZERO);
        unless(ofAnOlderTerm || !last.isNewerThan(message.term()), "%s spoke of term %s, then %s", from, last, message);
        if (message.term().isNewerThan(last)) {
            spoken.put(from, message.term());
        }
    }

    /** Its replica was thrown away; another one may begin there with nothing. What it voted for still counts. */
    void thrownAway(NodeId node) {
        spoken.remove(node);
    }

    private void voted(NodeId voter, Term term, NodeId candidate) {
        var before = votes.putIfAbsent(new Ballot(voter, term.value()), candidate);
        unless(
                before == null || before.equals(candidate),
                "%s voted for %s and %s in term %s",
                voter,
                before,
                candidate,
                term);
    }

    /**
     * A node that had left the group lost its data. What it voted for up to {@code term}, in which the group took note of
     * its leaving, it must keep to all the same; later votes of its former self can have elected nobody.
     */
    void forgot(NodeId node, Term term) {
        spoken.remove(node);
        votes.keySet().removeIf(ballot -> ballot.voter.equals(node) && ballot.term > term.value());
    }

    /** At most one primary a term, and it holds all that was committed before its term. */
    void becamePrimary(NodeId node, int incarnation, Term term, Log log) {
        var office = new Office(node, incarnation);
        var other = primaries.putIfAbsent(term.value(), office);
        unless(other == null || other.equals(office), "%s and %s are both primary in term %s", other, office, term);
        if (other != null) {
            return;
        }
        for (var known : committed) {
            var entry = known.entry;
            if (term.isNewerThan(known.committedIn) && entry.index().isAfter(log.base())) {
                unless(
                        log.covers(entry.index()) && log.termAt(entry.index()).equals(entry.term()),
                        "%s is primary in term %s without %s, which was committed in term %s",
                        node,
                        term,
                        entry,
                        known.committedIn);
            }
        }
    }

    /** Whoever begins to serve reads, nobody of an earlier term may still do. */
    void serves(SimReplica newest, Iterable<SimReplica> others) {
        var office = new Office(newest.id, newest.incarnation());
        if (serving.add(office + " in " + newest.durable().term())) {
            for (var other : others) {
                unless(
                        other == newest || !other.isPrimary() || !other.status().mayRead(other.now()),
                        "%s and %s may both answer reads",
                        other.id,
                        newest.id);
            }
        }
    }

    /** What is committed is committed everywhere and for ever. */
    void committed(NodeId node, Entry entry, Term term) {
        int i = (int) entry.index().value() - 1;
        unless(i <= committed.size(), "%s commits %s, but only %s entries before it", node, entry, committed.size());
        if (i == committed.size()) {
            committed.add(new Committed(entry, term));
            if (entry.command() instanceof Command.ChangeMembership change) {
                onMembership.accept(change.membership(), term);
            }
        } else {
            var known = committed.get(i).entry;
            unless(
                    known.term().equals(entry.term()) && Operations.same(known.command(), entry.command()),
                    "%s commits %s, but %s was committed",
                    node,
                    entry,
                    known);
        }
    }

    /** Stores that have applied as much are equal, and none has applied what is not committed. */
    void applied(NodeId node, SimStore store) {
        int i = (int) store.applied().value() - 1;
        unless(i < committed.size(), "%s applied %s, but committed are %s", node, store.applied(), committed.size());
        if (i == fingerprints.size()) {
            fingerprints.add(store.fingerprint());
        }
        unless(
                i < 0 || i < fingerprints.size() && fingerprints.get(i) == store.fingerprint(),
                "%s has another state than others after applying %s",
                node,
                store.applied());
    }

    /** Whether a log holds everything that is committed. */
    boolean isAllIn(Log log) {
        var last = new LogIndex(committed.size());
        return committed.isEmpty()
                || log.covers(last)
                        && log.termAt(last)
                                .equals(committed
                                        .get(committed.size() - 1)
                                        .entry
                                        .term());
    }

    /** A client learnt that the write at {@code index} was done. */
    void acknowledged(LogIndex index) {
        acknowledged = LogIndex.max(acknowledged, index);
    }

    /** All writes up to here were acknowledged to clients. */
    LogIndex acknowledged() {
        return acknowledged;
    }

    /** A strong read sees every write that was acknowledged before it began. */
    void read(NodeId node, LogIndex appliedThere, LogIndex acknowledgedBefore) {
        unless(
                !acknowledgedBefore.isAfter(appliedThere),
                "a stale read: %s answered as of %s, but %s had been acknowledged",
                node,
                appliedThere,
                acknowledgedBefore);
    }
}
