package io.aitta.core.replication;

import static io.aitta.core.replication.Bench.A;
import static io.aitta.core.replication.Bench.ABC;
import static io.aitta.core.replication.Bench.B;
import static io.aitta.core.replication.Bench.C;
import static io.aitta.core.replication.Bench.append;
import static io.aitta.core.replication.Bench.index;
import static io.aitta.core.replication.Bench.term;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aitta.core.NodeId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the replication core does in situations that are better told than simulated. */
class ReplicaCoreTest {
    @Test
    void aNewGroupElectsItsFirstVoterAtOnce() {
        var bench = Bench.blank(A);
        bench.tell(new Input.Found(ABC));
        assertThat(bench.wakesIn()).isZero();
        bench.tell(new Input.WakeUp());
        assertThat(bench.last(PeerMessage.PreVote.class, B)).isPresent();
    }

    @Test
    void theOnlyVoterIsPrimaryByItselfAndServesForEver() {
        var bench = Bench.blank(A);
        bench.tell(new Input.Found(Membership.ofVoters(A)));
        bench.tell(new Input.WakeUp());
        assertThat(bench.status().role()).isEqualTo(Status.Role.PRIMARY);
        bench.pass(1_000_000);
        bench.tell(new Input.WakeUp());
        assertThat(bench.status().mayRead(bench.now())).isTrue();
        assertThat(bench.core.wakeAtNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theOnlyVoterNeedNotWaitAfterARestart() {
        var bench = Bench.blank(A);
        bench.tell(new Input.Found(Membership.ofVoters(A)));
        bench.tell(new Input.WakeUp());
        bench.restart(index(1), term(1), Membership.ofVoters(A));
        assertThat(bench.wakesIn()).isZero();
    }

    @Test
    void aPrimaryMayReadForALeaseFromTheSendingOfWhatAMajorityAcknowledged() {
        var bench = Bench.primary();
        assertThat(bench.status().mayRead(bench.now())).isTrue();
        bench.pass(999);
        assertThat(bench.status().mayRead(bench.now())).isTrue();
        bench.pass(1);
        assertThat(bench.status().mayRead(bench.now())).isFalse();
        bench.tell(new Input.ConfirmLease());
        assertThat(bench.last(PeerMessage.Append.class, B)).isPresent();
        bench.acknowledge(B, 1);
        assertThat(bench.status().mayRead(bench.now())).isTrue();
    }

    @Test
    void aVoterHelpsNobodyElseWhileItsPromiseLasts() {
        var bench = Bench.follower(B);
        var request = new PeerMessage.RequestVote(term(2), index(9), term(1), false);
        bench.pass(1099);
        bench.hear(C, request);
        assertThat(bench.last(PeerMessage.VoteReply.class, C)).contains(new PeerMessage.VoteReply(term(1), false));
        bench.pass(1);
        bench.hear(C, request);
        assertThat(bench.last(PeerMessage.VoteReply.class, C)).contains(new PeerMessage.VoteReply(term(2), true));
    }

    @Test
    void aVoterThatDoesNotKnowItIsOneKeepsItsPromiseOverARestart() {
        var bench = Bench.blank(B);
        bench.hear(A, append(1, 0, 0, 0));
        bench.restart(LogIndex.ZERO, Term.ZERO, Membership.NONE);
        bench.hear(C, new PeerMessage.RequestVote(term(2), index(9), term(1), false));
        assertThat(bench.last(PeerMessage.VoteReply.class, C)).contains(new PeerMessage.VoteReply(term(1), false));
    }

    @Test
    void aVoterThatCrashedAfterACopyWasInstalledStandsForElection() {
        var bench = Bench.blank(B);
        bench.restart(index(7), term(3), ABC);
        assertThat(bench.durable.term()).isEqualTo(term(3));
        assertThat(bench.durable.membership()).isEqualTo(ABC);
        assertThat(bench.core.wakeAtNanos()).isNotEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aCopyOfALaterTermIsEnteredWithItsTerm() {
        var bench = Bench.follower(C);
        bench.tell(new Input.SnapshotReady(index(9), term(4), ABC));
        assertThat(bench.effects).contains(new Effect.InstallSnapshot(index(9)));
        assertThat(bench.durable.term()).isEqualTo(term(4));
        // A primary of a term between has other entries at these places; it must not be followed.
        bench.hear(B, append(3, 8, 1, 3));
        assertThat(bench.last(PeerMessage.AppendReply.class, B).orElseThrow().accepted())
                .isFalse();
        assertThat(bench.durable.log().lastIndex()).isEqualTo(index(9));
    }

    @Test
    void theRefusalOfAnEarlierTermIsNoLease() {
        var follower = Bench.follower(C);
        follower.hear(A, append(3, 0, 0, 0));
        var old =
                new PeerMessage.Append(term(2), Long.MAX_VALUE / 2, LogIndex.ZERO, Term.ZERO, List.of(), LogIndex.ZERO);
        follower.hear(A, old);
        var refusal = follower.last(PeerMessage.AppendReply.class, A).orElseThrow();
        assertThat(refusal.term()).isEqualTo(term(3));

        var primary = Bench.primary();
        long lease = primary.status().leaseUntilNanos();
        primary.hear(C, new PeerMessage.AppendReply(term(1), refusal.sentNanos(), refusal.accepted(), refusal.index()));
        assertThat(primary.status().leaseUntilNanos()).isEqualTo(lease);
    }

    @Test
    void aVoterStandsWhenAMajorityIsBackThoughItHeardFromAnUnreachablePrimary() {
        var bench = Bench.follower(B);
        bench.tell(new Input.PeerUnreachable(A));
        bench.tell(new Input.PeerUnreachable(C));
        bench.hear(A, append(1, 0, 0, 0));
        bench.pass(5000);
        bench.tell(new Input.WakeUp());
        assertThat(bench.core.wakeAtNanos()).isEqualTo(Long.MAX_VALUE);
        bench.tell(new Input.PeerReachable(C));
        assertThat(bench.core.wakeAtNanos()).isNotEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aLeavingMemberIsNotToldOfItsRemoval() {
        var bench = Bench.primary();
        bench.acknowledge(C, 1);
        bench.sent.clear();
        bench.tell(new Input.ChangeMembership(new Input.Change.Remove(C)));
        assertThat(bench.last(PeerMessage.Append.class, B).orElseThrow().entries())
                .hasSize(1);
        assertThat(bench.last(PeerMessage.Append.class, C)).isEmpty();
        bench.acknowledge(B, 2);
        assertThat(bench.status().membership()).isEqualTo(Membership.ofVoters(A, B));
        assertThat(bench.status().commitIndex()).isEqualTo(index(2));
    }

    @Test
    void onlyOneChangeOfMembershipAtATime() {
        var bench = Bench.primary();
        bench.tell(new Input.ChangeMembership(new Input.Change.AddLearner(new NodeId("d"))));
        bench.tell(new Input.ChangeMembership(new Input.Change.AddLearner(new NodeId("e"))));
        assertThat(bench.effects).last().isInstanceOfSatisfying(Effect.Declined.class, declined -> assertThat(
                        declined.reason())
                .isEqualTo(Effect.Reason.CHANGE_UNDER_WAY));
    }

    @Test
    void aPeerThatAcknowledgesLateIsToldWhatIsCommitted() {
        var bench = Bench.primary();
        bench.pass(20);
        bench.tell(new Input.WakeUp());
        bench.sent.clear();
        bench.pass(1000);
        bench.acknowledge(C, 1);
        assertThat(bench.wakesIn()).isLessThanOrEqualTo(20);
        bench.pass(20);
        bench.tell(new Input.WakeUp());
        assertThat(bench.last(PeerMessage.Append.class, C).orElseThrow().commitIndex())
                .isEqualTo(index(1));
    }

    @Test
    void anIdleGroupIsSilentOnceAllHaveAnswered() {
        var bench = Bench.primary();
        bench.acknowledge(C, 1);
        for (int i = 0; i < 5 && bench.core.wakeAtNanos() != Long.MAX_VALUE; i++) {
            bench.pass(Math.max(0, bench.wakesIn()));
            bench.tell(new Input.WakeUp());
            bench.acknowledge(B, 1);
            bench.acknowledge(C, 1);
        }
        assertThat(bench.core.wakeAtNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void entriesStayInMemoryUntilTheyAreApplied() {
        var d = ReplicationConfig.defaults();
        var forgetful = new ReplicationConfig(
                d.leaseNanos(),
                d.driftNanos(),
                d.staggerNanos(),
                d.electionRetryNanos(),
                d.retransmitNanos(),
                d.commitNoticeNanos(),
                d.transferNanos(),
                d.maxAppendBytes(),
                d.maxInFlight(),
                d.maxUncommitted(),
                0,
                0);
        var bench = Bench.blank(A, forgetful);
        bench.tell(new Input.Found(Membership.ofVoters(A)));
        bench.tell(new Input.WakeUp());
        bench.tell(new Input.Propose(new byte[] {1}));
        bench.tell(new Input.Propose(new byte[] {2}));
        assertThat(bench.applied).hasSize(3);
    }

    @Test
    void aReplicaThatLearntTheGroupFromItsLogIgnoresTheFounding() {
        var bench = Bench.blank(C);
        var change = new Entry(index(1), term(1), new Command.ChangeMembership(ABC));
        bench.hear(A, new PeerMessage.Append(term(1), 0, LogIndex.ZERO, Term.ZERO, List.of(change), LogIndex.ZERO));
        int events = bench.persisted.size();
        bench.tell(new Input.Found(Membership.ofVoters(A, B)));
        assertThat(bench.persisted).hasSize(events);
        assertThat(bench.durable.membership()).isEqualTo(ABC);
    }

    @Test
    void aPrimaryThatHandsOverTakesNoWritesAndGivesUpItsLease() {
        var bench = Bench.primary();
        bench.tell(new Input.TransferPrimary(Optional.of(B)));
        assertThat(bench.last(PeerMessage.TransferNow.class, B)).isPresent();
        assertThat(bench.status().mayRead(bench.now())).isFalse();
        bench.tell(new Input.Propose(new byte[1]));
        assertThat(bench.effects).last().isInstanceOfSatisfying(Effect.Declined.class, declined -> assertThat(
                        declined.reason())
                .isEqualTo(Effect.Reason.TRANSFERRING));
    }

    @Test
    void aPrimaryWithoutAMajorityRefusesWritesAtOnce() {
        var bench = Bench.primary();
        bench.tell(new Input.PeerUnreachable(B));
        bench.tell(new Input.PeerUnreachable(C));
        bench.tell(new Input.Propose(new byte[1]));
        assertThat(bench.effects).last().isInstanceOfSatisfying(Effect.Declined.class, declined -> assertThat(
                        declined.reason())
                .isEqualTo(Effect.Reason.NO_QUORUM));
    }

    @Test
    void aStoreThatLostItsDataIsNotTakenForAnOldOne() {
        var bench = Bench.primary();
        bench.tell(new Input.Propose(new byte[100]));
        bench.acknowledge(B, 2);
        bench.persisted.add(new BinlogEvent.CheckpointTaken(index(2), term(1), index(3)));
        assertThatThrownBy(() -> bench.restart(LogIndex.ZERO, Term.ZERO, Membership.NONE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the store's data was lost");
    }
}
