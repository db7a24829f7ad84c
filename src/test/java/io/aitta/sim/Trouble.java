package io.aitta.sim;

import io.aitta.core.NodeId;
import io.aitta.core.replication.Input;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Makes trouble as the plan has it: at every tick each kind of fault may begin. */
final class Trouble {
    private static final long TICK_NANOS = 20 * Plan.MS;

    private final Simulation world;
    private final Plan plan;
    private boolean struck;

    Trouble(Simulation world) {
        this.world = world;
        this.plan = world.plan;
    }

    void begin() {
        world.scheduler.after(TICK_NANOS, () -> {
            if (world.troubled()) {
                tick();
                begin();
            }
        });
    }

    private void tick() {
        if (happens(plan.crash)) {
            crash();
        }
        if (happens(plan.pause)) {
            pause(victim());
        }
        if (happens(plan.split)) {
            split();
        }
        if (happens(plan.coup)) {
            world.primary().ifPresent(this::coup);
        }
        if (happens(plan.flush)) {
            any().flush();
        }
        if (happens(plan.move)) {
            world.primary()
                    .filter(primary -> world.random.nextInt(8) == 0)
                    .ifPresent(primary -> isolate(primary, awhile()));
            for (int i = world.random.nextInt(4); i >= 0; i--) {
                soon(() -> world.primary().filter(SimReplica::isFree).ifPresent(this::move));
            }
        }
        if (!struck && happens(plan.disaster)) {
            world.primary().ifPresent(this::disaster);
        }
        if (happens(plan.transfer)) {
            world.primary().ifPresent(this::transfer);
        }
    }

    /** A world in churn often loses its primary when it has just got it. */
    void onNewPrimary(SimReplica primary) {
        if (happens(plan.churn)) {
            int incarnation = primary.incarnation();
            long most = world.random.nextBoolean() ? plan.churnNanos : plan.churnNanos / 10;
            world.scheduler.after(world.random.nextLong(most), () -> {
                if (world.troubled() && primary.incarnation() == incarnation) {
                    primary.crash(true);
                    world.restartSoon(primary);
                }
            });
        }
    }

    private void crash() {
        int dice = world.random.nextInt(12);
        if (dice < 2) {
            var spared = dice == 0 ? Optional.<SimReplica>empty() : world.primary();
            spared.filter(primary -> world.random.nextBoolean()).ifPresent(primary -> isolate(primary, awhile()));
            world.everybody().stream()
                    .filter(replica -> !spared.equals(Optional.of(replica)))
                    .forEach(replica -> {
                        replica.crash(true);
                        world.restartLater(replica);
                    });
        } else {
            var victim = victim();
            if (dice < 4) {
                victim.resign();
            } else {
                victim.crash(world.random.nextInt(3) > 0);
            }
            world.restartLater(victim);
        }
    }

    private void pause(SimReplica victim) {
        victim.pause();
        long most =
                world.random.nextBoolean() ? 30 * Plan.MS : 4 * plan.config().leaseNanos();
        world.scheduler.after(world.random.nextLong(most), victim::resume);
    }

    /** Some against the others, or some links in one direction only. */
    private void split() {
        var nodes = new ArrayList<>(
                world.everybody().stream().map(replica -> replica.id).toList());
        Collections.shuffle(nodes, new Random(world.random.nextLong()));
        if (world.random.nextInt(3) == 0) {
            for (int i = world.random.nextInt(1, 4); i > 0; i--) {
                world.network.cut(one(nodes), one(nodes), awhile());
            }
        } else {
            world.primary().filter(primary -> world.random.nextBoolean()).ifPresent(primary -> {
                nodes.remove(primary.id);
                nodes.add(0, primary.id);
            });
            int at = world.random.nextInt(nodes.size() / 2 + 1);
            world.network.split(nodes.subList(0, at), nodes.subList(at, nodes.size()), awhile());
        }
    }

    private long awhile() {
        return world.random.nextLong(5 * plan.config().leaseNanos());
    }

    /** As the orchestrator would: a learner comes, becomes a voter, and somebody goes; one at a time. */
    private void move(SimReplica primary) {
        var membership = primary.membership();
        int dice = world.random.nextInt(3);
        Optional<Input.Change> change;
        if (dice == 0 && !membership.learners().isEmpty()) {
            change = Optional.of(new Input.Change.Promote(one(membership.learners())));
        } else if (dice == 1 && membership.all().size() < 6) {
            change = world.spare().map(spare -> new Input.Change.AddLearner(spare.id));
        } else {
            change = Optional.of(new Input.Change.Remove(one(membership.all())));
        }
        change.map(Input.ChangeMembership::new).ifPresent(primary::tell);
    }

