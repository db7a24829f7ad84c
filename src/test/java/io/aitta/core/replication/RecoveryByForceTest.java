package io.aitta.core.replication;

import static io.aitta.core.replication.Bench.A;
import static io.aitta.core.replication.Bench.B;
import static io.aitta.core.replication.Bench.C;
import static io.aitta.core.replication.Bench.D;
import static io.aitta.core.replication.Bench.append;
import static io.aitta.core.replication.Bench.index;
import static io.aitta.core.replication.Bench.term;
import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of those who were given up when their group was recovered by force, once they are given it again. */
class RecoveryByForceTest {
    private static final NodeId E = new NodeId("e");

    /** Was primary of term 1, and has committed what C never heard of. */
    private final Bench givenUp = Bench.primary();
    /** The whole group now. */
    private final Bench survivor = Bench.follower(C);

    @BeforeEach
    void theGroupIsRecoveredWithoutSomeOfWhatItHadCommitted() {
        for (long last = 2; last <= 9; last++) {
            givenUp.tell(new Input.Propose(new byte[] {1}));
            givenUp.acknowledge(B, last);
        }
        assertThat(givenUp.status().commitIndex()).isEqualTo(index(9));
        survivor.hear(A, append(1, 0, 0, 3));
        survivor.tell(new Input.PeerUnreachable(A));
        survivor.tell(new Input.PeerUnreachable(B));
        survivor.tell(new Input.Recover(List.of(C)));
        survivor.tell(new Input.WakeUp());
        assertThat(survivor.status().commitIndex()).isEqualTo(index(5));
    }

    /** @return how many messages there were until there were no more */
    private int giveAgain() {
        survivor.tell(new Input.PeerReachable(A));
        survivor.sent.clear();
        givenUp.sent.clear();
        givenUp.effects.clear();
        survivor.tell(new Input.ChangeMembership(new Input.Change.AddLearner(A)));
        return talk();
    }

    /** Delivers what the two say to each other, in no time. */
    private int talk() {
        return Bench.talk(Map.of(A, givenUp, C, survivor), 100);
    }

    private void copyTheSurvivorsStore() {
        assertThat(givenUp.effects).last().isEqualTo(new Effect.FetchSnapshot(C));
        var log = survivor.durable.log();
        var upTo = survivor.status().commitIndex();
        givenUp.tell(new Input.SnapshotReady(upTo, log.termAt(upTo), log.membershipAt(upTo)));
        talk();
    }

    @Test
    void whoComesBackWithWhatWasLostTakesAWholeCopyAndDoesNotArgue() {
        assertThat(giveAgain()).isLessThan(12);
        assertThat(survivor.core.lagOf(A)).isEmpty();
        copyTheSurvivorsStore();
        assertThat(givenUp.status().commitIndex()).isEqualTo(index(6));
        assertThat(givenUp.durable.log().lastTerm())
                .isEqualTo(survivor.durable.log().lastTerm());

        survivor.tell(new Input.ChangeMembership(new Input.Change.Promote(A)));
        survivor.tell(new Input.Propose(new byte[] {2}));
        talk();
        assertThat(survivor.status().commitIndex()).isEqualTo(index(8));
        assertThat(givenUp.status().membership()).isEqualTo(Membership.ofVoters(C, A));
    }

    @Test
    void soDoesOneThatKeepsNothingOfItsLogBelowWhatWasLost() {
        givenUp.tell(new Input.StoreForced(index(9), term(1)));
        givenUp.persisted.add(new BinlogEvent.CheckpointTaken(index(9), term(1), index(10)));
        givenUp.restart(index(9), term(1), Bench.ABC);
        assertThat(givenUp.durable.log().base()).isEqualTo(index(9));
        assertThat(giveAgain()).isLessThan(12);
        copyTheSurvivorsStore();
        assertThat(givenUp.status().commitIndex()).isEqualTo(index(6));
        assertThat(givenUp.durable.checkpoint()).isEqualTo(index(6));
        givenUp.restart(index(6), givenUp.durable.log().lastTerm(), givenUp.durable.membership());
        assertThat(givenUp.status().commitIndex()).isEqualTo(index(6));
    }

    @Test
    void whatWasForcedOfTheStoreBeforeTheCopyTookItsPlaceSaysNothingOfTheCopy() {
        giveAgain();
        copyTheSurvivorsStore();
        for (int i = 0; i < 4; i++) {
            survivor.tell(new Input.Propose(new byte[] {2}));
        }
        talk();
        assertThat(givenUp.status().commitIndex()).isGreaterThanOrEqualTo(index(9));
        givenUp.tell(new Input.StoreForced(index(9), term(1)));
        assertThat(givenUp.durable.checkpoint()).isEqualTo(index(6));
        givenUp.tell(new Input.StoreForced(index(9), givenUp.durable.log().termAt(index(9))));
        assertThat(givenUp.durable.checkpoint()).isEqualTo(index(9));
    }

    @Test
    void whoCrashedWhenTheCopyHadJustTakenThePlaceOfMoreGoesOnWithTheCopy() {
        givenUp.persisted.add(new BinlogEvent.CheckpointTaken(index(9), term(1), index(10)));
        var membership = Membership.ofVoters(C).withLearner(A);
        givenUp.restart(index(6), survivor.durable.term(), membership);
        assertThat(givenUp.status().commitIndex()).isEqualTo(index(6));
        assertThat(givenUp.status().membership()).isEqualTo(membership);
    }

