package io.aitta;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.config.HealthSettings;
import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.Status;
import io.aitta.core.replication.Term;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NodeHealthTest {
    private static final PartitionId ONE = new PartitionId("default", 1, 1);
    private static final PartitionId TWO = new PartitionId("default", 1, 2);
    private static final NodeId N1 = new NodeId("n1");
    private static final NodeId N2 = new NodeId("n2");
    private static final NodeId N3 = new NodeId("n3");

    private final FakeSigns signs = new FakeSigns();
    private final NodeHealth health =
            new NodeHealth(signs, new HealthSettings(Duration.ofSeconds(3), Duration.ofSeconds(60), 1 << 20));

    NodeHealthTest() {
        signs.held.put(ONE, Optional.of(status(Optional.of(N1), true)));
        signs.held.put(TWO, Optional.of(status(Optional.of(N2), true)));
    }

    @Test
    void a_node_that_can_do_its_part_is_started_ready_and_alive() {
        assertThat(health.whyNotStarted()).isEmpty();
        assertThat(health.whyNotReady()).isEmpty();
        assertThat(health.whyNotAlive()).isEmpty();
    }

    @Test
    void while_binlogs_are_replayed_it_has_not_started_and_is_alive() {
        signs.held.put(TWO, Optional.empty());
        assertThat(health.whyNotStarted())
                .contains("the binlogs are being replayed: 1 of 2 replicas have been recovered");
        assertThat(health.whyNotReady()).contains("the replica of " + TWO + " has not been recovered");
        assertThat(health.whyNotAlive()).isEmpty();
    }

    @Test
    void a_node_that_has_not_joined_has_not_started() {
        signs.joined = false;
        assertThat(health.whyNotStarted()).contains("the node has not joined the cluster");
        assertThat(health.whyNotReady()).contains("the node has not joined the cluster");
        signs.joined = true;
        signs.registered = false;
        assertThat(health.whyNotStarted()).contains("the cluster does not know this node yet");
        signs.topology = false;
        assertThat(health.whyNotReady()).contains("the node has not heard of the topology");
        assertThat(health.whyNotAlive()).isEmpty();
    }

    @Test
    void what_has_started_stays_so_though_a_replica_fails_later() {
        assertThat(health.whyNotReady()).as("whoever serves has started").isEmpty();
        signs.held.put(ONE, Optional.empty());
        assertThat(health.whyNotStarted()).isEmpty();
        assertThat(health.whyNotReady()).isPresent();
    }

    @Test
    void with_a_lost_quorum_a_node_is_not_ready_as_follower_or_as_primary_and_alive() {
        signs.held.put(TWO, Optional.of(status(Optional.empty(), false)));
        assertThat(health.whyNotReady()).contains("partition " + TWO + " has no primary");
        signs.held.put(TWO, Optional.of(status(Optional.of(N1), false)));
        assertThat(health.whyNotReady()).contains("of partition " + TWO + " no majority can be reached");
        assertThat(health.whyNotAlive()).isEmpty();
    }

    @Test
    void a_learner_that_is_being_made_does_not_make_a_node_less_ready() {
        signs.learners.add(TWO);
        signs.held.put(TWO, Optional.empty());
        assertThat(health.whyNotReady()).isEmpty();
    }

    @Test
    void a_journal_that_cannot_be_written_makes_a_node_unready_and_no_restart_helps() {
        signs.journal = Optional.of("No space left on device");
        assertThat(health.whyNotReady()).contains("the journal cannot be written: No space left on device");
        assertThat(health.whyNotAlive()).isEmpty();
    }

    @Test
    void a_journal_that_hangs_makes_a_node_unready_and_after_long_not_alive() {
        signs.journalNanos = Duration.ofSeconds(2).toNanos();
        assertThat(health.whyNotReady()).isEmpty();
        signs.journalNanos = Duration.ofSeconds(4).toNanos();
        assertThat(health.whyNotReady()).contains("the journal has not answered a write for 4000 ms");
        assertThat(health.whyNotAlive()).isEmpty();
        signs.journalNanos = Duration.ofSeconds(61).toNanos();
        assertThat(health.whyNotAlive()).contains("the journal has not answered a write for 61000 ms");
    }

    @Test
    void a_full_disk_makes_a_node_unready_and_a_store_that_must_be_opened_anew_not_alive() {
        signs.disk = Optional.of("the store cannot write to its disk: No space left on device");
        assertThat(health.whyNotReady()).isEqualTo(signs.disk);
        assertThat(health.whyNotAlive()).isEmpty();
        signs.reopening = true;
        assertThat(health.whyNotAlive().orElseThrow()).endsWith("No space left on device; it must be opened anew");
    }

    @Test
    void a_disk_that_hangs_is_told_as_a_journal_that_does() {
        signs.diskNanos = Duration.ofSeconds(4).toNanos();
        assertThat(health.whyNotReady()).contains("the store's disk has not answered a write for 4000 ms");
        assertThat(health.whyNotAlive()).isEmpty();
        signs.diskNanos = Duration.ofSeconds(61).toNanos();
        assertThat(health.whyNotAlive()).isPresent();
    }

    @Test
    void a_node_that_stops_is_not_ready() {
        signs.stopping = true;
        assertThat(health.whyNotReady()).contains("the node is stopping");
        assertThat(health.whyNotAlive()).isEmpty();
    }

    private static Status status(Optional<NodeId> primary, boolean quorum) {
        var role = primary.equals(Optional.of(N1)) ? Status.Role.PRIMARY : Status.Role.FOLLOWER;
        return new Status(
                role,
                new Term(1),
                primary,
                false,
                0,
                quorum,
                false,
                LogIndex.ZERO,
                LogIndex.ZERO,
                Term.ZERO,
                new Membership(List.of(N1, N2, N3), List.of()));
    }

    private static final class FakeSigns implements NodeHealth.Signs {
        final Map<PartitionId, Optional<Status>> held = new HashMap<>();
        final Set<PartitionId> learners = new HashSet<>();
        boolean stopping;
        boolean joined = true;
        boolean topology = true;
        boolean registered = true;
        boolean reopening;
        Optional<String> journal = Optional.empty();
        Optional<String> disk = Optional.empty();
        long journalNanos;
        long diskNanos;

        @Override
        public boolean isStopping() {
            return stopping;
        }

        @Override
        public boolean hasJoined() {
            return joined;
        }

        @Override
        public boolean knowsTopology() {
            return topology;
        }

        @Override
        public boolean isRegistered() {
            return registered;
        }

        @Override
        public Set<PartitionId> held() {
            return held.keySet();
        }

        @Override
        public boolean isLearner(PartitionId partition) {
            return learners.contains(partition);
        }

        @Override
        public Optional<Status> replica(PartitionId partition) {
            return held.get(partition);
        }

        @Override
        public Optional<String> journalTrouble() {
            return journal;
        }

        @Override
        public long journalUnansweredNanos() {
            return journalNanos;
        }

        @Override
        public Optional<String> diskTrouble() {
            return disk;
        }

        @Override
        public long diskUnansweredNanos() {
            return diskNanos;
        }

        @Override
        public boolean storeNeedsReopening() {
            return reopening;
        }
    }
}