    /**
     * The primary, which holds all that is committed, survives with too few others; so nothing is lost, and all other
     * promises must be kept. Some of the lost come back before they hear that they were given up.
     */
    private void disaster(SimReplica primary) {
        var voters = new ArrayList<>(world.lastCommitted().voters());
        boolean isSettled = voters.equals(primary.membership().voters());
        if (!isSettled
                || voters.size() < 2
                || !world.safety.isAllIn(primary.durable().log())) {
            return;
        }
        struck = true;
        voters.remove(primary.id);
        Collections.shuffle(voters, new Random(world.random.nextLong()));
        int tooFew = world.lastCommitted().majority() - 2;
        int spared = tooFew > 0 ? world.random.nextInt(tooFew + 1) : 0;
        var survivors = new ArrayList<>(voters.subList(0, spared));
        survivors.add(primary.id);
        var lost = List.copyOf(voters.subList(spared, voters.size()));
        world.trace("%s survive, %s are lost", survivors, lost);
        lost.forEach(node -> world.lose(world.replica(node)));
        if (world.random.nextBoolean()) {
            primary.crash(true);
            world.restartSoon(primary);
        }
        recoverByForce(primary, survivors);
        int returning = Math.min(lost.size(), tooFew + 1);
        lost.subList(0, world.random.nextInt(returning + 1))
                .forEach(node -> world.scheduler.after(
                        world.random.nextLong(2000 * Plan.MS), () -> returnFromTheDead(world.replica(node))));
    }

    private void recoverByForce(SimReplica survivor, List<NodeId> survivors) {
        world.scheduler.after(25 * Plan.MS, () -> {
            if (world.hasLostMajority()) {
                survivor.tell(new Input.Recover(survivors));
                recoverByForce(survivor, survivors);
            }
        });
    }

    /** Not before the group was recovered: nobody recovers one that comes back by itself. */
    private void returnFromTheDead(SimReplica replica) {
        if (world.hasLostMajority()) {
            world.scheduler.after(25 * Plan.MS, () -> returnFromTheDead(replica));
        } else {
            world.found(replica);
        }
    }

    /** The old primary often does not see at once what becomes of it. */
    private void transfer(SimReplica primary) {
        primary.tell(new Input.TransferPrimary(world.random.nextBoolean() ? Optional.empty() : Optional.of(any().id)));
        int dice = world.random.nextInt(4);
        if (dice == 0) {
            soon(() -> pause(primary));
        } else if (dice == 1) {
            soon(() -> isolate(primary, awhile()));
        }
    }

    /** The primary is lost to its peers, but not to its clients, while it holds its lease. */
    private void coup(SimReplica primary) {
        long lease = plan.config().leaseNanos();
        switch (world.random.nextInt(5)) {
            case 0 -> isolate(primary, awhile());
            case 1 -> {
                isolate(primary, 2 * lease);
                world.everybody().stream().filter(other -> other != primary).forEach(other -> {
                    other.crash(true);
                    world.restartSoon(other);
                });
            }
            case 2, 3 -> {
                // One of them has not heard of the primary for long, and promises nothing any more.
                world.network.cut(primary.id, any().id, 6 * lease);
                world.scheduler.after(
                        lease + lease / 4, () -> isolateOnceLeased(primary, world.scheduler.now() + 3 * lease));
            }
            default -> {
                primary.pause();
                world.scheduler.after(lease + world.random.nextLong(2 * lease), primary::resume);
            }
        }
    }

    /** Waits for the moment at which most of its lease is before it. */
    private void isolateOnceLeased(SimReplica primary, long limitNanos) {
        long lease = plan.config().leaseNanos();
        if (world.scheduler.now() > limitNanos || !primary.isPrimary()) {
            return;
        }
        if (primary.status().leaseUntilNanos() - primary.now() > lease - lease / 4) {
            isolate(primary, 2 * lease);
        } else {
            world.scheduler.after(2 * Plan.MS, () -> isolateOnceLeased(primary, limitNanos));
        }
    }

    /** Nobody but clients is heard there, and perhaps nobody but clients hears it. */
    private void isolate(SimReplica victim, long nanos) {
        boolean isMuteToo = world.random.nextBoolean();
        world.trace("%s is isolated for %s ms", victim.id, nanos / Plan.MS);
        for (var other : world.everybody()) {
            world.network.cut(other.id, victim.id, nanos);
            if (isMuteToo) {
                world.network.cut(victim.id, other.id, nanos);
            }
        }
    }

    private void soon(Runnable action) {
        world.scheduler.after(world.random.nextLong(4 * Plan.MS), () -> {
            if (world.troubled()) {
                action.run();
            }
        });
    }

    private boolean happens(double chance) {
        return chance > 0 && world.random.nextDouble() < chance;
    }

    /** Often the primary, since it matters most. */
    private SimReplica victim() {
        return world.random.nextBoolean() ? world.primary().orElseGet(this::any) : any();
    }

    private SimReplica any() {
        return world.everybody().get(world.random.nextInt(world.everybody().size()));
    }

    private NodeId one(List<NodeId> nodes) {
        return nodes.get(world.random.nextInt(nodes.size()));
    }
}
