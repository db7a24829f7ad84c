package io.aitta.sim;

import io.aitta.core.replication.ReplicationConfig;
import java.util.SplittableRandom;

/**
 * What kind of world a seed is. Every fault is absent from many worlds and frequent in some, since faults that are always
 * there hide each other ("swarm testing", Groce et al. 2012).
 *
 * @param loss chance of a message to be lost
 * @param duplicate chance of a message to come twice
 * @param lateness chance of a message to be late by up to {@code maxLateNanos}
 * @param maxPersistNanos of a write to the binlog
 * @param crash chance at each tick of trouble; so are the following
 * @param churn chance at each tick that the present primary crashes
 * @param persistFailure chance of each write to the binlog to fail
 */
record Plan(
        int voters,
        ReplicationConfig config,
        double loss,
        double duplicate,
        double lateness,
        long maxLateNanos,
        long maxPersistNanos,
        double persistFailure,
        double crash,
        double churn,
        double pause,
        double split,
        double suspicion,
        double move,
        double transfer,
        double flush,
        int clients,
        long clientPauseNanos,
        int keys,
        long troubleNanos) {
    static final long MS = 1_000_000;
    /** Two clocks at the ends of this come within {@code driftNanos} over a lease, and not much more. */
    static final int MAX_DRIFT_PPM = 40_000;

    static Plan of(SplittableRandom random) {
        return new Plan(
                voters(random),
                config(random),
                sometimes(random, 0.2),
                sometimes(random, 0.2),
                sometimes(random, 0.2),
                random.nextLong(1, 300) * MS,
                random.nextLong(1, random.nextInt(4) == 0 ? 100 : 5) * MS,
                sometimes(random, 0.02),
                sometimes(random, 0.15),
                random.nextInt(4) == 0 ? random.nextDouble(0.5) : 0,
                sometimes(random, 0.15),
                sometimes(random, 0.2),
                sometimes(random, 0.05),
                sometimes(random, 0.4),
                sometimes(random, 0.2),
                sometimes(random, 0.5),
                random.nextInt(1, 5),
                random.nextLong(1, 40) * MS,
                random.nextInt(1, 4),
                random.nextLong(1000, 3000) * MS);
    }

    private static int voters(SplittableRandom random) {
        int dice = random.nextInt(10);
        return dice < 5 ? 3 : dice < 8 ? 5 : dice == 8 ? random.nextInt(1, 3) : 4;
    }

    private static double sometimes(SplittableRandom random, double most) {
        return random.nextBoolean() ? 0 : random.nextDouble(most);
    }

    private static ReplicationConfig config(SplittableRandom random) {
        long lease = random.nextLong(50, 200) * MS;
        return new ReplicationConfig(
                lease,
                lease / 10,
                random.nextLong(5, 15) * MS,
                random.nextLong(20, 50) * MS,
                random.nextLong(10, 40) * MS,
                random.nextLong(2, 8) * MS,
                random.nextLong(50, 150) * MS,
                random.nextInt(1, 1000),
                random.nextInt(1, 6),
                random.nextInt(1, 20),
                random.nextBoolean() ? random.nextInt(0, 500) : 1 << 20,
                random.nextBoolean() ? random.nextInt(0, 1000) : 1 << 20);
    }
}
