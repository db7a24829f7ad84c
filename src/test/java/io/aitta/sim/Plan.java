package io.aitta.sim;

import io.aitta.core.replication.ReplicationConfig;
import java.util.SplittableRandom;

/**
 * What kind of world a seed is. Every fault is absent from many worlds and frequent in some, since faults that are always
 * there hide each other ("swarm testing", Groce et al. 2012). Half of the worlds have a theme: they try again and again
 * what takes several rare faults in a row. Chances without another word are those at each tick of {@link Trouble}.
 */
final class Plan {
    enum Theme {
        ANYTHING,
        /** New primaries hardly ever live to see their first entry committed (Raft's figure 8). */
        SHORT_REIGNS,
        /** Primaries are cut off or frozen while they hold their lease, and clients go on reading there. */
        COUPS,
        /** Voters crash when they have just voted, and requests for votes come late and twice. */
        LOST_BALLOTS,
        /** Members come and go all the time. */
        MOVES,
        /** Most of the voters are lost for good at some time. */
        DISASTER
    }

    static final long MS = 1_000_000;
    /** Two clocks at the ends of this come within {@code driftNanos} over a lease, and not much more. */
    static final int MAX_DRIFT_PPM = 40_000;

    final Theme theme;
    /** When trouble ends. */
    long troubleNanos;

    int voters;

    // Of a message.
    double loss;
    double duplicate;
    double lateness;
    long maxLateNanos;
    long usualDelayNanos;

    // Of a write to the binlog.
    long maxPersistNanos;
    double persistFailure;

    /** Chance to crash when a vote or a new term has just become durable. */
    double crashAfterBallot;
    /** Chance of a new primary to crash within {@link #churnNanos}. */
    double churn;

    long churnNanos;
    double crash;
    double pause;
    double split;
    double coup;
    double move;
    double transfer;
    double flush;
    /** Chance of the group to lose its majority for good, which is then recovered by force; happens once. */
    double disaster;

    /** Chance at each look of the failure detector that it suspects a node wrongly. */
    double suspicion;
    /** Chance at each look of the failure detector that it notices what has changed. */
    double detection;

    int clients;
    int keys;
    /** Most that a client waits between two operations: one that mostly writes, and one that mostly reads. */
    long writerPauseNanos;

    long readerPauseNanos;
    /** Most that passes between a strong read's look at the store and its look at the lease. */
    long maxReadNanos;

    // See ReplicationConfig.
    long leaseNanos;
    long staggerNanos;
    long electionRetryNanos;
    int maxAppendBytes;

    private final ReplicationConfig config;

    Plan(SplittableRandom random) {
        theme = random.nextBoolean() ? Theme.ANYTHING : Theme.values()[random.nextInt(1, Theme.values().length)];
        ordinary(random);
        switch (theme) {
            case ANYTHING -> anything(random);
            case SHORT_REIGNS -> shortReigns(random);
            case COUPS -> coups(random);
            case LOST_BALLOTS -> lostBallots(random);
            case MOVES -> moves(random);
            case DISASTER -> disaster(random);
        }
        config = config(random);
    }

    ReplicationConfig config() {
        return config;
    }

    private void ordinary(SplittableRandom random) {
        troubleNanos = random.nextLong(1000, 2000) * MS;
        voters = random.nextInt(3) > 0 ? 3 : 5;
        maxLateNanos = random.nextLong(1, 500) * MS;
        usualDelayNanos = MS;
        maxPersistNanos = MS;
        flush = 0.1;
        detection = 1;
        clients = random.nextInt(2, 6);
        keys = random.nextInt(1, 4);
        writerPauseNanos = random.nextLong(1, 30) * MS;
        readerPauseNanos = random.nextLong(1, 30) * MS;
        maxReadNanos = random.nextLong(1, 10) * MS;
        leaseNanos = (random.nextBoolean() ? random.nextLong(40, 80) : random.nextLong(80, 400)) * MS;
        staggerNanos = random.nextLong(0, 15) * MS;
        electionRetryNanos = random.nextLong(20, 50) * MS;
        maxAppendBytes = random.nextBoolean() ? 1 : random.nextInt(1, 1000);
    }

