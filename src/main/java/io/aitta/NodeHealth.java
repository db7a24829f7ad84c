package io.aitta;

import io.aitta.config.HealthSettings;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a node has started, can serve, and can be helped by anything but a restart; if not, why. Asked often, by probes
 * with little patience: it looks at what others know already, and waits for nobody. Thread-safe.
 */
final class NodeHealth {
    /** What a node knows of itself. All of it is cheap, and none of it blocks. */
    interface Signs {
        boolean isStopping();

        boolean hasJoined();

        boolean knowsTopology();

        /** Whether the topology knows this node by its data directory. */
        boolean isRegistered();

        /** What the node has replicas of. */
        Set<PartitionId> held();

        boolean isLearner(PartitionId partition);

        /** Empty while the binlog is being replayed, or after it failed. */
        Optional<Status> replica(PartitionId partition);

        /** Why the journal fails writes. */
        Optional<String> journalTrouble();

        long journalUnansweredNanos();

        /** What is wrong with the store's disk, or its room. */
        Optional<String> diskTrouble();

        long diskUnansweredNanos();

        /** Whether the store has failed for as long as it is open. */
        boolean storeNeedsReopening();
    }

    private final Signs signs;
    private final HealthSettings settings;
    /** Once started, a node stays so: what comes later is not its start. */
    private volatile boolean started;

    NodeHealth(Signs signs, HealthSettings settings) {
        this.signs = signs;
        this.settings = settings;
    }

    /** Empty: it has joined the cluster, and what its replicas had in their binlogs is replayed. */
    Optional<String> whyNotStarted() {
        if (started) {
            return Optional.empty();
        }
        var reason = whyNotStartedYet();
        if (reason.isEmpty()) {
            started = true;
        }
        return reason;
    }

    private Optional<String> whyNotStartedYet() {
        return whyNotJoined().or(() -> {
            var held = signs.held();
            long recovered = held.stream()
                    .filter(partition -> signs.replica(partition).isPresent())
                    .count();
            return recovered == held.size()
                    ? Optional.empty()
                    : Optional.of("the binlogs are being replayed: " + recovered + " of " + held.size()
                            + " replicas have been recovered");
        });
    }

    private Optional<String> whyNotJoined() {
        if (!signs.hasJoined()) {
            return Optional.of("the node has not joined the cluster");
        }
        if (!signs.knowsTopology()) {
            return Optional.of("the node has not heard of the topology");
        }
        return signs.isRegistered() ? Optional.empty() : Optional.of("the cluster does not know this node yet");
    }

    /** Empty: whatever is asked of this node, it can do its part. */
    Optional<String> whyNotReady() {
        if (signs.isStopping()) {
            return Optional.of("the node is stopping");
        }
        var reason = whyNotJoined().or(this::whyNotDurable).or(this::whyNotServing);
        // Whether it had started shall not depend on who asked for it, and when.
        if (reason.isEmpty()) {
            started = true;
        }
        return reason;
    }

    private Optional<String> whyNotDurable() {
        return signs.journalTrouble()
                .map(why -> "the journal cannot be written: " + why)
                .or(() -> unanswered("the journal", signs.journalUnansweredNanos(), settings.slowAfter()))
                .or(signs::diskTrouble)
                .or(() -> unanswered("the store's disk", signs.diskUnansweredNanos(), settings.slowAfter()));
    }

    private Optional<String> whyNotServing() {
        for (var partition : signs.held()) {
            if (signs.isLearner(partition)) {
                // Nobody depends on it: one that is only being made does not make a node less ready.
                continue;
            }
            var status = signs.replica(partition);
            if (status.isEmpty()) {
                return Optional.of("the replica of " + partition + " has not been recovered");
            }
            if (status.get().primary().isEmpty()) {
                return Optional.of("partition " + partition + " has no primary");
            }
            if (!status.get().quorumReachable()) {
                return Optional.of("of partition " + partition + " no majority can be reached");
            }
        }
        return Optional.empty();
    }

    /** Empty: it lives, or will by itself. */
    Optional<String> whyNotAlive() {
        if (signs.storeNeedsReopening()) {
            return Optional.of(signs.diskTrouble().orElse("the store has failed") + "; it must be opened anew");
        }
        return unanswered("the journal", signs.journalUnansweredNanos(), settings.hungAfter())
                .or(() -> unanswered("the store's disk", signs.diskUnansweredNanos(), settings.hungAfter()));
    }

    private static Optional<String> unanswered(String who, long nanos, Duration limit) {
        return nanos <= limit.toNanos()
                ? Optional.empty()
                : Optional.of(who + " has not answered a write for "
                        + Duration.ofNanos(nanos).toMillis() + " ms");
    }
}
