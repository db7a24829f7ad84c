package io.aitta.sim;

import io.aitta.core.replication.Command;
import io.aitta.core.replication.Entry;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.Term;
import io.aitta.history.Answer;
import io.aitta.history.Operation;
import io.aitta.history.State;
import java.util.Optional;

/**
 * The applied state of a simulated replica: values and the mark up to which they are applied. The fingerprint is part of
 * the values: two stores with the same one have applied the same entries in the same order.
 */
final class SimStore {
    private State values;
    private long fingerprint;
    private LogIndex applied;
    private Term term;
    private Membership membership;

    SimStore() {
        this(State.EMPTY, 0, LogIndex.ZERO, Term.ZERO, Membership.NONE);
    }

    private SimStore(State values, long fingerprint, LogIndex applied, Term term, Membership membership) {
        this.values = values;
        this.fingerprint = fingerprint;
        this.applied = applied;
        this.term = term;
        this.membership = membership;
    }

    SimStore copy() {
        return new SimStore(values, fingerprint, applied, term, membership);
    }

    /** The values of this store under the mark of another, as a careless shell might leave them. */
    SimStore withMarkOf(SimStore other) {
        return new SimStore(values, fingerprint, other.applied, other.term, other.membership);
    }

    LogIndex applied() {
        return applied;
    }

    Term term() {
        return term;
    }

    Membership membership() {
        return membership;
    }

    long fingerprint() {
        return fingerprint;
    }

    Optional<String> get(String key) {
        return values.valueOf(key);
    }

    /**
     * Applies the next entry; the answer is that of its operation, if it holds one.
     *
     * @param group the membership as of the entry, which the store takes note of with entries that hold no data
     */
    Answer apply(Entry entry, Membership group, Operations operations) {
        SimulationFailure.unless(
                entry.index().equals(applied.next()), "entry %s applied after %s", entry.index(), applied);
        applied = entry.index();
        term = entry.term();
        fingerprint =
                (fingerprint * 31 + entry.index().value()) * 31 + entry.term().value();
        if (entry.command() instanceof Command.Data data) {
            fingerprint = fingerprint * 31 + Operations.number(data);
            return perform(operations.get(data));
        }
        membership = group;
        fingerprint = fingerprint * 31 + membership.hashCode();
        return Answer.NOTHING;
    }

    private Answer perform(Operation operation) {
        var transition = operation.on(values, Operation.When.ANY);
        values = transition.state();
        return transition.answer();
    }
}
