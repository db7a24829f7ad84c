package io.aitta.multijvm;

import static io.aitta.multijvm.Load.bytes;

import io.aitta.client.AittaException;
import io.aitta.client.AittaTable;
import io.aitta.client.Consistency;
import io.aitta.client.Operation;
import io.aitta.client.Transaction;
import io.aitta.client.VersionedValue;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

/**
 * Two keys that only one client writes: the numbers from 1 on, always the same to both at once. So both have the
 * same versions, and whatever reads one of them tells by its version how far it has come. Clients that read within a
 * SESSION may never go back, from one key to the other either, and the writer sees what it has written; EVENTUAL reads may
 * lag, but not further than they were told to, and never see what was not written. Thread-safe.
 */
final class Pair {
    private static final Duration MAX_STALENESS = Duration.ofSeconds(2);

    private final String name;
    private final Told told;
    private final Consumer<String> failures;
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    /** The version of the last write acknowledged, by the time of its acknowledgement. */
    private final ConcurrentSkipListMap<Long, Long> acknowledgedAt = new ConcurrentSkipListMap<>();
    /** The highest number that may have been written. */
    private volatile long attempted;

    Pair(String name, Told told, Consumer<String> failures) {
        this.name = name;
        this.told = told;
        this.failures = failures;
        acknowledgedAt.put(Long.MIN_VALUE, 0L); // floorEntry always finds one
    }

    /** What was seen that nobody may see. */
    List<String> wrong() {
        return List.copyOf(wrong);
    }

    private String key(boolean one) {
        return "{pair-" + name + "}" + (one ? "one" : "other");
    }

    private long acknowledgedBy(long nanos) {
        return acknowledgedAt.floorEntry(nanos).getValue();
    }

    /** How far a client has come by its SESSION. Used by one thread. */
    private final class Session {
        private final AittaTable.BlockingView keys;
        private final String reader;
        /** What it has seen, by reading or by writing. */
        private long version;

        Session(AittaTable table, String reader) {
            this.keys = table.withConsistency(Consistency.SESSION).blocking();
            this.reader = reader;
        }

        void read(boolean one) {
            version = check(reader, one, keys.get(bytes(key(one))), version);
        }
    }

    /** @return the version found */
    private long check(String reader, boolean one, Optional<VersionedValue> found, long leastVersion) {
        long mostNumber = attempted;
        long number = found.map(value -> Long.parseLong(value.utf8())).orElse(0L);
        long version = found.map(VersionedValue::version).orElse(0L);
        found.ifPresent(value -> told.holds(key(one), version, value.utf8()));
        if (version < leastVersion) {
            wrong.add("%s found %s at version %d, after %d".formatted(reader, key(one), version, leastVersion));
        }
        if (number > mostNumber) {
            wrong.add("%s found %d in %s, which goes to %d".formatted(reader, number, key(one), mostNumber));
        }
        return Math.max(version, leastVersion);
    }

    /** The client that writes, and reads what it wrote. */
    Load.Client writer(AittaTable table) {
        var session = new Session(table, "the writer's session");
        return i -> served("the writer", () -> {
            if (i % 2 == 0) {
                write(session);
            } else {
                session.read(i % 4 == 1);
            }
        });
    }

    private void write(Session session) {
        long next = attempted + 1;
        attempted = next;
        var value = bytes(Long.toString(next));
        var result = session.keys.transaction(Transaction.of(
                Operation.set(bytes(key(true)), value), Operation.set(bytes(key(false)), value)));
        acknowledgedAt.put(System.nanoTime(), result.version());
        session.version = result.version();
        told.holds(key(true), result.version(), Long.toString(next));
        told.holds(key(false), result.version(), Long.toString(next));
    }

    /** A client that reads at all levels that may lag. */
    Load.Client reader(AittaTable table, Random random) {
        var session = new Session(table, "a reader's session");
        var eventual = table.withConsistency(Consistency.eventual()).blocking();
        var bounded =
                table.withConsistency(Consistency.eventual(MAX_STALENESS)).blocking();
        return i -> served("a reader", () -> {
            boolean one = random.nextBoolean();
            switch (i % 4) {
                case 0 -> check("an eventual read", one, eventual.get(bytes(key(one))), 0);
                case 1 -> {
                    long least = acknowledgedBy(System.nanoTime() - MAX_STALENESS.toNanos());
                    check("a read of bounded staleness", one, bounded.get(bytes(key(one))), least);
                }
                default -> session.read(one);
            }
        });
    }

    private boolean served(String who, Runnable call) {
        try {
            call.run();
            return true;
        } catch (AittaException failed) {
            failures.accept(who + " of " + key(true) + ": " + failed.reason() + ": " + failed.getMessage());
            return false;
        }
    }
}
