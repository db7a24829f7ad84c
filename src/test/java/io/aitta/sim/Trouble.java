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
        if (happens(plan.crash())) {
            crash();
        }
        if (happens(plan.pause())) {
            pause(victim());
        }
        if (happens(plan.split())) {
            split();
        }
        if (happens(plan.flush())) {
            any().flush();
        }
        if (happens(plan.move())) {
            world.primary().filter(SimReplica::isFree).ifPresent(this::move);
        }
        if (happens(plan.transfer())) {
            world.primary()
                    .ifPresent(primary -> primary.tell(new Input.TransferPrimary(
                            world.random.nextBoolean() ? Optional.empty() : Optional.of(any().id))));
        }
    }

    /** A world in churn often loses its primary when it has just got it. */
    void onNewPrimary(SimReplica primary) {
        if (happens(plan.churn())) {
            int incarnation = primary.incarnation();
            world.scheduler.after(world.random.nextLong(30 * Plan.MS), () -> {
                if (world.troubled() && primary.incarnation() == incarnation) {
                    primary.crash(true);
                    world.restartLater(primary);
                }
            });
        }
    }

    private void crash() {
        int dice = world.random.nextInt(12);
        if (dice == 0) {
            world.everybody().forEach(replica -> replica.crash(true));
            world.everybody().forEach(world::restartLater);
        } else {
            var victim = victim();
            if (dice < 3) {
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
                world.network.cut(one(nodes), one(nodes));
            }
        } else {
            world.primary().filter(primary -> world.random.nextBoolean()).ifPresent(primary -> {
                nodes.remove(primary.id);
                nodes.add(0, primary.id);
            });
            int at = world.random.nextInt(nodes.size() / 2 + 1);
            world.network.split(nodes.subList(0, at), nodes.subList(at, nodes.size()));
        }
        world.scheduler.after(world.random.nextLong(5 * plan.config().leaseNanos()), world.network::heal);
    }

    /** As the orchestrator would: a learner comes, becomes a voter, and somebody goes; one at a time. */
    private void move(SimReplica primary) {
        var membership = primary.membership();
        int dice = world.random.nextInt(3);
        Input.Change change;
        if (dice == 0 && !membership.learners().isEmpty()) {
            change = new Input.Change.Promote(one(membership.learners()));
        } else if (dice == 1 && membership.all().size() < 6) {
            change = new Input.Change.AddLearner(world.spare().id);
        } else {
            change = new Input.Change.Remove(one(membership.all()));
        }
        primary.tell(new Input.ChangeMembership(change));
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