    @Test
    void nothingThatWasNotCommittedInTheNewEraIsAppliedAfterTheCopy() {
        giveAgain();
        copyTheSurvivorsStore();
        int applied = givenUp.applied.size();
        var last = survivor.durable.log();
        givenUp.hear(
                C,
                new PeerMessage.Append(
                        survivor.durable.term(),
                        0,
                        index(6),
                        last.lastTerm(),
                        List.of(
                                new Entry(index(7), last.lastTerm(), Command.NOOP),
                                new Entry(index(8), last.lastTerm(), Command.NOOP)),
                        index(6)));
        assertThat(givenUp.applied).hasSize(applied);
    }

    @Test
    void anOfferIsNoReasonToCountWhatWasLostAsHeld() {
        var era = survivor.durable.term();
        givenUp.hear(C, new PeerMessage.SnapshotOffer(era, 0, index(6)));
        assertThat(givenUp.last(PeerMessage.AppendReply.class, C))
                .contains(new PeerMessage.AppendReply(era, 0, false, LogIndex.ZERO));
        assertThat(givenUp.effects).last().isEqualTo(new Effect.FetchSnapshot(C));
    }

    @Test
    void aSurvivorThatHasMoreThanTheOneThatLeadsDoesNotHoldItUp() {
        var five = Membership.ofVoters(A, B, C, D, E);
        var leads = Bench.blank(A);
        leads.tell(new Input.Found(five));
        leads.hear(C, append(1, 0, 0, 2));
        leads.hear(C, new PeerMessage.Append(term(1), 0, index(2), term(1), List.of(), index(2)));
        var more = Bench.blank(B);
        more.tell(new Input.Found(five));
        more.hear(C, append(1, 0, 0, 8));
        more.hear(C, new PeerMessage.Append(term(1), 0, index(8), term(1), List.of(), index(8)));
        more.pass(5_000);
        for (var lost : List.of(C, D, E)) {
            leads.tell(new Input.PeerUnreachable(lost));
            more.tell(new Input.PeerUnreachable(lost));
        }
        leads.tell(new Input.Recover(List.of(A, B)));
        leads.tell(new Input.WakeUp());
        Bench.talk(Map.of(A, leads, B, more), 100);
        // Nothing of the new era can be committed without it, so the copy has nothing of it.
        assertThat(more.effects).last().isEqualTo(new Effect.FetchSnapshot(A));
        more.tell(new Input.SnapshotReady(index(2), term(1), five));
        Bench.talk(Map.of(A, leads, B, more), 100);
        assertThat(leads.status().commitIndex()).isEqualTo(index(4));
        assertThat(more.durable.log().lastTerm()).isEqualTo(leads.durable.log().lastTerm());
    }

    @Test
    void thoseWhoWereGivenUpElectNobodyInTheNewEra() {
        giveAgain();
        assertThat(givenUp.durable.term()).isEqualTo(survivor.durable.term());
        givenUp.sent.clear();
        givenUp.tell(new Input.PeerUnreachable(C));
        givenUp.pass(10_000);
        givenUp.tell(new Input.WakeUp());
        assertThat(givenUp.sent).isEmpty();

        var other = Bench.follower(B);
        other.pass(10_000);
        other.hear(A, new PeerMessage.PreVote(survivor.durable.term(), index(9), term(1)));
        other.hear(A, new PeerMessage.RequestVote(survivor.durable.term().next(), index(9), term(1), false));
        assertThat(other.last(PeerMessage.PreVoteReply.class, A).orElseThrow().granted())
                .isFalse();
        assertThat(other.last(PeerMessage.VoteReply.class, A).orElseThrow().granted())
                .isFalse();
    }

    @Test
    void anotherSurvivorGoesOnWithWhatItHasIfTheLogsAgree() {
        var five = Membership.ofVoters(A, B, C, D, E);
        var first = Bench.blank(A);
        first.tell(new Input.Found(five));
        first.hear(C, append(1, 0, 0, 8));
        var second = Bench.blank(B);
        second.tell(new Input.Found(five));
        second.hear(C, append(1, 0, 0, 8));
        second.hear(C, new PeerMessage.Append(term(1), 0, index(8), term(1), List.of(), index(8)));
        second.tell(new Input.StoreForced(index(8), term(1)));
        second.persisted.add(new BinlogEvent.CheckpointTaken(index(8), term(1), index(9)));
        second.restart(index(8), term(1), five);
        second.pass(5_000);
        for (var lost : List.of(C, D, E)) {
            first.tell(new Input.PeerUnreachable(lost));
            second.tell(new Input.PeerUnreachable(lost));
        }
        first.tell(new Input.Recover(List.of(A, B)));
        first.tell(new Input.WakeUp());
        Bench.talk(Map.of(A, first, B, second), 100);
        assertThat(first.status().commitIndex()).isEqualTo(index(10));
        assertThat(second.effects).noneMatch(Effect.FetchSnapshot.class::isInstance);
        assertThat(second.durable.log().lastIndex()).isEqualTo(index(10));
    }
}
