package io.aitta.core.replication;

import io.aitta.core.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One replica with a disk that is at once done, to tell a scenario step by step. Times in milliseconds. */
final class Bench {
    static final NodeId A = new NodeId("a");
    static final NodeId B = new NodeId("b");
    static final NodeId C = new NodeId("c");
    static final NodeId D = new NodeId("d");
    static final Membership ABC = Membership.ofVoters(A, B, C);
    private static final long MS = 1_000_000;

    final List<Step.Outgoing> sent = new ArrayList<>();
    final List<Effect> effects = new ArrayList<>();
    final List<BinlogEvent> persisted = new ArrayList<>();
    /** The commands of the applied entries. */
    final List<Command> applied = new ArrayList<>();

    ReplicaCore core;
    Durable durable = new Durable();
    private final NodeId self;
    private final ReplicationConfig config;
    private long nowMillis;

    private Bench(NodeId self, ReplicationConfig config) {
        this.self = self;
        this.config = config;
    }

    /** A replica that was just started with an empty disk. Leases of 1000 ms and 100 ms of drift. */
    static Bench blank(NodeId self) {
        return blank(self, ReplicationConfig.defaults());
    }

    static Bench blank(NodeId self, ReplicationConfig config) {
        var bench = new Bench(self, config);
        bench.restart(LogIndex.ZERO, Term.ZERO, Membership.NONE);
        return bench;
    }

    /** Primary of term 1 among {@link #ABC}, with its first entry committed by B. */
    static Bench primary() {
        return primary(ReplicationConfig.defaults());
    }

    static Bench primary(ReplicationConfig config) {
        var bench = blank(A, config);
        bench.tell(new Input.Found(ABC));
        bench.tell(new Input.WakeUp());
        bench.hear(B, new PeerMessage.PreVoteReply(Term.ZERO, true));
        bench.hear(B, new PeerMessage.VoteReply(term(1), true));
        bench.acknowledge(B, 1);
        bench.sent.clear();
        return bench;
    }

    /** Follower of A in term 1 among {@link #ABC}, its log empty. */
    static Bench follower(NodeId self) {
        var bench = blank(self);
        bench.tell(new Input.Found(ABC));
        bench.hear(A, append(1, 0, 0, 0));
        bench.sent.clear();
        return bench;
    }

    /** A learner that came without data, and has taken over A's copy of term 1, in which {@link #ABC} are the voters. */
    static Bench joined(NodeId self) {
        var bench = blank(self);
        bench.hear(A, new PeerMessage.SnapshotOffer(term(1), 0, index(1)));
        bench.tell(new Input.SnapshotReady(index(1), term(1), ABC));
        return bench;
    }

    static Term term(long value) {
        return new Term(value);
    }

    static LogIndex index(long value) {
        return new LogIndex(value);
    }

    /** From a primary of {@code term}: {@code entries} of that term that follow {@code previous}. */
    static PeerMessage.Append append(long term, long previous, long previousTerm, int entries) {
        var list = new ArrayList<Entry>();
        for (int i = 1; i <= entries; i++) {
            list.add(new Entry(index(previous + i), term(term), Command.NOOP));
        }
        return new PeerMessage.Append(
                term(term), 0, index(previous), term(previousTerm), List.copyOf(list), LogIndex.ZERO);
    }

    void restart(LogIndex appliedIndex, Term appliedTerm, Membership membership) {
        var again = new Durable();
        persisted.forEach(again::evolve);
        durable = again;
        core = new ReplicaCore(config, self, durable, bound -> 0, Rules.RAFT);
        carryOut(core.start(now(), appliedIndex, appliedTerm, membership));
    }

    void pass(long millis) {
        nowMillis += millis;
    }

    long now() {
        return nowMillis * MS;
    }

    /** Milliseconds from now until it wants to be woken. */
    long wakesIn() {
        return (core.wakeAtNanos() - now()) / MS;
    }

    Status status() {
        return core.status(now());
    }

    void hear(NodeId from, PeerMessage message) {
        tell(new Input.Receive(from, message));
    }

    /** A voter says that it holds everything up to {@code index}, which was sent just now. */
    void acknowledge(NodeId from, long upTo) {
        hear(from, new PeerMessage.AppendReply(durable.term(), now(), true, index(upTo)));
    }

    void tell(Input input) {
        carryOut(core.decide(input, now()));
    }

    private void carryOut(Step step) {
        effects.addAll(step.before());
        sent.addAll(step.early());
        step.events().forEach(durable::evolve);
        persisted.addAll(step.events());
        sent.addAll(step.late());
        for (var effect : step.effects()) {
            effects.add(effect);
            if (effect instanceof Effect.Apply apply) {
                for (var i = apply.from(); !i.isAfter(apply.to()); i = i.next()) {
                    applied.add(durable.log().entry(i).command());
                }
            }
        }
        if (!step.events().isEmpty()) {
            carryOut(core.persisted(now()));
        }
    }

    /**
     * Delivers what some say to each other, in no time, until nothing more is said.
     *
     * @return how many messages it took
     */
    static int talk(Map<NodeId, Bench> nodes, int most) {
        int delivered = 0;
        boolean anything = true;
        while (anything) {
            anything = false;
            for (var from : nodes.entrySet()) {
                var said = List.copyOf(from.getValue().sent);
                from.getValue().sent.clear();
                for (var out : said) {
                    var to = nodes.get(out.to());
                    if (to != null) {
                        to.hear(from.getKey(), out.message());
                        anything = true;
                        if (++delivered > most) {
                            throw new AssertionError("they never stop; last of all " + out);
                        }
                    }
                }
            }
        }
        return delivered;
    }

    /** The last message of a kind sent to a node. */
    <M extends PeerMessage> Optional<M> last(Class<M> kind, NodeId to) {
        return sent.stream()
                .filter(out -> out.to().equals(to) && kind.isInstance(out.message()))
                .map(out -> kind.cast(out.message()))
                .reduce((before, after) -> after);
    }
}
