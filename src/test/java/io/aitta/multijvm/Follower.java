package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.client.AittaTable;
import io.aitta.client.Change;
import io.aitta.client.ChangeFeed;
import io.aitta.client.Consistency;
import io.aitta.client.KeyRange;
import io.aitta.client.ScanEntry;
import io.aitta.client.ScanOptions;
import io.aitta.client.WatchTarget;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Watches a whole table from before the first write to the end, through all that happens. Each change may come more than
 * once, but those of a key come in their order the first time; all that clients were told of is among them; and who does
 * as they say holds in the end what the table holds.
 */
final class Follower {
    private static final Duration STANDS_LIMIT = Duration.ofSeconds(20);
    /** By how much a key may seem to live on beside a scan that is under way. */
    private static final long SLACK_MILLIS = 1_000;

    private static final Duration CAUGHT_UP_LIMIT = Duration.ofSeconds(30);

    /** What a change made of a key. */
    private record Made(Optional<String> value, Optional<Instant> expiresAt) {}

    private final AittaTable table;
    private final ChangeFeed feed;
    private final Map<String, TreeMap<Long, Made>> byKey = new HashMap<>();
    private final List<String> wrong = new ArrayList<>();
    private long changes;
    private long repeated;
    private Throwable end;

    /** Returns when the watch stands. */
    Follower(AittaTable table) {
        this.table = table;
        feed = table.watch(WatchTarget.table());
        var standing = feed.standing().toCompletableFuture();
        Await.until("the watch stands", STANDS_LIMIT, standing::isDone);
        standing.join();
        feed.forEach(this::take).whenComplete((none, why) -> ended(why));
    }

    private synchronized void ended(Throwable why) {
        end = why;
    }

    private synchronized void take(Change change) {
        changes++;
        String key = change.key().toStringUtf8();
        var versions = byKey.computeIfAbsent(key, first -> new TreeMap<>());
        long last = versions.isEmpty() ? 0 : versions.lastKey();
        if (versions.containsKey(change.version())) {
            repeated++;
            check(change, versions);
        } else if (change.version() < last) {
            wrong.add("%s came for the first time after version %d of the key".formatted(change, last));
        } else {
            versions.put(change.version(), made(change, versions));
        }
    }

    private void check(Change change, TreeMap<Long, Made> versions) {
        var again = made(change, new TreeMap<>(versions.headMap(change.version())));
        if (!again.equals(versions.get(change.version()))) {
            wrong.add("%s was %s before".formatted(change, versions.get(change.version())));
        }
    }

    private Made made(Change change, TreeMap<Long, Made> before) {
        return switch (change.kind()) {
            case SET -> new Made(Optional.of(change.value().toStringUtf8()), change.expiresAt());
            case EXPIRY_CHANGED -> {
                if (before.isEmpty() || before.lastEntry().getValue().value().isEmpty()) {
                    wrong.add(change + " of a key without a value");
                    yield new Made(Optional.empty(), change.expiresAt());
                }
                yield new Made(before.lastEntry().getValue().value(), change.expiresAt());
            }
            case DELETE, EXPIRED -> new Made(Optional.empty(), Optional.empty());
            case RANGE_DELETED, OTHER -> throw new AssertionError("nobody does this: " + change);
        };
    }

    /** To be called when nobody writes any more. Ends the watch. */
    void verify(Told told) {
        Await.isSo(CAUGHT_UP_LIMIT, () -> missing(told).isEmpty() && differences().isEmpty());
        synchronized (this) {
            assertThat(end).as("why the watch ended by itself").isNull();
            assertThat(wrong).as("what the watch told").isEmpty();
        }
        assertThat(missing(told)).as("what clients were told, and the watch was not").isEmpty();
        assertThat(differences()).as("what the watch told against what there is").isEmpty();
        feed.close();
    }

    private synchronized List<String> missing(Told told) {
        var versions = new HashMap<String, Map<Long, Optional<String>>>();
        byKey.forEach((key, made) -> {
            var values = new HashMap<Long, Optional<String>>();
            made.forEach((version, what) -> values.put(version, what.value()));
            versions.put(key, values);
        });
        return told.missingIn(versions);
    }

    /** What holds after all changes, against what a strong scan finds. */
    private List<String> differences() {
        var found = scan();
        var different = new ArrayList<String>();
        synchronized (this) {
            var soon = Instant.now().plusMillis(SLACK_MILLIS);
            byKey.forEach((key, versions) -> {
                var last = versions.lastEntry();
                var entry = Optional.ofNullable(found.remove(key));
                boolean mayBeGone = last.getValue().expiresAt().filter(soon::isAfter).isPresent();
                boolean same = entry.map(ScanEntry::value)
                        .map(there -> Optional.of(there.utf8()).equals(last.getValue().value())
                                && there.version() == last.getKey())
                        .orElse(mayBeGone || last.getValue().value().isEmpty());
                if (!same) {
                    different.add(key + " is " + entry + ", not as of " + last);
                }
            });
        }
        found.values().forEach(entry -> different.add(entry + " of which nothing was told"));
        return different;
    }

    private Map<String, ScanEntry> scan() {
        var found = new HashMap<String, ScanEntry>();
        var strong = table.withConsistency(Consistency.STRONG).withDeadline(Duration.ofSeconds(10));
        try (var entries = strong.blocking().scan(KeyRange.all(), ScanOptions.DEFAULT)) {
            while (entries.hasNext()) {
                var entry = entries.next();
                found.put(entry.key().toStringUtf8(), entry);
            }
        }
        return found;
    }

    void close() {
        feed.close();
    }

    @Override
    public synchronized String toString() {
        return changes + " changes of " + byKey.size() + " keys watched, " + repeated + " of them again";
    }
}
