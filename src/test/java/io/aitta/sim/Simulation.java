package io.aitta.sim;

import static io.aitta.sim.SimulationFailure.unless;

import io.aitta.core.NodeId;
import io.aitta.core.replication.Input;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.Term;
import io.aitta.history.Answer;
import io.aitta.history.History;
import io.aitta.history.Linearizability;
import io.aitta.history.Operation;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * One world, wholly determined by its seed: replicas, clients and a network in virtual time, with the trouble that the
 * seed has in store. First there is trouble, then there is none, and then all must become well and silent.
 */
final class Simulation {
    /** A calm group gets a primary, takes a write and agrees within this time. */
    private static final long RECOVERY_NANOS = 20_000 * Plan.MS;
    /** A group that nobody asks for anything is silent after this time. */
    private static final long QUIET_NANOS = 2_000 * Plan.MS;

    private static final int MAX_REPLICAS = 16;

    final Scheduler scheduler = new Scheduler();
    final SplittableRandom random;
    final Plan plan;
    final PlantedBug bug;
    final Network network;
    final Safety safety;
    final Operations operations = new Operations();
    final History history = new History(scheduler::now);

    private final Trace trace;
    private final Trouble trouble;
    private final Map<NodeId, SimReplica> replicas = new LinkedHashMap<>();
    private final Membership founders;
    private Membership lastCommitted;
    /** The newest term in which a change of membership was found to be committed. */
    private Term membershipTerm = Term.ZERO;
    /** Not members, but about to become some: what they have is not removed. */
    private final Set<NodeId> wanted = new HashSet<>();
    /** Whose data was removed once. */
    private final Set<NodeId> wiped = new HashSet<>();
    /** Will not be started again. */
    private final Set<NodeId> lost = new HashSet<>();

    private boolean troubled = true;
    private long lastTermSeen;
    private int values;
    private boolean isHistoryJudged;

    private Simulation(long seed, PlantedBug bug, Trace trace) {
        this.random = new SplittableRandom(seed);
        this.plan = new Plan(random);
        this.bug = bug;
        this.trace = trace;
        this.network = new Network(this);
        this.safety = new Safety(this::membershipCommitted);
        this.trouble = new Trouble(this);
        for (int i = 0; i < plan.voters; i++) {
            addReplica();
        }
        this.founders = new Membership(List.copyOf(replicas.keySet()), List.of());
        this.lastCommitted = founders;
    }

    /** @throws AssertionError or RuntimeException if a promise is broken */
    static Simulation run(long seed, PlantedBug bug, Trace trace) {
        var world = new Simulation(seed, bug, trace);
        world.run();
        return world;
    }

    private void run() {
        trace("%s", plan);
        everybody().forEach(replica -> scheduler.after(random.nextLong(20 * Plan.MS), () -> start(replica)));
        new FailureDetector(this).begin();
        trouble.begin();
        for (int i = 0; i < plan.clients; i++) {
            new SimClient(this, "c" + i, i > 0 && i % 3 != 0).begin();
        }
        scheduler.runUntil(plan.troubleNanos);
        recover();
        everybody().stream()
                .filter(replica -> !lastCommitted.contains(replica.id))
                .forEach(SimReplica::leave);
        checkHistory();
        checkSilence();
    }

    // ---- the end ------------------------------------------------------------------------------------------------

    /** All faults end. Then there must be a primary, a write must be done, and all members must agree. */
    private void recover() {
        trace("trouble is over");
        troubled = false;
        network.becomeFaultless();
        everybody().forEach(SimReplica::resume);
        everybody().forEach(this::start);
        var last = new LastWrite();
        long limit = scheduler.now() + RECOVERY_NANOS;
        while (!(last.doneAt != null && agree(last.doneAt))) {
            unless(scheduler.now() < limit, "no agreement in time; last write at %s; %s", last.doneAt, describe());
            if (last.doneAt == null && !last.isUnderWay) {
                primary().ifPresent(last::ask);
            }
            scheduler.runUntil(scheduler.now() + 50 * Plan.MS);
        }
    }

    private boolean agree(LogIndex index) {
        return lastCommitted.all().stream()
                .map(this::replica)
                .allMatch(replica -> replica.life() == SimReplica.Life.RUNNING
                        && !index.isAfter(replica.store().applied()));
    }

    private void checkHistory() {
        var verdict = Linearizability.check(history);
        unless(!(verdict instanceof Linearizability.Result.NotLinearizable), "%s", verdict);
        isHistoryJudged = verdict.isLinearizable();
    }

    private void checkSilence() {
        scheduler.runUntil(scheduler.now() + QUIET_NANOS);
        long before = network.sent();
        scheduler.runUntil(scheduler.now() + QUIET_NANOS);
        unless(network.sent() == before, "%s messages in an idle group; %s", network.sent() - before, describe());
        for (var node : lastCommitted.all()) {
            unless(replica(node).isIdle(), "%s wants to be woken in an idle group; %s", node, describe());
        }
    }

    private String describe() {
        var text = new StringBuilder("members " + lastCommitted);
        for (var replica : everybody()) {
            text.append("\n  ").append(replica.id).append(' ').append(replica.life());
            if (replica.life() == SimReplica.Life.RUNNING) {
                text.append(" applied ")
                        .append(replica.store().applied())
                        .append(' ')
                        .append(replica.status())
                        .append(" wakes in ")
                        .append(replica.wakeAtNanos() - replica.now());
            }
        }
        return text.toString();
    }

    /** The write that shows that the group has recovered. */
    private final class LastWrite implements Requests.Write {
        private final byte[] batch = operations.add(Operation.set("last", freshValue()), 0);
        private boolean isUnderWay;
        private LogIndex doneAt;

