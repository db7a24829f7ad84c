package io.aitta.core.replication;

import static io.aitta.core.replication.Bench.A;
import static io.aitta.core.replication.Bench.ABC;
import static io.aitta.core.replication.Bench.B;
import static io.aitta.core.replication.Bench.C;
import static io.aitta.core.replication.Bench.D;
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
        // But of what is committed, for it may have put that into the log itself.
        var farewell = bench.last(PeerMessage.Append.class, C).orElseThrow();
        assertThat(farewell.entries()).isEmpty();
        assertThat(farewell.commitIndex()).isEqualTo(index(1));
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
    void whoCannotBeServedByAskingFurtherBackIsAskedAgainOnlyInTime() {
        var bench = Bench.primary();
        for (long last = 2; last <= 6; last++) {
            bench.tell(new Input.Propose(new byte[1]));
            bench.acknowledge(B, last);
        }
        bench.pass(400);
        bench.tell(new Input.WakeUp());
        bench.hear(C, new PeerMessage.AppendReply(term(1), bench.now(), false, index(4)));
        bench.sent.clear();
        for (int i = 0; i < 3; i++) {
            bench.hear(C, new PeerMessage.AppendReply(term(1), bench.now(), false, index(4)));
            bench.tell(new Input.Propose(new byte[1]));
        }
        assertThat(bench.last(PeerMessage.Append.class, C)).isEmpty();
        bench.pass(200);
        bench.tell(new Input.WakeUp());
        assertThat(bench.last(PeerMessage.Append.class, C).orElseThrow().previousIndex())
                .isEqualTo(index(3));
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
    void aReplicaThatLearntTheGroupFromACopyIgnoresTheFounding() {
        var bench = Bench.joined(C);
        int events = bench.persisted.size();
        bench.tell(new Input.Found(Membership.ofVoters(A, B)));
        assertThat(bench.persisted).hasSize(events);
        assertThat(bench.durable.membership()).isEqualTo(ABC);
    }

    // ---- who comes without data ---------------------------------------------------------------------------------

    @Test
    void whoKnowsNoGroupGivesNoVoteAndNeverStands() {
        var bench = Bench.blank(B);
        bench.hear(A, new PeerMessage.PreVote(term(4), index(9), term(4)));
        bench.hear(A, new PeerMessage.RequestVote(term(5), index(9), term(4), false));
        assertThat(bench.last(PeerMessage.PreVoteReply.class, A))
                .contains(new PeerMessage.PreVoteReply(term(0), false));
        assertThat(bench.last(PeerMessage.VoteReply.class, A)).contains(new PeerMessage.VoteReply(term(0), false));
        assertThat(bench.persisted).isEmpty();
        bench.tell(new Input.PeerUnreachable(A));
        assertThat(bench.core.wakeAtNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whoKnowsNoGroupTakesAWholeCopyAndNotTheLogFromItsBeginning() {
        var bench = Bench.blank(C);
        bench.hear(A, append(3, 0, 0, 2));
        assertThat(bench.durable.log().lastIndex()).isEqualTo(LogIndex.ZERO);
        assertThat(bench.last(PeerMessage.AppendReply.class, A))
                .contains(new PeerMessage.AppendReply(term(3), 0, false, LogIndex.ZERO));
        bench.hear(A, new PeerMessage.SnapshotOffer(term(3), 0, index(7)));
        assertThat(bench.effects).last().isEqualTo(new Effect.FetchSnapshot(A));
        bench.tell(new Input.SnapshotReady(index(6), term(3), ABC));
        assertThat(bench.effects).last().isEqualTo(new Effect.DiscardSnapshot());
        bench.tell(new Input.SnapshotReady(index(8), term(3), Membership.NONE));
        assertThat(bench.effects).last().isEqualTo(new Effect.DiscardSnapshot());
        bench.tell(new Input.SnapshotReady(index(8), term(3), ABC));
        assertThat(bench.status().commitIndex()).isEqualTo(index(8));
        assertThat(bench.status().membership()).isEqualTo(ABC);
    }

    @Test
    void aLearnerThatKnowsNothingIsOfferedAWholeCopyUntilItHasOne() {
        var bench = Bench.primary();
        bench.tell(new Input.ChangeMembership(new Input.Change.AddLearner(D)));
        bench.acknowledge(B, 2);
        bench.hear(D, new PeerMessage.AppendReply(term(1), bench.now(), false, LogIndex.ZERO));
        assertThat(bench.last(PeerMessage.SnapshotOffer.class, D)).isPresent();
        bench.sent.clear();
        bench.hear(D, new PeerMessage.AppendReply(term(1), bench.now(), false, LogIndex.ZERO));
        bench.pass(800);
        bench.tell(new Input.WakeUp());
        assertThat(bench.last(PeerMessage.SnapshotOffer.class, D)).isPresent();
        assertThat(bench.last(PeerMessage.Append.class, D)).isEmpty();
        bench.acknowledge(D, 2);
        bench.tell(new Input.Propose(new byte[1]));
        assertThat(bench.last(PeerMessage.Append.class, D)).isPresent();
    }

    @Test
    void aPrimaryThatHasCommittedNothingInItsTermOffersNoLessThanWhatMayBeCommitted() {
        var bench = Bench.follower(A);
        bench.hear(B, append(2, 0, 0, 3));
        bench.pass(5000);
        bench.tell(new Input.PeerUnreachable(B));
        bench.tell(new Input.WakeUp());
        bench.hear(C, new PeerMessage.PreVoteReply(term(2), true));
        bench.hear(C, new PeerMessage.VoteReply(term(3), true));
        assertThat(bench.status().role()).isEqualTo(Status.Role.PRIMARY);
        assertThat(bench.status().commitIndex()).isEqualTo(LogIndex.ZERO);
        bench.hear(C, new PeerMessage.AppendReply(term(3), bench.now(), false, LogIndex.ZERO));
        assertThat(bench.last(PeerMessage.SnapshotOffer.class, C).orElseThrow().index())
                .isEqualTo(index(4));
    }

    @Test
    void whoMayHaveForgottenWhatItPromisedListensToNobodyOfAnEarlierTerm() {
        var bench = Bench.blank(C);
        bench.tell(new Input.Join(term(5)));
        bench.hear(B, append(4, 0, 0, 1));
        assertThat(bench.last(PeerMessage.AppendReply.class, B).orElseThrow().term())
                .isEqualTo(term(5));
        bench.restart(LogIndex.ZERO, Term.ZERO, Membership.NONE);
        assertThat(bench.durable.term()).isEqualTo(term(5));

        var founded = Bench.follower(B);
        founded.tell(new Input.Join(term(5)));
        assertThat(founded.durable.term()).isEqualTo(term(1));
    }

    @Test
    void aVoterThatWasRemovedAndNotToldDisturbsNobody() {
        var removed = Bench.follower(C);
        removed.tell(new Input.PeerUnreachable(A));
        removed.pass(5000);
        removed.tell(new Input.WakeUp());
        var question = removed.last(PeerMessage.PreVote.class, B).orElseThrow();

        var bench = Bench.follower(B);
        bench.hear(C, question);
        assertThat(bench.last(PeerMessage.PreVoteReply.class, C).orElseThrow().granted())
                .isFalse();
        assertThat(bench.durable.term()).isEqualTo(term(1));
        assertThat(bench.status().primary()).contains(A);
    }

    // ---- moves --------------------------------------------------------------------------------------------------

    @Test
    void aLearnerThatLacksAFullWindowMayBecomeAVoter() {
        var bench = Bench.primary();
        bench.tell(new Input.ChangeMembership(new Input.Change.AddLearner(D)));
        bench.acknowledge(B, 2);
        bench.acknowledge(D, 2);
        for (int i = 0; i < 64; i++) {
            bench.tell(new Input.Propose(new byte[1]));
        }
        bench.tell(new Input.ChangeMembership(new Input.Change.Promote(D)));
        assertThat(bench.status().membership().voters()).containsExactly(A, B, C, D);
        // And the commit does not wait for it.
        bench.acknowledge(B, 67);
        bench.acknowledge(C, 67);
        assertThat(bench.status().commitIndex()).isEqualTo(index(67));
    }

    @Test
    void aLearnerThatLacksMuchOrDoesNotKnowThatItIsOneMayNot() {
        var bench = Bench.primary();
        bench.tell(new Input.ChangeMembership(new Input.Change.AddLearner(D)));
        bench.acknowledge(B, 2);
        bench.acknowledge(D, 1);
        assertThat(declined(bench, new Input.ChangeMembership(new Input.Change.Promote(D))))
                .isEqualTo(Effect.Reason.NOT_CAUGHT_UP);
        bench.acknowledge(D, 2);
        for (int i = 0; i < 5; i++) {
            bench.tell(new Input.Propose(new byte[1 << 20]));
        }
        assertThat(declined(bench, new Input.ChangeMembership(new Input.Change.Promote(D))))
                .isEqualTo(Effect.Reason.NOT_CAUGHT_UP);
        bench.acknowledge(D, 7);
        bench.tell(new Input.ChangeMembership(new Input.Change.Promote(D)));
        assertThat(bench.status().membership().isVoter(D)).isTrue();
    }

    @Test
    void nothingIsHandedOverToOneThatLacksMuch() {
        var bench = Bench.primary();
        for (int i = 0; i < 70; i++) {
            bench.tell(new Input.Propose(new byte[1]));
            bench.acknowledge(C, bench.durable.log().lastIndex().value());
        }
        assertThat(declined(bench, new Input.TransferPrimary(Optional.of(B)))).isEqualTo(Effect.Reason.NOT_CAUGHT_UP);
        bench.tell(new Input.Propose(new byte[1]));
        assertThat(bench.effects).last().isNotInstanceOf(Effect.Declined.class);
    }

    @Test
    void aHandOverTakesOneRoundIfTheTargetHasEverything() {
        var bench = Bench.primary();
        bench.tell(new Input.TransferPrimary(Optional.of(B)));
        assertThat(bench.last(PeerMessage.TransferNow.class, B)).isPresent();

        var target = Bench.follower(B);
        target.hear(A, new PeerMessage.TransferNow(term(1)));
        var request = target.last(PeerMessage.RequestVote.class, C).orElseThrow();
        var other = Bench.follower(C);
        other.hear(B, request);
        target.hear(C, other.last(PeerMessage.VoteReply.class, B).orElseThrow());
        assertThat(target.status().role()).isEqualTo(Status.Role.PRIMARY);
        // The old primary hears of it at once.
        assertThat(target.last(PeerMessage.Append.class, A)).isPresent();
    }

    @Test
    void aHandOverToANodeThatIsLostEndsAtOnce() {
        var bench = Bench.primary();
        bench.tell(new Input.TransferPrimary(Optional.of(B)));
        bench.tell(new Input.PeerUnreachable(B));
        assertThat(bench.wakesIn()).isLessThanOrEqualTo(0);
        bench.tell(new Input.WakeUp());
        assertThat(bench.last(PeerMessage.PreVote.class, C)).isPresent();
    }

    // ---- recovery by force --------------------------------------------------------------------------------------

    @Test
    void aSurvivorIsRecoveredByForceAsTheWholeGroup() {
        var bench = Bench.follower(C);
        bench.hear(A, append(1, 0, 0, 3));
        bench.tell(new Input.PeerUnreachable(A));
        bench.tell(new Input.PeerUnreachable(B));
        bench.tell(new Input.Recover(List.of(C)));
        bench.tell(new Input.WakeUp());
        assertThat(bench.status().role()).isEqualTo(Status.Role.PRIMARY);
        assertThat(bench.status().membership()).isEqualTo(Membership.ofVoters(C));
        // What it had, the forced membership, and the first entry of its new term.
        assertThat(bench.status().commitIndex()).isEqualTo(index(5));
        bench.restart(index(5), bench.durable.term(), Membership.ofVoters(C));
        assertThat(bench.status().membership()).isEqualTo(Membership.ofVoters(C));
    }

    @Test
    void twoSurvivorsAreRecoveredByForceByOneOfThem() {
        var five = Membership.ofVoters(A, B, C, D, new NodeId("e"));
        var bench = Bench.blank(A);
        bench.tell(new Input.Found(five));
        five.voters().stream().skip(2).forEach(node -> bench.tell(new Input.PeerUnreachable(node)));
        bench.tell(new Input.Recover(List.of(A, B)));
        bench.tell(new Input.WakeUp());

        var other = Bench.blank(B);
        other.tell(new Input.Found(five));
        other.hear(A, bench.last(PeerMessage.PreVote.class, B).orElseThrow());
        bench.hear(B, other.last(PeerMessage.PreVoteReply.class, A).orElseThrow());
        other.hear(A, bench.last(PeerMessage.RequestVote.class, B).orElseThrow());
        bench.hear(B, other.last(PeerMessage.VoteReply.class, A).orElseThrow());
        assertThat(bench.status().role()).isEqualTo(Status.Role.PRIMARY);
        other.hear(A, bench.last(PeerMessage.Append.class, B).orElseThrow());
        assertThat(other.durable.term()).isEqualTo(bench.durable.term());
    }

    @Test
    void nobodyIsRecoveredByForceWhileAMajorityCanBeReachedOrWithoutBeingASurvivor() {
        var bench = Bench.follower(C);
        assertThat(declined(bench, new Input.Recover(List.of(C)))).isEqualTo(Effect.Reason.QUORUM_REACHABLE);
        bench.tell(new Input.PeerUnreachable(A));
        bench.tell(new Input.PeerUnreachable(B));
        assertThat(declined(bench, new Input.Recover(List.of(B)))).isEqualTo(Effect.Reason.NOT_A_MEMBER);
        assertThat(declined(bench, new Input.Recover(List.of(C, D)))).isEqualTo(Effect.Reason.NOT_A_MEMBER);
        assertThat(declined(Bench.blank(C), new Input.Recover(List.of(C)))).isEqualTo(Effect.Reason.NOT_A_MEMBER);
    }

    @Test
    void oldMembersThatComeBackAfterARecoveryByForceAreNotHeard() {
        var bench = Bench.follower(C);
        bench.tell(new Input.PeerUnreachable(A));
        bench.tell(new Input.PeerUnreachable(B));
        bench.tell(new Input.Recover(List.of(C)));
        bench.tell(new Input.WakeUp());
        var before = bench.durable.term();
        bench.sent.clear();
        bench.tell(new Input.PeerReachable(A));
        bench.hear(A, append(1_000, 0, 0, 9));
        bench.hear(A, new PeerMessage.RequestVote(term(2_000), index(99), term(1_999), true));
        bench.hear(A, new PeerMessage.AppendReply(term(3_000), 0, false, index(1)));
        assertThat(bench.durable.term()).isEqualTo(before);
        assertThat(bench.status().role()).isEqualTo(Status.Role.PRIMARY);
        // Told of the new era, they could stand for election in it.
        assertThat(bench.sent).isEmpty();
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

    private static Effect.Reason declined(Bench bench, Input input) {
        bench.tell(input);
        return ((Effect.Declined) bench.effects.get(bench.effects.size() - 1)).reason();
    }
}
