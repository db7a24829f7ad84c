package io.aitta.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.Conductor;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.KnownCluster;
import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.PartitionReport;
import io.aitta.core.topology.StepOrder;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.TableOptions;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand;
import io.aitta.core.topology.TopologyCommand.TableDefaults;
import io.aitta.orchestrator.FakeMeta.Fate;
import io.aitta.orchestrator.NodeStates.NodeState;
import io.aitta.orchestrator.OrchestratorMessage.CreateTable;
import io.aitta.orchestrator.OrchestratorMessage.DropTable;
import io.aitta.orchestrator.OrchestratorMessage.Hello;
import io.aitta.orchestrator.OrchestratorMessage.Report;
import io.aitta.orchestrator.OrchestratorMessage.ReportPrimaries;
import io.aitta.orchestrator.OrchestratorReply.Done;
import io.aitta.orchestrator.OrchestratorReply.Refused;
import io.aitta.orchestrator.OrchestratorReply.Unknown;
import io.aitta.orchestrator.RegistrarMessage.Rejected;
import io.aitta.orchestrator.RegistrarMessage.Welcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class OrchestratorTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final int LONG = 20_000;
    private static final Conductor.Actions IDLE =
            new Conductor.Actions(List.of(), List.of(), Set.of(), 0, Long.MAX_VALUE);

    private final FakeMeta meta = new FakeMeta();
    private final FakeStates states = new FakeStates();
    private final TestProbe<RegistrarMessage> registrar = KIT.createTestProbe();
    private final TestProbe<OrchestratorReply> asker = KIT.createTestProbe();
    private final FakeStewards stewards = new FakeStewards();
    private ConductorLoop.Conducting conducting = (topology, nodes, reports, now, wall) -> IDLE;
    private int expectNodes = 1;
    private int maxQueued = 100;

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    // ---- bootstrap

    @Test
    void aClusterIsFoundedOnlyWhenAllExpectedNodesAreThere() {
        expectNodes = 3;
        var orchestrator = start();
        come(orchestrator, "n1");
        come(orchestrator, "n2");
        registrar.expectNoMessage(Duration.ofMillis(300));
        come(orchestrator, "n3");
        KnownCluster cluster = welcome();
        assertThat(cluster.metaMembers()).hasSize(3);
        Topology topology = awaitEpoch(1);
        assertThat(topology.clusterId()).isEqualTo(cluster.clusterId());
        assertThat(topology.nodes()).hasSize(3);
        assertThat(topology.partition(PartitionId.META).orElseThrow().voters()).isEqualTo(cluster.metaMembers());
        assertThat(topology.table("default").orElseThrow().replicas()).isEqualTo(3);
    }

    @Test
    void aSingleNodeIsAClusterAndANodeThatComesLaterIsUsedForNewTables() {
        var orchestrator = start();
        come(orchestrator, "n1");
        KnownCluster cluster = welcome();
        awaitEpoch(1);
        come(orchestrator, "n2");
        nextWelcomeOf(cluster);
        assertThat(awaitEpoch(2).node(new NodeId("n2"))).isPresent();
        orchestrator.tell(create("wide", 2, OptionalInt.empty(), 200));
        assertThat(asker.expectMessageClass(Done.class)).isEqualTo(new Done(3, 2));
        assertThat(current().partitionsOn(new NodeId("n2"))).hasSize(2);
    }

    @Test
    void theNextOrchestratorKeepsEverything() {
        var first = start();
        come(first, "n1");
        KnownCluster cluster = welcome();
        first.tell(create("users", 4, OptionalInt.of(1), 200));
        assertThat(asker.expectMessageClass(Done.class).epoch()).isEqualTo(2);
        Topology before = current();
        KIT.stop(first);

        var second = start();
        come(second, "n1", cluster);
        nextWelcomeOf(cluster);
        assertThat(current()).isEqualTo(before);
        second.tell(drop("users", LONG));
        assertThat(asker.expectMessageClass(Done.class)).isEqualTo(new Done(3, 0));
    }

    @Test
    void longHistoriesAreReadFromTheLastSnapshotAndAnyPastEpochIsThere() throws Exception {
        var first = start();
        come(first, "n1");
        KnownCluster cluster = welcome();
        while (current().epoch().value() < 70) {
            first.tell(create("t", 1, OptionalInt.of(1), LONG));
            var created = awaitTable("t");
            report(first, created.partition(0), 1, "n1");
            asker.expectMessageClass(Done.class, Duration.ofSeconds(5));
            first.tell(drop("t", LONG));
            asker.expectMessageClass(Done.class, Duration.ofSeconds(5));
        }
        Topology last = current();
        assertThat(last.epoch().value()).isGreaterThan(64);
        KIT.stop(first);
        come(start(), "n1", cluster);
        nextWelcomeOf(cluster);
        assertThat(current()).isEqualTo(last);
        assertThat(at(1).table("t")).isEmpty();
        assertThat(at(2).table("t")).isPresent();
        assertThat(at(64).epoch()).isEqualTo(new Epoch(64));
        assertThat(at(0)).isEqualTo(Topology.EMPTY);
        assertThat(store().loadAt(new Epoch(10_000)).toCompletableFuture().get(5, TimeUnit.SECONDS))
                .isInstanceOf(MetaStore.Loaded.Absent.class);
    }

    @Test
    void aNodeOfAnotherClusterIsRejectedWithASentenceThatNamesBoth() {
        var orchestrator = start();
        come(orchestrator, "n1");
        KnownCluster cluster = welcome();
        var other = new KnownCluster("other", List.of(new KnownCluster.MetaMember(new NodeId("n9"), "i")));
        come(orchestrator, "n2", other);
        Rejected rejected = rejection();
        assertThat(rejected.reason()).isEqualTo("OTHER_CLUSTER");
        assertThat(rejected.message())
                .contains("other")
                .contains(cluster.clusterId())
                .contains("n2");
    }

    @Test
    void ofTwoClustersThatComeTogetherTheLargerStays() {
        var first = start();
        come(first, "n1");
        KnownCluster cluster = welcome();
        awaitEpoch(1);
        come(first, "n2");
        nextWelcomeOf(cluster);
        KIT.stop(first);
        var other = new KnownCluster("other", List.of(new KnownCluster.MetaMember(new NodeId("n3"), "i-n3")));
        var stray = KIT.<RegistrarMessage>createTestProbe();
        states.with("n3", NodeState.UP);
        var second = start();
        second.tell(new Hello(node("n3"), FakeStates.addressOf("n3"), Optional.of(other), stray.getRef()));
        come(second, "n1", cluster);
        come(second, "n2", cluster);
        assertThat(stray.expectMessageClass(Rejected.class).reason()).isEqualTo("OTHER_CLUSTER");
        assertThat(current().clusterId()).isEqualTo(cluster.clusterId());
    }

    @Test
    void anIdWithAnotherDataDirectoryIsRejected() {
        var orchestrator = start();
        come(orchestrator, "n1");
        KnownCluster cluster = welcome();
        awaitEpoch(1);
        come(orchestrator, "n2");
        nextWelcomeOf(cluster);
        awaitEpoch(2);
        for (String id : List.of("n1", "n2")) {
            var wiped = NodeInfo.told(new NodeId(id), "fresh", "h", 1, 2, 3, "z", 1);
            orchestrator.tell(new Hello(wiped, FakeStates.addressOf(id), Optional.empty(), registrar.getRef()));
            assertThat(rejection().reason()).isEqualTo("NODE_ID_IN_USE");
        }
        assertThat(current().epoch()).isEqualTo(new Epoch(2));
    }

    @Test
    void theSameDataDirectoryRunningTwiceIsRejectedForTheYounger() {
        var orchestrator = start();
        come(orchestrator, "n1");
        KnownCluster cluster = welcome();
        states.with("n1", "pekko://aitta@elsewhere:9999", NodeState.UP);
        awaitRejection(() -> orchestrator.tell(
                new Hello(node("n1"), "pekko://aitta@elsewhere:9999", Optional.of(cluster), registrar.getRef())));
        come(orchestrator, "n1", cluster);
        nextWelcomeOf(cluster);
    }

    @Test
    void aNodeThatMovedIsTakenOnceItsOldProcessIsGone() {
        var orchestrator = start();
        come(orchestrator, "n1");
        KnownCluster cluster = welcome();
        awaitEpoch(1);
        states.with("n1", NodeState.UNREACHABLE).with("n1", "pekko://aitta@elsewhere:9999", NodeState.UP);
        var moved = NodeInfo.told(new NodeId("n1"), "i-n1", "elsewhere", 1, 2, 3, "z", 1);
        orchestrator.tell(new Hello(moved, "pekko://aitta@elsewhere:9999", Optional.of(cluster), registrar.getRef()));
        nextWelcomeOf(cluster);
        assertThat(awaitEpoch(2).node(new NodeId("n1")).orElseThrow().host()).isEqualTo("elsewhere");
    }

    @Test
    void itWaitsUntilMetaAnswers() {
        meta.setDown(true);
        var orchestrator = start();
        come(orchestrator, "n1");
        welcome();
        orchestrator.tell(create("t", 1, OptionalInt.of(1), 300));
        Refused refused = asker.expectMessageClass(Refused.class);
        assertThat(refused.reason()).isEqualTo("DEADLINE_EXCEEDED");
        assertThat(refused.message()).contains("_meta");
        meta.setDown(false);
        awaitEpoch(1);
        assertThat(current().table("t")).isEmpty();
    }

    @Test
    void aFoundingThatWasCutShortIsFinishedByTheNext() {
        expectNodes = 2;
        meta.setDown(true);
        var first = start();
        come(first, "n1");
        come(first, "n2");
        KnownCluster cluster = welcome();
        KIT.stop(first);
        meta.setDown(false);
        var second = start();
        come(second, "n1", cluster);
        come(second, "n2");
        Topology topology = awaitEpoch(1);
        assertThat(topology.clusterId()).isEqualTo(cluster.clusterId());
        assertThat(topology.nodes()).hasSize(2);
    }

    // ---- changes

    @Test
    void aCreatedTableIsAnsweredWhenAllItsPartitionsHaveAPrimary() {
        var orchestrator = founded();
        orchestrator.tell(create("t", 3, OptionalInt.of(1), LONG));
        Topology topology = awaitEpoch(2);
        for (int partition = 0; partition < 2; partition++) {
            report(orchestrator, topology.table("t").orElseThrow().partition(partition), 1, "n1");
        }
        asker.expectNoMessage(Duration.ofMillis(300));
        report(orchestrator, topology.table("t").orElseThrow().partition(2), 1, "n1");
        assertThat(asker.expectMessageClass(Done.class)).isEqualTo(new Done(2, 0));
    }

    @Test
    void aCreatedTableIsAnsweredAtTheLatestWhenTheTimeIsUp() {
        var orchestrator = founded();
        orchestrator.tell(create("t", 3, OptionalInt.of(1), 300));
        assertThat(asker.expectMessageClass(Done.class)).isEqualTo(new Done(2, 3));
    }

    @Test
    void refusalsRaiseNoEpoch() {
        var orchestrator = founded();
        orchestrator.tell(create("default", 3, OptionalInt.of(1), LONG));
        assertThat(asker.expectMessageClass(Refused.class).reason()).isEqualTo("TABLE_EXISTS");
        orchestrator.tell(create("t", 3, OptionalInt.of(2), LONG));
        assertThat(asker.expectMessageClass(Refused.class).reason()).isEqualTo("NOT_ENOUGH_NODES");
        orchestrator.tell(drop("_meta", LONG));
        assertThat(asker.expectMessageClass(Refused.class).reason()).isEqualTo("TABLE_PROTECTED");
        assertThat(current().epoch()).isEqualTo(new Epoch(1));
    }

    @Test
    void reportsThatComeTogetherAreOneEpochAndKnownOnesNone() {
        var orchestrator = founded();
        var table = current().table("default").orElseThrow();
        for (int partition = 0; partition < table.partitions(); partition++) {
            report(orchestrator, table.partition(partition), 1, "n1");
        }
        Topology topology = awaitEpoch(2);
        assertThat(topology.partitionsOf("default"))
                .allMatch(partition -> partition.primary().isPresent());
        report(orchestrator, table.partition(0), 1, "n1");
        orchestrator.tell(drop("default", LONG));
        assertThat(asker.expectMessageClass(Done.class)).isEqualTo(new Done(3, 0));
    }

    @Test
    void whatDoesNotFitIntoTheQueueIsRefusedAtOnce() {
        maxQueued = 2;
        var orchestrator = founded();
        meta.nextWrites(Fate.HELD);
        for (int i = 0; i < 4; i++) {
            orchestrator.tell(create("t" + i, 1, OptionalInt.of(1), LONG));
        }
        assertThat(asker.expectMessageClass(Refused.class).reason()).isEqualTo("OVERLOADED");
        asker.expectNoMessage(Duration.ofMillis(100));
        meta.arriveLate();
        assertThat(awaitEpoch(4).table("t3")).isEmpty();
    }

    // ---- unknown outcomes

    @Test
    void anUnknownWriteThatHappenedIsFoundAndNotMadeTwice() {
        var orchestrator = founded();
        meta.nextWrites(Fate.UNKNOWN_BUT_APPLIED);
        orchestrator.tell(drop("default", LONG));
        assertThat(asker.expectMessageClass(Done.class)).isEqualTo(new Done(2, 0));
        assertThat(stored().epoch()).isEqualTo(new Epoch(2));
    }

    @Test
    void anUnknownWriteThatWasLostIsMadeAgain() {
        var orchestrator = founded();
        meta.nextWrites(Fate.UNKNOWN_AND_LOST, Fate.UNKNOWN_AND_LOST);
        orchestrator.tell(drop("default", LONG));
        assertThat(asker.expectMessageClass(Done.class)).isEqualTo(new Done(2, 0));
    }

    @Test
    void anUnknownWriteThatArrivesLateTakesEffectOnce() {
        var orchestrator = founded();
        meta.nextWrites(Fate.UNKNOWN_AND_LATE, Fate.UNKNOWN_AND_LATE);
        orchestrator.tell(drop("default", LONG));
        assertThat(asker.expectMessageClass(Done.class)).isEqualTo(new Done(2, 0));
        meta.arriveLate();
        assertThat(stored().epoch()).isEqualTo(new Epoch(2));
        orchestrator.tell(create("t", 1, OptionalInt.of(1), 200));
        assertThat(asker.expectMessageClass(Done.class)).isEqualTo(new Done(3, 1));
    }

    @Test
    void whatIsNotSettledByTheDeadlineIsAnsweredUnknownAndSettledLater() {
        var orchestrator = founded();
        meta.nextWrites(Fate.HELD);
        orchestrator.tell(drop("default", 200));
        asker.expectMessageClass(Unknown.class);
        meta.arriveLate();
        awaitEpoch(2);
        assertThat(current().table("default")).isEmpty();
        asker.expectNoMessage(Duration.ofMillis(100));
    }

    @Test
    void whatWasRefusedByMetaIsTriedAgainAndThenRefusedWithItsReason() {
        var orchestrator = founded();
        meta.nextWrites(Fate.REFUSED, Fate.REFUSED);
        orchestrator.tell(drop("default", LONG));
        assertThat(asker.expectMessageClass(Done.class)).isEqualTo(new Done(2, 0));
        meta.setDown(true);
        orchestrator.tell(create("t", 1, OptionalInt.of(1), 300));
        assertThat(asker.expectMessageClass(Refused.class).reason()).isEqualTo("NO_QUORUM");
        meta.setDown(false);
        assertThat(stored().epoch()).isEqualTo(new Epoch(2));
    }

    // ---- two orchestrators

    @Test
    void anOrchestratorThatIsBehindCanChangeNothingUntilItHasCaughtUp() {
        var stale = founded();
        KnownCluster cluster = cluster();
        var fresh = start();
        come(fresh, "n1", cluster);
        nextWelcomeOf(cluster);
        fresh.tell(create("mine", 1, OptionalInt.of(1), 200));
        assertThat(asker.expectMessageClass(Done.class).epoch()).isEqualTo(2);

        stale.tell(create("mine", 9, OptionalInt.of(1), LONG));
        assertThat(asker.expectMessageClass(Refused.class).reason()).isEqualTo("TABLE_EXISTS");
        stale.tell(create("other", 1, OptionalInt.of(1), 200));
        assertThat(asker.expectMessageClass(Done.class).epoch()).isEqualTo(3);
        assertThat(stored().table("mine").orElseThrow().partitions()).isEqualTo(1);
        assertThat(stored().table("other")).isPresent();
    }

    @Test
    void anOrchestratorReplacedInTheMiddleOfAWriteLosesOrWinsAsAWhole() {
        var stale = founded();
        KnownCluster cluster = cluster();
        meta.nextWrites(Fate.HELD);
        stale.tell(create("late", 5, OptionalInt.of(1), LONG));
        registrar.awaitAssert(() -> {
            assertThat(meta.heldOrLate()).isEqualTo(1);
            return null;
        });
        var fresh = start();
        come(fresh, "n1", cluster);
        nextWelcomeOf(cluster);
        fresh.tell(drop("default", LONG));
        assertThat(asker.expectMessageClass(Done.class)).isEqualTo(new Done(2, 0));
        KIT.stop(stale);
        meta.arriveLate();
        assertThat(stored().epoch())
                .as("the write of the stopped one found another head")
                .isEqualTo(new Epoch(2));
        assertThat(stored().table("late")).isEmpty();
        assertThat(stored().table("default")).isEmpty();
    }

    // ---- one request, many tellings

    @Test
    void aRequestIsDoneOnceWhereverItsOrchestratorDies() {
        for (Death death : Death.values()) {
            var fresh = new OrchestratorTest();
            fresh.isDoneOnce(death);
        }
    }

    /** When the first orchestrator dies, and what becomes of the write it had under way. */
    private enum Death {
        BEFORE_IT_IS_ASKED,
        BEFORE_THE_WRITE_ARRIVES,
        /** The write arrives when the next one has loaded the topology without it. */
        WHILE_THE_WRITE_IS_LATE,
        AND_THE_WRITE_WITH_IT,
        BEFORE_IT_ANSWERS
    }

    private void isDoneOnce(Death death) {
        var first = founded();
        KnownCluster cluster = cluster();
        var request = new DropTable("default", asking(LONG));
        if (death != Death.BEFORE_IT_IS_ASKED) {
            meta.nextWrites(
                    death == Death.AND_THE_WRITE_WITH_IT
                            ? Fate.UNKNOWN_AND_LOST
                            : death == Death.BEFORE_IT_ANSWERS ? Fate.APPLIED_UNANSWERED : Fate.HELD);
            first.tell(request);
            registrar.awaitAssert(() -> {
                assertThat(meta.writes()).isGreaterThan(1);
                return null;
            });
        }
        KIT.stop(first);
        if (death == Death.BEFORE_THE_WRITE_ARRIVES) {
            meta.arriveLate();
        }
        var second = start();
        come(second, "n1", cluster);
        nextWelcomeOf(cluster);
        meta.arriveLate();
        for (int i = 0; i < 3; i++) {
            second.tell(again(request));
            assertThat(asker.expectMessageClass(Done.class, Duration.ofSeconds(5)))
                    .as("%s", death)
                    .isEqualTo(new Done(2, 0));
        }
        assertThat(stored().epoch()).as("%s", death).isEqualTo(new Epoch(2));
        KIT.stop(second);
    }

    @Test
    void aRequestThatIsRepeatedWhileItIsUnderWayIsDoneOnce() {
        var orchestrator = founded();
        meta.nextWrites(Fate.HELD);
        var request = new CreateTable("t", OptionalInt.of(1), OptionalInt.of(1), TableOptions.DEFAULT, asking(LONG));
        var behind = drop("default", LONG);
        orchestrator.tell(request);
        orchestrator.tell(behind);
        orchestrator.tell(again(behind));
        orchestrator.tell(new CreateTable(
                "t", OptionalInt.of(1), OptionalInt.of(1), TableOptions.DEFAULT, repeated(request.asking())));
        registrar.awaitAssert(() -> {
            assertThat(meta.heldOrLate()).isEqualTo(1);
            return null;
        });
        meta.arriveLate();
        report(orchestrator, awaitTable("t").partition(0), 1, "n1");
        assertThat(List.of(asker.expectMessageClass(Done.class), asker.expectMessageClass(Done.class)))
                .containsExactlyInAnyOrder(new Done(2, 0), new Done(3, 0));
        asker.expectNoMessage(Duration.ofMillis(200));
    }

    @Test
    void whatANewOrchestratorWouldRefuseAnEarlierOneMayHaveDone() {
        var orchestrator = founded();
        orchestrator.tell(again(drop("absent", LONG)));
        asker.expectMessageClass(Unknown.class);
        orchestrator.tell(drop("default", LONG));
        asker.expectMessageClass(Done.class);
        orchestrator.tell(again(drop("absent", LONG)));
        assertThat(asker.expectMessageClass(Refused.class).reason())
                .as("an epoch of this one shuts out all that an earlier one began")
                .isEqualTo("TABLE_NOT_FOUND");
    }

    // ---- orders, nodes that go, and who holds _meta

    @Test
    void anOrderIsWrittenToTheTopologyAndRefusedWhereItMakesNoSense() {
        var orchestrator = founded();
        orchestrator.tell(order(new Order.SetNodeWeight(new NodeId("n1"), 7)));
        assertThat(asker.expectMessageClass(Done.class)).isEqualTo(new Done(2, 0));
        assertThat(current().node(new NodeId("n1")).orElseThrow().weight()).isEqualTo(7);
        orchestrator.tell(order(new Order.SetNodeWeight(new NodeId("n9"), 7)));
        assertThat(asker.expectMessageClass(Refused.class).reason()).isEqualTo("NODE_NOT_FOUND");
        orchestrator.tell(order(new Order.PreferPrimary("default", 99, new NodeId("n1"))));
        assertThat(asker.expectMessageClass(Refused.class).reason()).isEqualTo("PARTITION_NOT_FOUND");
        assertThat(current().epoch()).isEqualTo(new Epoch(2));
    }

    @Test
    void aRemovedNodeIsTurnedAway() {
        var orchestrator = founded();
        come(orchestrator, "n2");
        nextWelcomeOf(cluster());
        awaitEpoch(2);
        states.without(FakeStates.addressOf("n2"));
        orchestrator.tell(order(new Order.RemoveNode(new NodeId("n2"), false)));
        asker.expectMessageClass(Done.class);
        assertThat(current().node(new NodeId("n2"))).isEmpty();
        come(orchestrator, "n2", cluster());
        assertThat(rejection().reason()).isEqualTo("NODE_REMOVED");
    }

    @Test
    void itTakesTheWordOfWhoeverKnowsBestWhoHoldsMeta() {
        var first = founded();
        KnownCluster stale = cluster();
        KIT.stop(first);
        meta.setDown(true);
        var second = start();
        come(second, "n1", stale);
        var moved = new KnownCluster(
                stale.clusterId(), new Epoch(9), List.of(new KnownCluster.MetaMember(new NodeId("n2"), "i-n2", false)));
        come(second, "n2", moved);
        registrar.fishForMessage(
                Duration.ofSeconds(5),
                message -> message.equals(new Welcome(moved))
                        ? FishingOutcomes.complete()
                        : FishingOutcomes.continueAndIgnore());
        assertThat(welcome()).as("both are told").isEqualTo(moved);
    }

    // ---- the conductor

    @Test
    void whatTheConductorDecidesIsOrderedAndWrittenAndItSeesWhatComesOfIt() {
        var told = new StepOrder.AddLearner(PartitionId.META, new NodeId("n1"), new Term(3), new NodeId("n2"));
        var seen = new CopyOnWriteArrayList<PartitionReport>();
        conducting = (topology, nodes, reports, now, wall) -> {
            seen.addAll(reports.values());
            List<TopologyCommand> writes = topology.epoch().value() > 1
                    ? List.of()
                    : List.of(
                            new TopologyCommand.SetNodeWeight(new NodeId("n1"), 5),
                            new TopologyCommand.SetNodeWeight(new NodeId("n9"), 5),
                            new TopologyCommand.SetNodeZone(new NodeId("n1"), "cellar"));
            return new Conductor.Actions(
                    writes, reports.isEmpty() ? List.of(told) : List.of(), Set.of(PartitionId.META), 4, Long.MAX_VALUE);
        };
        stewards.reports(metaReport());
        var orchestrator = founded();
        Topology topology = awaitEpoch(2);
        var node = topology.node(new NodeId("n1")).orElseThrow();
        assertThat(node.weight()).isEqualTo(5);
        assertThat(node.zone()).as("in the same epoch").isEqualTo("cellar");
        registrar.awaitAssert(() -> {
            assertThat(seen).contains(metaReport());
            return null;
        });
        assertThat(stewards.performed).containsOnly(told);
        orchestrator.tell(new OrchestratorMessage.AskStatus(asker.getRef()));
        assertThat(asker.expectMessageClass(OrchestratorReply.Status.class).movesPlanned())
                .hasValue(4);
    }

    @Test
    void aNodeIsAskedOneThingAtATimeAndNothingWhenThereIsNothingToWatch() {
        var decisions = new AtomicInteger();
        var watch = new AtomicReference<>(Set.of(PartitionId.META));
        conducting = (topology, nodes, reports, now, wall) -> {
            decisions.incrementAndGet();
            return new Conductor.Actions(List.of(), List.of(), watch.get(), 0, Long.MAX_VALUE);
        };
        var held = stewards.hold(new NodeId("n1"));
        var orchestrator = founded();
        registrar.awaitAssert(() -> {
            assertThat(stewards.asked).hasSize(1);
            return null;
        });
        orchestrator.tell(new OrchestratorMessage.NodesChanged());
        asker.expectNoMessage(Duration.ofMillis(400));
        assertThat(stewards.asked).as("while it has not answered").hasSize(1);
        held.complete(List.of(metaReport()));
        registrar.awaitAssert(() -> {
            assertThat(stewards.asked).hasSizeGreaterThan(3);
            return null;
        });
        watch.set(Set.of());
        orchestrator.tell(new OrchestratorMessage.NodesChanged());
        registrar.awaitAssert(() -> {
            int before = decisions.get();
            asker.expectNoMessage(Duration.ofMillis(300));
            assertThat(decisions.get()).isEqualTo(before);
            return null;
        });
    }

    @Test
    void ordersGoOnWhileAChangeWaitsForMeta() {
        var told = new StepOrder.Transfer(PartitionId.META, new NodeId("n1"), new Term(3), new NodeId("n2"));
        conducting = (topology, nodes, reports, now, wall) -> new Conductor.Actions(
                List.of(new TopologyCommand.PauseBalancing(true)),
                topology.moves().balancingPaused() || reports.isEmpty() ? List.of() : List.of(told),
                Set.of(PartitionId.META),
                0,
                Long.MAX_VALUE);
        stewards.reports(metaReport());
        var orchestrator = start();
        // The founding, and then what the conductor writes.
        meta.nextWrites(Fate.APPLIED, Fate.HELD);
        come(orchestrator, "n1");
        welcome();
        registrar.awaitAssert(() -> {
            assertThat(meta.heldOrLate()).isEqualTo(1);
            assertThat(stewards.performed).contains(told);
            return null;
        });
        meta.arriveLate();
        assertThat(awaitEpoch(2).moves().balancingPaused()).isTrue();
    }

    @Test
    void aConductorThatFailsIsCalledAgain() {
        var failures = new AtomicInteger();
        conducting = (topology, nodes, reports, now, wall) -> {
            if (failures.incrementAndGet() < 2) {
                throw new IllegalStateException("planted");
            }
            return new Conductor.Actions(
                    List.of(new TopologyCommand.PauseBalancing(true)), List.of(), Set.of(), 0, Long.MAX_VALUE);
        };
        founded();
        assertThat(awaitEpoch(2).moves().balancingPaused()).isTrue();
    }

    @Test
    void metaOfAClusterThatOneNodeFoundedIsKeptByThreeWhenThreeAreThere() {
        conducting = new Conductor(new Conductor.Settings(8, 2, 4, 1L << 50, 1, 1L << 50, 1L << 50, true))::decide;
        stewards.follow(metaReport());
        var orchestrator = founded();
        orchestrator.tell(drop("default", LONG));
        asker.expectMessageClass(Done.class);
        report(orchestrator, PartitionId.META, 3, "n1");
        come(orchestrator, "n2");
        awaitEpoch(4);
        asker.expectNoMessage(Duration.ofMillis(500));
        assertThat(meta().replicas()).as("two would be worse than one").hasSize(1);
        come(orchestrator, "n3");
        registrar.awaitAssert(Duration.ofSeconds(20), () -> {
            assertThat(meta().voters())
                    .as("with the moves %s after the orders %s", current().moves(), stewards.performed)
                    .containsExactlyInAnyOrder(new NodeId("n1"), new NodeId("n2"), new NodeId("n3"));
            assertThat(current().moves().underWay().stream()
                            .filter(move -> move.partition().equals(PartitionId.META)))
                    .isEmpty();
            return null;
        });
        assertThat(KnownCluster.of(current()).founders()).containsExactly(new NodeId("n1"));
        come(orchestrator, "n2");
        registrar.fishForMessage(
                Duration.ofSeconds(5),
                message -> message instanceof Welcome welcome
                                && welcome.cluster().meta().size() == 3
                        ? FishingOutcomes.complete()
                        : FishingOutcomes.continueAndIgnore());
    }

    private PartitionInfo meta() {
        return current().partition(PartitionId.META).orElseThrow();
    }

    private static PartitionReport metaReport() {
        return new PartitionReport(
                PartitionId.META,
                new NodeId("n1"),
                new Term(3),
                true,
                false,
                true,
                null,
                new LogIndex(1),
                new LogIndex(1),
                Membership.ofVoters(new NodeId("n1")),
                Map.of());
    }

    // ---- helpers

    private volatile Topology last = Topology.EMPTY;

    private ActorRef<OrchestratorMessage> start() {
        var settings = new OrchestratorSettings(
                expectNodes,
                3,
                new TableDefaults(16, 3),
                Duration.ofSeconds(1),
                Duration.ofMillis(300),
                Duration.ofMillis(300),
                maxQueued,
                Duration.ofMillis(50),
                Duration.ofSeconds(3),
                Duration.ofMillis(50),
                new Conductor.Settings(8, 2, 4, 1, 1, 1, 1, true));
        var means = new Orchestrator.Means(meta, states, stewards, () -> conducting);
        return KIT.spawn(Orchestrator.create(settings, means, context -> (now, change) -> last = now));
    }

    private ActorRef<OrchestratorMessage> founded() {
        var orchestrator = start();
        come(orchestrator, "n1");
        welcome();
        awaitEpoch(1);
        return orchestrator;
    }

    private void come(ActorRef<OrchestratorMessage> orchestrator, String name) {
        come(orchestrator, name, null);
    }

    private void come(ActorRef<OrchestratorMessage> orchestrator, String name, KnownCluster known) {
        if (states.of(new NodeId(name)) != NodeState.UP) {
            states.with(name, NodeState.UP);
        }
        orchestrator.tell(
                new Hello(node(name), FakeStates.addressOf(name), Optional.ofNullable(known), registrar.getRef()));
    }

    private KnownCluster welcome() {
        return registrar
                .expectMessageClass(Welcome.class, Duration.ofSeconds(5))
                .cluster();
    }

    /** Nodes may be welcomed more than once; the same each time. */
    private KnownCluster nextWelcomeOf(KnownCluster cluster) {
        KnownCluster next = welcome();
        assertThat(next.clusterId()).isEqualTo(cluster.clusterId());
        assertThat(next.meta()).isEqualTo(cluster.meta());
        return next;
    }

    private Rejected rejection() {
        return (Rejected) registrar
                .fishForMessage(
                        Duration.ofSeconds(5),
                        message -> message instanceof Rejected
                                ? FishingOutcomes.complete()
                                : FishingOutcomes.continueAndIgnore())
                .get(0);
    }

    private void awaitRejection(Runnable hello) {
        registrar.awaitAssert(Duration.ofSeconds(5), Duration.ofMillis(100), () -> {
            hello.run();
            var rejected = registrar.expectMessageClass(Rejected.class, Duration.ofMillis(100));
            assertThat(rejected.reason()).isEqualTo("NODE_ID_IN_USE");
            assertThat(rejected.message()).contains("already running at n1:7401");
            return null;
        });
    }

    private Topology awaitEpoch(long epoch) {
        registrar.awaitAssert(Duration.ofSeconds(5), () -> {
            assertThat(last.epoch().value()).isGreaterThanOrEqualTo(epoch);
            return null;
        });
        return last;
    }

    private TableInfo awaitTable(String name) {
        registrar.awaitAssert(Duration.ofSeconds(5), () -> {
            assertThat(last.table(name)).isPresent();
            return null;
        });
        return last.table(name).orElseThrow();
    }

    private Topology current() {
        return last;
    }

    private KnownCluster cluster() {
        var members = current().partition(PartitionId.META).orElseThrow().voters().stream()
                .map(id -> new KnownCluster.MetaMember(id, "i-" + id))
                .toList();
        return new KnownCluster(current().clusterId(), members);
    }

    private MetaStore store() {
        return new MetaStore(meta, TimeUnit.SECONDS.toNanos(3));
    }

    private Topology stored() {
        return ((MetaStore.Loaded.Found) store().load().toCompletableFuture().join()).topology();
    }

    private Topology at(long epoch) {
        return ((MetaStore.Loaded.Found)
                        store().loadAt(new Epoch(epoch)).toCompletableFuture().join())
                .topology();
    }

    private CreateTable create(String name, int partitions, OptionalInt replicas, long millis) {
        return new CreateTable(name, OptionalInt.of(partitions), replicas, TableOptions.DEFAULT, asking(millis));
    }

    private DropTable drop(String name, long millis) {
        return new DropTable(name, asking(millis));
    }

    private OrchestratorMessage.Ordered order(Order order) {
        return new OrchestratorMessage.Ordered(order, asking(LONG));
    }

    private static DropTable again(DropTable sent) {
        return new DropTable(sent.name(), repeated(sent.asking()));
    }

    private static OrchestratorMessage.Asking repeated(OrchestratorMessage.Asking asking) {
        return new OrchestratorMessage.Asking(asking.requestId(), true, LONG, asking.replyTo());
    }

    private OrchestratorMessage.Asking asking(long millis) {
        return new OrchestratorMessage.Asking(UUID.randomUUID().toString(), false, millis, asker.getRef());
    }

    private static void report(
            ActorRef<OrchestratorMessage> orchestrator, PartitionId partition, long term, String node) {
        orchestrator.tell(new ReportPrimaries(List.of(
                new Report(partition.table(), partition.tableEpoch(), partition.partition(), term, new NodeId(node)))));
    }

    static NodeInfo node(String name) {
        return NodeInfo.told(new NodeId(name), "i-" + name, name, 7400, 7401, 7402, "z", 1);
    }
}