    private void anything(SplittableRandom random) {
        voters = random.nextInt(1, 6);
        loss = sometimes(random, random.nextBoolean() ? 0.1 : 0.5);
        duplicate = sometimes(random, 0.3);
        lateness = sometimes(random, 0.3);
        usualDelayNanos = random.nextLong(MS / 2, random.nextInt(3) > 0 ? MS : 10 * MS);
        maxPersistNanos = random.nextLong(1, random.nextInt(4) == 0 ? 100 : 5) * MS;
        persistFailure = sometimes(random, 0.02);
        crashAfterBallot = sometimes(random, 0.2);
        churn = sometimes(random, 0.5);
        churnNanos = random.nextLong(1, 30) * MS;
        crash = sometimes(random, 0.15);
        pause = sometimes(random, 0.15);
        split = sometimes(random, 0.2);
        coup = sometimes(random, 0.05);
        move = sometimes(random, 0.4);
        transfer = sometimes(random, 0.2);
        flush = sometimes(random, 0.5);
        suspicion = sometimes(random, random.nextBoolean() ? 0.02 : 0.3);
        detection = random.nextDouble(0.2, 1);
    }

    private void shortReigns(SplittableRandom random) {
        troubleNanos *= 6;
        voters = 3;
        loss = sometimes(random, 0.3);
        usualDelayNanos = random.nextLong(2, 10) * MS;
        churn = random.nextDouble(0.6, 1);
        churnNanos = random.nextLong(2, 5) * usualDelayNanos;
        clients = 1;
        writerPauseNanos = 50 * MS;
        leaseNanos = random.nextLong(40, 50) * MS;
        maxAppendBytes = 1;
    }

    private void coups(SplittableRandom random) {
        troubleNanos *= 4;
        coup = 0.03;
        clients = 3;
        keys = 1;
        voters = 3;
        writerPauseNanos = random.nextLong(10, 2000) * MS;
        readerPauseNanos = random.nextLong(1, 5) * MS;
        leaseNanos = random.nextLong(100, 300) * MS;
        electionRetryNanos = random.nextLong(5, 15) * MS;
    }

    private void lostBallots(SplittableRandom random) {
        troubleNanos *= 4;
        loss = sometimes(random, 0.2);
        duplicate = 0.8;
        lateness = sometimes(random, 0.3);
        maxLateNanos = random.nextLong(50, 200) * MS;
        crashAfterBallot = random.nextDouble(0.4, 0.8);
        churn = 0.5;
        churnNanos = 5 * MS;
        clients = 1;
        writerPauseNanos = 50 * MS;
        leaseNanos = random.nextLong(40, 50) * MS;
        staggerNanos = 0;
    }

    private void moves(SplittableRandom random) {
        troubleNanos *= 2;
        move = 0.3;
        crash = sometimes(random, 0.1);
        churn = sometimes(random, 0.5);
        churnNanos = random.nextLong(1, 50) * MS;
        split = sometimes(random, 0.1);
        detection = random.nextDouble(0.1, 1);
        clients = 2;
    }

    private void disaster(SplittableRandom random) {
        moves(random);
        move = sometimes(random, 0.2);
        pause = sometimes(random, 0.1);
        loss = sometimes(random, 0.2);
        disaster = 0.02;
    }

    private static double sometimes(SplittableRandom random, double most) {
        return random.nextBoolean() ? 0 : random.nextDouble(most);
    }

    private ReplicationConfig config(SplittableRandom random) {
        return new ReplicationConfig(
                leaseNanos,
                leaseNanos / 10,
                staggerNanos,
                electionRetryNanos,
                random.nextLong(10, 40) * MS,
                random.nextLong(2, 8) * MS,
                random.nextLong(50, 150) * MS,
                maxAppendBytes,
                random.nextInt(1, 6),
                random.nextInt(1, 20),
                random.nextBoolean() ? random.nextInt(0, 500) : 1 << 20,
                random.nextBoolean() ? random.nextInt(0, 1000) : 1 << 20);
    }

    @Override
    public String toString() {
        return theme + " for " + troubleNanos / MS + " ms: voters " + voters + ", loss " + loss + ", duplicate "
                + duplicate
                + ", lateness " + lateness + ", crash " + crash + ", churn " + churn + ", pause " + pause + ", split "
                + split + ", coup " + coup + ", move " + move + ", transfer " + transfer + ", suspicion " + suspicion
                + "; " + config;
    }
}
