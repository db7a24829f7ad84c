package io.aitta;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.gateway.Answer;
import io.aitta.orchestrator.NodeStates.NodeState;
import io.aitta.orchestrator.TestViews;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.partition.PartitionAccess.Refusal;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.partition.Stewards;
import io.aitta.partition.Stewards.Digest;
import io.aitta.proto.v1.CompareReplicasRequest;
import io.aitta.proto.v1.CompareReplicasResponse;
import io.aitta.proto.v1.ComparisonResult;
import io.aitta.proto.v1.ReplicaDigest;
import io.aitta.store.ContentDigest.Content;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A partition on n001, n002 and n003, and what their digests come to. */
class ReplicaComparisonTest {
    private static final Content SAME = new Content("v", "s", "e", "m", 10, 1_000);
    private static final Content OTHER = new Content("w", "s", "e", "n", 11, 1_100);

    private final FakeNodes nodes = new FakeNodes()
            .with("n001", NodeState.UP)
            .with("n002", NodeState.UP)
            .with("n003", NodeState.UP);
    private final List<byte[]> written = new ArrayList<>();
    private WriteAnswer writing = new WriteAnswer.Done(new byte[0], 77);
    private final PartitionAccess partitions = (PartitionAccess) Proxy.newProxyInstance(
            PartitionAccess.class.getClassLoader(), new Class<?>[] {PartitionAccess.class}, (proxy, method, given) -> {
                assertThat(method.getName()).isEqualTo("write");
                assertThat(nodes.begun)
                        .as("all know of it before it is written")
                        .hasSize(3);
                written.add((byte[]) given[1]);
                return CompletableFuture.<WriteAnswer>completedFuture(writing);
            });
    private final ReplicaComparison comparison = new ReplicaComparison(
            TestViews.of(TopologyEncoderTest.cluster(3, Map.of("users", 1))), nodes, nodes, partitions);

    private void digest(String node, long index, Content content) {
        nodes.digests.put(new NodeId(node), new Digest(Digest.State.DONE, index, 3, content, ""));
    }

    private void digest(String node, Digest.State state, String message) {
        nodes.digests.put(new NodeId(node), new Digest(state, 0, 0, null, message));
    }

    private CompareReplicasResponse compare(String of) {
        CompletionStage<Answer<CompareReplicasResponse>> answer = comparison.compare(
                CompareReplicasRequest.newBuilder()
                        .setTable("users")
                        .setComparison(of)
                        .build(),
                System.nanoTime() + TimeUnit.SECONDS.toNanos(5));
        return ((Answer.Done<CompareReplicasResponse>)
                        answer.toCompletableFuture().join())
                .response();
    }

    @Test
    void replicasThatHoldTheSameAtOneIndexAreEqual() {
        for (var node : List.of("n001", "n002", "n003")) {
            digest(node, 77, SAME);
        }
        var answer = compare("");
        assertThat(answer.getResult()).isEqualTo(ComparisonResult.REPLICAS_EQUAL);
        assertThat(answer.getLogIndex()).isEqualTo(77);
        assertThat(written).containsExactly(Stewards.marker(answer.getComparison()));
        assertThat(answer.getReplicasList())
                .extracting(ReplicaDigest::getDigest)
                .containsOnly(SAME.whole());
    }

    @Test
    void theOneThatHoldsSomethingElseIsNamedWithWhatDiffers() {
        digest("n001", 77, OTHER);
        digest("n002", 77, SAME);
        digest("n003", 77, SAME);
        var answer = compare("");
        assertThat(answer.getResult()).isEqualTo(ComparisonResult.REPLICAS_DIFFER);
        assertThat(answer.getReplicasList())
                .extracting(ReplicaDigest::getResult)
                .containsExactly(
                        ComparisonResult.REPLICAS_DIFFER,
                        ComparisonResult.REPLICAS_EQUAL,
                        ComparisonResult.REPLICAS_EQUAL);
        assertThat(answer.getReplicas(0).getMessage())
                .isEqualTo("its values and its mark differ: it holds 11 rows of 1100 bytes, others 10 of 1000");
    }

    @Test
    void aLogThatHasTheEntryElsewhereDiffersWhateverIsStored() {
        digest("n001", 77, SAME);
        digest("n002", 77, SAME);
        digest("n003", 78, SAME);
        assertThat(compare("").getReplicas(2).getMessage())
                .isEqualTo(
                        "its log has the same entry elsewhere: at 78 of term 3, where others have it at 77 of term 3");
    }

    @Test
    void whoIsNotDoneIsWaitedForByWhoAsksAgain() {
        digest("n001", 77, SAME);
        digest("n002", 77, SAME);
        digest("n003", Digest.State.READING, "");
        var answer = compare("");
        assertThat(answer.getResult()).isEqualTo(ComparisonResult.COMPARING);
        digest("n003", 77, SAME);
        assertThat(compare(answer.getComparison()).getResult()).isEqualTo(ComparisonResult.REPLICAS_EQUAL);
        assertThat(written).hasSize(1);
    }

    @Test
    void whoCannotBeComparedIsToldWithTheReason() {
        digest("n001", 77, SAME);
        digest("n002", Digest.State.FAILED, "it is not there");
        nodes.with("n003", NodeState.DOWN);
        nodes.begun.add(new NodeId("n003")); // who is down is not told
        var answer = compare("");
        assertThat(answer.getResult()).isEqualTo(ComparisonResult.NOT_COMPARED);
        assertThat(answer.getReplicasList())
                .extracting(ReplicaDigest::getMessage)
                .containsExactly("", "it is not there", "its node is down");
        nodes.digests.remove(new NodeId("n002"));
        assertThat(compare(answer.getComparison()).getReplicas(1).getMessage()).isEqualTo("its node does not answer");
    }

    @Test
    void aPartitionThatTakesNoWritesCannotBeCompared() {
        for (var node : List.of("n001", "n002", "n003")) {
            digest(node, Digest.State.WAITING, "");
        }
        writing = new WriteAnswer.Refused(new Refusal(Reason.NO_PRIMARY, "no primary was found"));
        var answer = compare("");
        assertThat(answer.getResult()).isEqualTo(ComparisonResult.NOT_COMPARED);
        assertThat(answer.getReplicas(0).getMessage())
                .isEqualTo("the entry to compare at was not written: no primary was found");
    }

    @Test
    void aPartitionThatIsNotThereIsRefused() {
        var answer = comparison
                .compare(
                        CompareReplicasRequest.newBuilder()
                                .setTable("users")
                                .setPartition(1)
                                .build(),
                        0)
                .toCompletableFuture()
                .join();
        assertThat(answer).isInstanceOf(Answer.Refused.class);
    }
}
