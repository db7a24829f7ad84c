package io.aitta.bench;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Which keys there are, by their numbers from 0 on, while inserts add to them: a key can be chosen once it and all before
 * it are answered. Thread-safe.
 */
final class KeySpace {
    private final Distribution distribution;
    private final AtomicLong next;
    /** All below it are there, but for those in {@code failed}. */
    private volatile long there;

    private volatile Zipf zipf;
    private final Set<Long> answeredEarly = new HashSet<>();
    private final Set<Long> failed = new HashSet<>();

    /** @param keys that are there, above 0 */
    KeySpace(Distribution distribution, long keys) {
        this.distribution = distribution;
        this.next = new AtomicLong(keys);
        this.there = keys;
        this.zipf = new Zipf(keys);
    }

    /** The number of a key that is there. Only LATEST has to follow inserts: else the popular keys stay the same. */
    long choose(RandomGenerator random) {
        long keys = distribution == Distribution.LATEST ? there : zipf.ranks();
        Zipf ranks = zipf;
        // One that is older or newer by a moment would rank keys beyond the end.
        if (ranks.ranks() != keys) {
            ranks = new Zipf(keys);
            zipf = ranks;
        }
        return distribution.choose(ranks, keys, random);
    }

    /** The number of a key that is to be inserted; {@link #inserted} is to follow. */
    long begin() {
        return next.getAndIncrement();
    }

    /** @param done whether it is known to be there */
    synchronized void inserted(long number, boolean done) {
        if (!done) {
            failed.add(number);
        }
        answeredEarly.add(number);
        while (answeredEarly.remove(there)) {
            there++;
        }
    }

    /** Whether a key's insert failed, so that it need not be there. */
    synchronized boolean mayBeMissing(long number) {
        return failed.contains(number);
    }
}
