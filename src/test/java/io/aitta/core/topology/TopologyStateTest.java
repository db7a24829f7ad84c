package io.aitta.core.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.Refusal.Reason;
import io.aitta.core.topology.TopologyCommand.AlterTable;
import io.aitta.core.topology.TopologyCommand.CreateTable;
import io.aitta.core.topology.TopologyCommand.DropTable;
import io.aitta.core.topology.TopologyCommand.PrimaryReport;
import io.aitta.core.topology.TopologyCommand.RegisterNode;
import io.aitta.core.topology.TopologyCommand.ReportPrimaries;
import io.aitta.core.topology.TopologyCommand.SetLearners;
import io.aitta.core.topology.TopologyCommand.SetReplicas;
import io.aitta.core.topology.TopologyCommand.TableDefaults;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopologyStateTest {
    private static final TableDefaults DEFAULTS = new TableDefaults(16, 3);

    private Topology topology = founded("n1", "n2", "n3");

    @Test
    void theFoundingEpochHasTheNodesTheMetaTableAndTheFirstTable() {
        assertThat(topology.epoch()).isEqualTo(new Epoch(1));
        assertThat(topology.clusterId()).isEqualTo("c1");
        assertThat(topology.nodes()).extracting(NodeInfo::id).containsExactly(id("n1"), id("n2"), id("n3"));
        assertThat(topology.nodes()).extracting(NodeInfo::registeredEpoch).containsOnly(new Epoch(1));
        assertThat(topology.table("_meta")).contains(new TableInfo("_meta", Epoch.ZERO, 1, 3, true));
        assertThat(topology.partition(PartitionId.META).orElseThrow().voters())
                .containsExactly(id("n1"), id("n2"), id("n3"));
        assertThat(topology.table("default")).contains(new TableInfo("default", new Epoch(1), 16, 3, false));
        assertThat(topology.partitionsOn(id("n2"))).hasSize(17);
    }

    @Test
    void aSingleNodeHoldsTheFirstTableAloneAndMoreReplicasAreWanted() {
        topology = founded("n1");
        assertThat(topology.table("default").orElseThrow().replicas()).isEqualTo(3);
        assertThat(topology.partitionsOf("default"))
                .allSatisfy(partition -> assertThat(partition.voters()).containsExactly(id("n1")));
    }

    @Test
    void theWantedNumberOfMetaReplicasIsToldOrTheNextOddOne() {
        assertThat(founded("n1", "n2").table("_meta").orElseThrow().replicas()).isEqualTo(3);
        List<NodeInfo> nodes = List.of(node("n1", 1));
        var found = new TopologyCommand.FoundCluster("c1", nodes, List.of(id("n1")), 5, create("default", 1, 1));
        var events = ((Decision.Accepted) TopologyState.decide(Topology.EMPTY, found)).events();
        topology = TopologyState.evolve(Topology.EMPTY, events);
        assertThat(topology.table("_meta").orElseThrow().replicas()).isEqualTo(5);
        assertThat(topology.partition(PartitionId.META).orElseThrow().voters()).containsExactly(id("n1"));
    }

    @Test
    void aTableIsCreatedInTheNextEpochAndAnotherOneOfThatNameIsRefused() {
        accept(create("users", 8, 2));
        assertThat(topology.epoch()).isEqualTo(new Epoch(2));
        assertThat(topology.table("users")).contains(new TableInfo("users", new Epoch(2), 8, 2, false));
        assertThat(refused(create("users", 8, 2)).reason()).isEqualTo(Reason.TABLE_EXISTS);
        accept(create("Users", 8, 2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "_meta", "_mine", "-a", ".a", "a b", "a/b", "a@b", "tämä", "a\n"})
    void aTableNameThatIsNotOfTheRightFormIsRefused(String name) {
        assertThat(refused(create(name, 1, 1)).reason()).isEqualTo(Reason.BAD_TABLE_NAME);
    }

    @Test
    void aTableNameHasOneToSixtyFourCharacters() {
        accept(create("x".repeat(64), 1, 1));
        assertThat(refused(create("x".repeat(65), 1, 1)).reason()).isEqualTo(Reason.BAD_TABLE_NAME);
        accept(create("A-1_b.c", 1, 1));
    }

    @Test
    void partitionsAreOneTo4096AndNoneSaidMeansTheDefault() {
        assertThat(refused(create("t", 4097, 1)).reason()).isEqualTo(Reason.BAD_PARTITIONS);
        assertThat(refused(create("t", 100_000, 1)).message())
                .contains("100000")
                .contains("1 to 4096");
        assertThat(refused(create("t", -1, 1)).message()).contains("4294967295");
        accept(create("t", 4096, 1));
        assertThat(refused(create("u", 0, 1)).reason()).isEqualTo(Reason.BAD_PARTITIONS);
        accept(new CreateTable(
                "u", OptionalInt.empty(), OptionalInt.of(1), TableOptions.DEFAULT, DEFAULTS, Set.of(id("n1"))));
        assertThat(topology.table("u").orElseThrow().partitions()).isEqualTo(16);
    }

    @Test
    void replicasAreOneToSevenAndAtMostTheNodesThereAre() {
        assertThat(refused(create("t", 1, 0)).reason()).isEqualTo(Reason.BAD_REPLICAS);
        assertThat(refused(create("t", 1, 8)).reason()).isEqualTo(Reason.BAD_REPLICAS);
        Refusal tooMany = refused(create("t", 1, 4));
        assertThat(tooMany.reason()).isEqualTo(Reason.NOT_ENOUGH_NODES);
        assertThat(tooMany.message()).contains("4 node(s)").contains("n1, n2, n3");
    }

    @Test
    void aNodeThatIsNotUpOrHasNoWeightGetsNothing() {
        accept(new RegisterNode(node("n4", 0)));
        var upOnly = new CreateTable(
                "t",
                OptionalInt.of(4),
                OptionalInt.empty(),
                TableOptions.DEFAULT,
                DEFAULTS,
                Set.of(id("n1"), id("n3"), id("n4")));
        accept(upOnly);
        assertThat(topology.table("t").orElseThrow().replicas())
                .as("wanted, though there are only two nodes for it")
                .isEqualTo(3);
        assertThat(topology.partitionsOf("t"))
                .allSatisfy(partition -> assertThat(partition.voters()).containsExactlyInAnyOrder(id("n1"), id("n3")));
        assertThat(refused(new CreateTable(
                                "u", OptionalInt.of(4), OptionalInt.empty(), TableOptions.DEFAULT, DEFAULTS, Set.of()))
                        .reason())
                .isEqualTo(Reason.NOT_ENOUGH_NODES);
    }

    @Test
    void anAlterationChangesTheOptionsThatAreGivenAndNothingElse() {
        var options = new TableOptions(60_000, TableOptions.Consistency.SESSION, 100);
        accept(new CreateTable(
                "t", OptionalInt.of(2), OptionalInt.of(1), options, DEFAULTS, Set.of(id("n1"), id("n2"), id("n3"))));
        assertThat(topology.table("t").orElseThrow().options()).isEqualTo(options);
        var before = topology.table("t").orElseThrow();

        accept(new AlterTable("t", OptionalLong.of(0), Optional.empty(), OptionalInt.of(7)));
        assertThat(topology.table("t"))
                .contains(before.withOptions(new TableOptions(0, TableOptions.Consistency.SESSION, 7)));
        var epoch = topology.epoch();
        assertThat(TopologyState.decide(
                        topology, new AlterTable("t", OptionalLong.of(0), Optional.empty(), OptionalInt.empty())))
                .as("nothing new is no new epoch")
                .isEqualTo(new Decision.Accepted(List.of()));
        assertThat(topology.epoch()).isEqualTo(epoch);
    }

    @Test
    void unknownTablesAndTheSystemsOwnAreNotAltered() {
        assertThat(refused(new AlterTable("none", OptionalLong.of(1), Optional.empty(), OptionalInt.empty()))
                        .reason())
                .isEqualTo(Reason.TABLE_NOT_FOUND);
        assertThat(refused(new AlterTable("_meta", OptionalLong.of(1), Optional.empty(), OptionalInt.empty()))
                        .reason())
                .isEqualTo(Reason.TABLE_PROTECTED);
    }

    @Test
    void aNewNodeIsUsedForNewTables() {
        accept(new RegisterNode(node("n4", 1)));
        accept(create("t", 16, 3));
        assertThat(topology.partitionsOn(id("n4"))).hasSize(12);
        assertThat(topology.partitionsOf("default")).noneMatch(partition -> partition.isHeldBy(id("n4")));
    }

    @Test
    void allTablesTogetherHaveALimit() {
        for (int table = 0; table < 7; table++) {
            accept(create("t" + table, 4096, 1));
        }
        assertThat(refused(create("t7", 4096, 1)).reason()).isEqualTo(Reason.BAD_PARTITIONS);
        accept(create("t7", 4000, 1));
    }

    @Test
    void aTableIsDroppedButNoneOfTheSystems() {
        accept(new DropTable("default"));
        assertThat(topology.table("default")).isEmpty();
        assertThat(topology.partitionsOn(id("n1"))).hasSize(1);
        assertThat(refused(new DropTable("default")).reason()).isEqualTo(Reason.TABLE_NOT_FOUND);
        assertThat(refused(new DropTable("_meta")).reason()).isEqualTo(Reason.TABLE_PROTECTED);
    }

    @Test
    void aTableMadeAgainIsAnotherOne() {
        PartitionId before = topology.table("default").orElseThrow().partition(0);
        accept(new DropTable("default"));
        accept(create("default", 16, 3));
        assertThat(topology.partition(before)).isEmpty();
        assertThat(topology.partition(new PartitionId("default", 3, 0))).isPresent();
    }

    @Test
    void aNodeThatComesAgainRaisesAnEpochOnlyIfItChanged() {
        assertThat(events(new RegisterNode(node("n1", 1)))).isEmpty();
        accept(new RegisterNode(node("n1", 5)));
        assertThat(topology.node(id("n1")).orElseThrow().weight()).isEqualTo(5);
        assertThat(topology.node(id("n1")).orElseThrow().registeredEpoch()).isEqualTo(new Epoch(1));
    }

    @Test
    void aNodeIdWithAnotherDataDirectoryIsRefused() {
        NodeInfo known = node("n1", 1);
        var other = NodeInfo.told(known.id(), "other", known.host(), 1, 2, 3, known.zone(), 1);
        Refusal refusal = refused(new RegisterNode(other));
        assertThat(refusal.reason()).isEqualTo(Reason.NODE_ID_IN_USE);
        assertThat(refusal.message())
                .contains("n1")
                .contains("another data directory")
                .contains("--node-id");
    }

    @Test
    void onlyTheNewsOfReportsAreTaken() {
        PartitionId first = topology.table("default").orElseThrow().partition(0);
        accept(reports(report(first, 3, "n2"), report(first, 2, "n1"), report(PartitionId.META, 1, "n1")));
        assertThat(topology.epoch()).isEqualTo(new Epoch(2));
        assertThat(primary(first)).isEqualTo(new Primary(new Term(3), id("n2")));
        assertThat(events(reports(report(first, 3, "n2")))).as("the same again").isEmpty();
        assertThat(events(reports(report(first, 2, "n3")))).as("an older term").isEmpty();
        assertThat(events(reports(report(new PartitionId("default", 99, 0), 9, "n1"))))
                .as("a table of that name that was dropped")
                .isEmpty();
        assertThat(events(reports(report(first, 9, "n9"))))
                .as("a node that holds no replica")
                .isEmpty();
    }

    @Test
    void theNewestTermIsRememberedWhateverBecomesOfItsPrimary() {
        PartitionId first = topology.table("default").orElseThrow().partition(0);
        accept(reports(report(first, 7, "n2")));
        PartitionInfo known = topology.partition(first).orElseThrow();
        for (PartitionInfo left : List.of(known.without(id("n2")), known.recovering(Set.of(id("n1"))))) {
            assertThat(left.primary()).isEmpty();
            assertThat(left.term()).isEqualTo(new Term(7));
            assertThat(left.with(ReplicaInfo.learner(id("n9")))
                            .withRecovering(true)
                            .term())
                    .isEqualTo(new Term(7));
        }
        accept(new TopologyCommand.RecoverPartition(first, List.of(id("n1")), Set.of(id("n1")), 5));
        assertThat(topology.partition(first).orElseThrow().term()).isEqualTo(new Term(7));
        assertThat(events(reports(report(first, 6, "n1")))).as("an older term").isEmpty();
        accept(reports(report(first, 8, "n1")));
        assertThat(primary(first)).isEqualTo(new Primary(new Term(8), id("n1")));
    }

    @Property(tries = 200)
    void anOlderTermNeverOverridesANewerOne(
            @ForAll @Size(min = 1, max = 30) List<@IntRange(min = 1, max = 9) Integer> terms) {
        topology = founded("n1", "n2", "n3");
        PartitionId partition = topology.table("default").orElseThrow().partition(3);
        long newest = 0;
        for (int term : terms) {
            List<TopologyEvent> events = events(reports(report(partition, term, "n" + (term % 3 + 1))));
            assertThat(events.isEmpty()).isEqualTo(term <= newest);
            if (!events.isEmpty()) {
                topology = TopologyState.evolve(topology, events);
            }
            newest = Math.max(newest, term);
            assertThat(primary(partition).term().value()).isEqualTo(newest);
        }
    }

    @Test
    void everyCommandHasARule() {
        for (Class<?> kind : TopologyCommand.class.getPermittedSubclasses()) {
            assertThat(TopologyState.knows(kind)).as("%s", kind).isTrue();
        }
    }

    @Test
    void theWantedNumberOfReplicasIsChanged() {
        accept(new RegisterNode(node("n4", 1)));
        accept(new SetReplicas("default", 4, up()));
        assertThat(topology.table("default").orElseThrow().replicas()).isEqualTo(4);
        assertThat(events(new SetReplicas("default", 4, Set.of()))).isEmpty();
        assertThat(refused(new SetReplicas("default", 5, up())).reason()).isEqualTo(Reason.NOT_ENOUGH_NODES);
        assertThat(refused(new SetReplicas("default", 0, up())).reason()).isEqualTo(Reason.BAD_REPLICAS);
        assertThat(refused(new SetReplicas("default", 8, up())).reason()).isEqualTo(Reason.BAD_REPLICAS);
        assertThat(refused(new SetReplicas("none", 1, up())).reason()).isEqualTo(Reason.TABLE_NOT_FOUND);
        assertThat(refused(new SetReplicas("_other", 1, up())).reason()).isEqualTo(Reason.TABLE_PROTECTED);
        accept(new SetReplicas("default", 1, Set.of()));
        assertThat(topology.table("default").orElseThrow().replicas())
                .as("to have fewer, no nodes are needed")
                .isEqualTo(1);
    }

    @Test
    void metaTakesOddNumbersOfReplicas() {
        assertThat(refused(new SetReplicas("_meta", 2, up())).message()).contains("1, 3, 5 or 7");
        accept(new SetReplicas("_meta", 1, up()));
        assertThat(topology.table("_meta").orElseThrow().replicas()).isEqualTo(1);
    }

    @Test
    void learnersAreWantedInAZoneThatHasNodesForThem() {
        accept(new TopologyCommand.SetNodeZone(id("n3"), "west"));
        accept(new SetLearners("default", "west", 1));
        assertThat(topology.table("default").orElseThrow().learners()).containsExactly(Map.entry("west", 1));
        assertThat(events(new SetLearners("default", "west", 1))).isEmpty();
        assertThat(refused(new SetLearners("default", "west", 2)).reason()).isEqualTo(Reason.NOT_ENOUGH_NODES);
        Refusal nowhere = refused(new SetLearners("default", "north", 1));
        assertThat(nowhere.reason()).isEqualTo(Reason.BAD_ZONE);
        assertThat(nowhere.message()).contains("west, z");
        assertThat(refused(new SetLearners("default", "a b", 1)).reason()).isEqualTo(Reason.BAD_ZONE);
        assertThat(refused(new SetLearners("default", "west", 8)).reason()).isEqualTo(Reason.BAD_REPLICAS);
        assertThat(refused(new SetLearners("default", "west", -1)).reason()).isEqualTo(Reason.BAD_REPLICAS);
        assertThat(refused(new SetLearners("none", "west", 1)).reason()).isEqualTo(Reason.TABLE_NOT_FOUND);
        assertThat(refused(new SetLearners("_meta", "west", 1)).reason()).isEqualTo(Reason.TABLE_PROTECTED);
        accept(new SetLearners("default", "west", 0));
        assertThat(topology.table("default").orElseThrow().learners()).isEmpty();
    }

    @Test
    void replicasOfAllTablesTogetherHaveALimitHoweverTheyAreAskedFor() {
        for (int node = 4; node <= 7; node++) {
            accept(new RegisterNode(node("n" + node, 1)));
        }
        for (int table = 0; table < 7; table++) {
            accept(create("t" + table, 4096, 4));
        }
        accept(new SetReplicas("t0", 7, up()));
        assertThat(refused(new SetReplicas("t1", 5, up())).message()).contains("131072");
        assertThat(refused(new SetLearners("t1", "z", 1)).message()).contains("131072");
    }

    @Test
    void aBalanceIsDueWhenItIsAskedForAndPausedWhenThatIs() {
        accept(create("t", 1, 1));
        accept(new TopologyCommand.Rebalance(Optional.of("t")));
        assertThat(topology.table("default").orElseThrow().balanceDue()).isFalse();
        accept(new TopologyCommand.Rebalance(Optional.empty()));
        assertThat(topology.tables())
                .allSatisfy(table -> assertThat(table.balanceDue()).isEqualTo(!table.protectedSystem()));
        assertThat(events(new TopologyCommand.Rebalance(Optional.empty()))).isEmpty();
        assertThat(refused(new TopologyCommand.Rebalance(Optional.of("none"))).reason())
                .isEqualTo(Reason.TABLE_NOT_FOUND);
        assertThat(refused(new TopologyCommand.Rebalance(Optional.of("_meta"))).reason())
                .isEqualTo(Reason.TABLE_PROTECTED);
        accept(new TopologyCommand.PauseBalancing(true));
        assertThat(topology.moves().balancingPaused()).isTrue();
        assertThat(events(new TopologyCommand.PauseBalancing(true))).isEmpty();
    }

    @Test
    void anInvariantThatDoesNotHoldIsNamed() {
        assertThatThrownBy(() -> PartitionInfo.founded(PartitionId.META, List.of(id("n1"), id("n1"))))
                .hasMessageContaining("two replicas on node n1");
        assertThatThrownBy(() -> new Topology(
                        new Epoch(1),
                        "c",
                        List.of(),
                        Map.of(
                                new TableInfo("_meta", Epoch.ZERO, 1, 1, true),
                                List.of(PartitionInfo.founded(PartitionId.META, List.of(id("n1")))))))
                .hasMessageContaining("unknown node n1");
    }

    static Topology founded(String... names) {
        List<NodeInfo> nodes = Stream.of(names).map(name -> node(name, 1)).toList();
        var ids = nodes.stream().map(NodeInfo::id).toList();
        var first = new CreateTable(
                "default",
                OptionalInt.empty(),
                OptionalInt.empty(),
                TableOptions.DEFAULT,
                DEFAULTS,
                new HashSet<>(ids));
        var found = new TopologyCommand.FoundCluster("c1", nodes, ids, first);
        var decision = (Decision.Accepted) TopologyState.decide(Topology.EMPTY, found);
        return TopologyState.evolve(Topology.EMPTY, decision.events());
    }

    private CreateTable create(String name, int partitions, int replicas) {
        return new CreateTable(
                name, OptionalInt.of(partitions), OptionalInt.of(replicas), TableOptions.DEFAULT, DEFAULTS, up());
    }

    private Set<NodeId> up() {
        var up = new HashSet<NodeId>();
        topology.nodes().forEach(node -> up.add(node.id()));
        return up;
    }

    private void accept(TopologyCommand command) {
        topology = TopologyState.evolve(topology, events(command));
    }

    private List<TopologyEvent> events(TopologyCommand command) {
        return ((Decision.Accepted) TopologyState.decide(topology, command)).events();
    }

    private Refusal refused(TopologyCommand command) {
        return ((Decision.Refused) TopologyState.decide(topology, command)).refusal();
    }

    private Primary primary(PartitionId partition) {
        return topology.partition(partition).orElseThrow().primary().orElseThrow();
    }

    private static ReportPrimaries reports(PrimaryReport... reports) {
        return new ReportPrimaries(new ArrayList<>(List.of(reports)));
    }

    private static PrimaryReport report(PartitionId partition, long term, String node) {
        return new PrimaryReport(partition, new Primary(new Term(term), id(node)));
    }

    static NodeInfo node(String name, int weight) {
        return NodeInfo.told(id(name), "i-" + name, name, 7400, 7401, 7402, "z", weight);
    }

    private static NodeId id(String value) {
        return new NodeId(value);
    }
}
