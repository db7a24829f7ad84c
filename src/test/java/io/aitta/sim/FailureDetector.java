package io.aitta.sim;

import io.aitta.core.replication.Input;

/** Tells replicas whom they can reach: late, now and then wrongly, and rightly in the end. */
final class FailureDetector {
    private static final long TICK_NANOS = 25 * Plan.MS;

    private final Simulation world;

    FailureDetector(Simulation world) {
        this.world = world;
    }

    void begin() {
        world.scheduler.after(TICK_NANOS, () -> {
            for (var observer : world.everybody()) {
                if (observer.life() == SimReplica.Life.RUNNING) {
                    world.everyNode().forEach(peer -> observe(observer, peer));
                }
            }
            begin();
        });
    }

    private void observe(SimReplica observer, SimReplica peer) {
        if (observer == peer) {
            return;
        }
        boolean reachable = peer.life() == SimReplica.Life.RUNNING && world.network.isConnected(observer.id, peer.id);
        boolean suspected = observer.suspected.contains(peer.id);
        if (reachable == suspected) {
            if (world.random.nextDouble() < world.plan.detection) {
                tell(observer, peer, reachable);
            }
        } else if (reachable && world.troubled() && world.random.nextDouble() < world.plan.suspicion) {
            tell(observer, peer, false);
        }
    }

    private void tell(SimReplica observer, SimReplica peer, boolean reachable) {
        if (reachable) {
            observer.suspected.remove(peer.id);
            observer.tell(new Input.PeerReachable(peer.id));
        } else {
            observer.suspected.add(peer.id);
            observer.tell(new Input.PeerUnreachable(peer.id));
        }
    }
}