        void ask(SimReplica primary) {
            isUnderWay = true;
            primary.write(this);
            // It may be lost with a primary that is none any more.
            scheduler.after(1000 * Plan.MS, () -> isUnderWay = false);
        }

        @Override
        public byte[] batch() {
            return batch;
        }

        @Override
        public void done(Answer answer, LogIndex index) {
            doneAt = index;
        }

        @Override
        public void refused() {
            isUnderWay = false;
        }
    }

    // ---- the nodes ----------------------------------------------------------------------------------------------

    /** Nodes that have not left. */
    List<SimReplica> everybody() {
        return replicas.values().stream()
                .filter(replica -> replica.life() != SimReplica.Life.GONE)
                .toList();
    }

    Iterable<SimReplica> everyNode() {
        return replicas.values();
    }

    SimReplica replica(NodeId id) {
        return replicas.get(id);
    }

    /** Who says that it is primary, in the newest term. */
    Optional<SimReplica> primary() {
        return everybody().stream()
                .filter(SimReplica::isPrimary)
                .max((a, b) -> a.durable().term().compareTo(b.durable().term()));
    }

    /** Where a client that knows nothing turns to. */
    SimReplica guessPrimary() {
        var present = everybody();
        var claimants = present.stream().filter(SimReplica::isPrimary).toList();
        var pool = claimants.isEmpty() || random.nextInt(5) == 0 ? present : claimants;
        return pool.get(random.nextInt(pool.size()));
    }

    private SimReplica addReplica() {
        var replica = new SimReplica(this, new NodeId("n" + (replicas.size() + 1)));
        replicas.put(replica.id, replica);
        return replica;
    }

    /**
     * A replica that does not belong to the group, and will not be removed now: a blank one, or one that was a member before
     * and still has what it had then. A world has only so many.
     */
    Optional<SimReplica> spare() {
        var spares = everybody().stream()
                .filter(replica -> replica.life() == SimReplica.Life.RUNNING && !lastCommitted.contains(replica.id))
                .toList();
        if (spares.isEmpty() && replicas.size() >= MAX_REPLICAS) {
            return Optional.empty();
        }
        var spare = spares.isEmpty() ? addReplica() : spares.get(random.nextInt(spares.size()));
        start(spare);
        wanted.add(spare.id);
        return Optional.of(spare);
    }

    private void start(SimReplica replica) {
        if (replica.life() != SimReplica.Life.DOWN || lost.contains(replica.id)) {
            return;
        }
        replica.start();
        boolean founds = founders.contains(replica.id)
                && (!wiped.contains(replica.id) || bug == PlantedBug.FOUND_AGAIN_WITHOUT_DATA);
        if (founds) {
            int life = replica.incarnation();
            scheduler.after(random.nextLong(20 * Plan.MS), () -> {
                if (replica.incarnation() == life) {
                    replica.tell(new Input.Found(founders));
                }
            });
        } else {
            replica.tell(new Input.Join(membershipTerm));
        }
    }

    /** They are down, for good unless {@link #found} again. */
    void lose(SimReplica replica) {
        lost.add(replica.id);
        replica.crash(true);
    }

    void found(SimReplica replica) {
        lost.remove(replica.id);
        start(replica);
    }

    /** Whether the group cannot help itself. */
    boolean hasLostMajority() {
        return lastCommitted.voters().stream().filter(lost::contains).count()
                > lastCommitted.voters().size() - lastCommitted.majority();
    }

    Membership lastCommitted() {
        return lastCommitted;
    }

    void restartSoon(SimReplica replica) {
        scheduler.after(random.nextLong(30 * Plan.MS), () -> start(replica));
    }

    void restartLater(SimReplica replica) {
        if (random.nextInt(3) > 0) {
            restartSoon(replica);
        } else {
            scheduler.after(random.nextLong(1000 * Plan.MS), () -> start(replica));
        }
    }

    /** Who does not belong to the group any more is stopped some time after, unless it is to come back. */
    void membershipCommitted(Membership membership, Term term) {
        membershipTerm = term.isNewerThan(membershipTerm) ? term : membershipTerm;
        for (var node : lastCommitted.all()) {
            if (!membership.contains(node)) {
                wanted.remove(node);
                scheduler.after(random.nextLong(500 * Plan.MS), () -> retire(replica(node)));
            }
        }
        lastCommitted = membership;
    }

    private void retire(SimReplica replica) {
        boolean stays = lastCommitted.contains(replica.id) || wanted.contains(replica.id);
        if (stays || replica.life() == SimReplica.Life.GONE) {
            return;
        }
        if (random.nextInt(3) == 0) {
            replica.leave();
        } else {
            replica.wipe();
            wiped.add(replica.id);
            safety.forgot(replica.id, membershipTerm);
            restartLater(replica);
        }
    }

    void isPrimary(SimReplica replica) {
        var term = replica.durable().term();
        safety.becamePrimary(
                replica.id, replica.incarnation(), term, replica.durable().log());
        if (term.value() > lastTermSeen) {
            lastTermSeen = term.value();
            trouble.onNewPrimary(replica);
        }
    }

    // ---- the rest -----------------------------------------------------------------------------------------------

    /** Whether faults and clients still go on. */
    boolean troubled() {
        return troubled;
    }

    String freshValue() {
        return "v" + ++values + ";";
    }

    /** Stale reads are found at once; but one kind is left to the checker of histories, to see that it finds them too. */
    boolean checksReadsAtOnce() {
        return bug != PlantedBug.READ_WITHOUT_LEASE;
    }

    /** False if what the clients saw was too entangled for the checker to come to an end. */
    boolean isHistoryJudged() {
        return isHistoryJudged;
    }

    void trace(String format, Object... values) {
        if (trace != null) {
            trace.add(scheduler.now(), format, values);
        }
    }
}
