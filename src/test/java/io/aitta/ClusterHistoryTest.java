package io.aitta;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.EndedMove;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.EpochChange;
import io.aitta.core.topology.Move;
import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.NodeOrders;
import io.aitta.core.topology.Planner;
import io.aitta.core.topology.Primary;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.TableOptions;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand.MoveEnd;
import io.aitta.core.topology.TopologyCommand.PrimaryReport;
import io.aitta.core.topology.TopologyEvent;
import io.aitta.core.topology.TopologyState;
import io.aitta.gateway.Answer;
import io.aitta.orchestrator.OrchestratorClient.HistoryAnswer;
import io.aitta.orchestrator.OrchestratorClient.PastAnswer;
import io.aitta.proto.v1.DiffTopologyRequest;
import io.aitta.proto.v1.GetTopologyRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ClusterHistoryTest {
    private static final PartitionId USERS = new PartitionId("users", 1, 3);
    private static final NodeId N1 = new NodeId("n1");
    private static final NodeId N2 = new NodeId("n2");
    private static final NodeInfo NODE = NodeInfo.told(N1, "x", "host-1", 7400, 7401, 7402, "west", 2);

    /** What happened, and how it is told. */
    private static final Map<TopologyEvent, String> WORDS = new LinkedHashMap<>();

    static {
        WORDS.put(new TopologyEvent.ClusterFounded("c-1"), "cluster c-1 was founded");
        WORDS.put(new TopologyEvent.NodeRegistered(NODE), "node n1 (host-1:7400, zone 'west', weight 2) joined");
        WORDS.put(
                new TopologyEvent.NodeChanged(NODE),
                "node n1 (host-1:7400, zone 'west', weight 2) told anew where it is");
        WORDS.put(
                new TopologyEvent.TableCreated(new TableInfo("users", new Epoch(1), 1, 3, false), List.of(List.of(N1))),
                "table 'users' was made, with 1 partition of 3 replicas");
        WORDS.put(new TopologyEvent.TableAltered("users", TableOptions.DEFAULT), "table 'users' has other options");
        WORDS.put(new TopologyEvent.TableDropped("users"), "table 'users' was dropped");
        WORDS.put(
                new TopologyEvent.PrimariesReported(List.of(new PrimaryReport(USERS, new Primary(new Term(4), N1)))),
                "node n1 is primary of users/3 in term 4");
        WORDS.put(
                new TopologyEvent.NodeOrdered(
                        N1, NodeOrders.NONE.withWeight(9).withZone("east").drained(Optional.of(N2))),
                "node n1: drained to node n2, weight 9, zone 'east'");
        WORDS.put(new TopologyEvent.NodeRemoved(N1), "node n1 was removed");
        WORDS.put(new TopologyEvent.ReplicasSet("users", 5), "table 'users' wants 5 replicas of each partition");
        WORDS.put(
                new TopologyEvent.LearnersSet("users", "east", 1),
                "table 'users' wants 1 learner of each partition in zone 'east'");
        WORDS.put(
                new TopologyEvent.MovesBegun(List.of(new Move(
                        12,
                        USERS,
                        Optional.of(N2),
                        Optional.of(N1),
                        ReplicaInfo.Role.VOTER,
                        Move.Cause.DRAIN,
                        false,
                        1))),
                "migration 12 begins: a replica of users/3 moves from node n1 to node n2 (its node is drained)");
        WORDS.put(new TopologyEvent.ReplicasWanted(USERS, 0), "users/3 wants as many replicas as its table");
        WORDS.put(new TopologyEvent.MoveCancelled(12), "migration 12 is taken back");
        WORDS.put(
                new TopologyEvent.Promoted(List.of(new Planner.Preference(USERS, N2))),
                "the replica of users/3 on node n2 became a voter");
        WORDS.put(
                new TopologyEvent.MovesEnded(List.of(new MoveEnd(12, EndedMove.Outcome.FAILED, "n2 was away")), 1),
                "migration 12 failed: n2 was away");
        WORDS.put(
                new TopologyEvent.PrimariesPreferred(List.of(new Planner.Preference(USERS, N2))),
                "users/3 prefers node n2 as its primary");
        WORDS.put(new TopologyEvent.BalanceDue(List.of("users"), true), "table 'users' is to be balanced");
        WORDS.put(new TopologyEvent.BalancingPaused(true), "balancing was paused");
        WORDS.put(
                new TopologyEvent.PartitionRecovered(USERS, List.of(N1), 1),
                "users/3 goes on with node n1 alone: what only its other replicas had was given up");
        WORDS.put(new TopologyEvent.RecoveriesDone(List.of(USERS)), "users/3 has recovered");
    }

    @Test
    void every_event_has_its_sentence() {
        WORDS.forEach((event, sentence) -> assertThat(EventWords.of(event)).containsExactly(sentence));
        assertThat(WORDS.keySet().stream().<Class<?>>map(TopologyEvent::getClass))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.of(TopologyEvent.class.getPermittedSubclasses()).toList());
    }

    // ---- the past -----------------------------------------------------------------------------------------------

    private final List<Topology> epochs = new ArrayList<>();
    private final List<EpochChange> changes = new ArrayList<>();
    private final ClusterHistory history = new ClusterHistory(new ClusterHistory.Past() {
        @Override
        public CompletionStage<PastAnswer> topologyAt(Epoch epoch) {
            return CompletableFuture.completedFuture(
                    epoch.value() < epochs.size()
                            ? new PastAnswer.Found(epochs.get((int) epoch.value()))
                            : new PastAnswer.Refused("EPOCH_NOT_FOUND", "there is no epoch " + epoch + " yet"));
        }

        @Override
        public CompletionStage<HistoryAnswer> history(Epoch after, Epoch to) {
            return CompletableFuture.completedFuture(
                    new HistoryAnswer.Found(changes.subList((int) after.value(), (int) to.value())));
        }
    });

    @Test
    void a_difference_holds_what_changed_and_how_it_came() {
        epochs.add(Topology.EMPTY);
        happens(new TopologyEvent.ClusterFounded("c-1"), new TopologyEvent.NodeRegistered(NODE));
        happens(new TopologyEvent.NodeOrdered(N1, NodeOrders.NONE.withWeight(9)));
        happens(new TopologyEvent.BalancingPaused(true));
        var diff = done(history.diffTopology(
                DiffTopologyRequest.newBuilder().setFromEpoch(1).setToEpoch(3).build(), 0));
        assertThat(diff.getChanges().getBaseEpoch()).isEqualTo(1);
        assertThat(diff.getChanges().getEpoch()).isEqualTo(3);
        assertThat(diff.getChanges().getBalancingPaused()).isTrue();
        assertThat(diff.getChanges().getNodesList()).singleElement().satisfies(node -> assertThat(node.getWeight())
                .isEqualTo(9));
        assertThat(diff.getHistoryList()).hasSize(2);
        assertThat(diff.getHistory(0).getEpoch()).isEqualTo(2);
        assertThat(diff.getHistory(0).getChangesList()).containsExactly("node n1: weight 9");
        assertThat(diff.getHistory(1).getWallTimeMillis()).isEqualTo(3_000);
        var whole = done(history.diffTopology(
                DiffTopologyRequest.newBuilder().setFromEpoch(0).setToEpoch(1).build(), 0));
        assertThat(whole.getChanges().getBaseEpoch()).isZero();
        assertThat(whole.getChanges().getNodesList()).hasSize(1);
        assertThat(whole.getHistory(0).getChangesList()).hasSize(2);
    }

    @Test
    void a_past_topology_is_shown_and_one_that_never_was_is_not_found() {
        epochs.add(Topology.EMPTY);
        happens(new TopologyEvent.ClusterFounded("c-1"), new TopologyEvent.NodeRegistered(NODE));
        assertThat(done(history.getTopology(
                                GetTopologyRequest.newBuilder().setEpoch(1).build(), 0))
                        .getNodesList())
                .hasSize(1);
        var missing = history.getTopology(
                        GetTopologyRequest.newBuilder().setEpoch(9).build(), 0)
                .toCompletableFuture()
                .join();
        assertThat(missing).isEqualTo(new Answer.Refused<>(Answer.Reason.EPOCH_NOT_FOUND, "there is no epoch 9 yet"));
        var none = history.diffTopology(
                        DiffTopologyRequest.newBuilder()
                                .setFromEpoch(1)
                                .setToEpoch(9)
                                .build(),
                        0)
                .toCompletableFuture()
                .join();
        assertThat(((Answer.Refused<?>) none).reason()).isEqualTo(Answer.Reason.EPOCH_NOT_FOUND);
    }

    private void happens(TopologyEvent... events) {
        Topology next = TopologyState.evolve(epochs.get(epochs.size() - 1), List.of(events));
        epochs.add(next);
        changes.add(new EpochChange(next.epoch(), next.epoch().value() * 1_000, "change", List.of(events)));
    }

    private static <T> T done(CompletionStage<Answer<T>> answer) {
        return ((Answer.Done<T>) answer.toCompletableFuture().join()).response();
    }
}
