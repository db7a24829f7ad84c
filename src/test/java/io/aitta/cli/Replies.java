package io.aitta.cli;

import com.google.protobuf.Message;
import io.aitta.client.FakeCluster;
import io.aitta.proto.v1.ListMigrationsResponse;
import io.aitta.proto.v1.Migration;
import io.aitta.proto.v1.MigrationPhase;
import io.aitta.proto.v1.MoveCause;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.PartitionState;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.ReplicaState;
import io.aitta.proto.v1.Role;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What a cluster answers in tests about moves. */
final class Replies {
    private Replies() {}

    /** One after the other; the last one again and again. */
    static <Q extends Message> void script(FakeCluster cluster, Class<Q> type, Message... answers) {
        Deque<Message> left = new ArrayDeque<>(List.of(answers));
        cluster.script(type, request -> left.size() > 1 ? left.poll() : left.peek());
    }

    static Migration.Builder move(long id, String from, String to, MigrationPhase phase, int percent) {
        return Migration.newBuilder()
                .setId(id)
                .setTable("users")
                .setPartition(3)
                .setFrom(from)
                .setTo(to)
                .setCause(MoveCause.DRAIN)
                .setPhase(phase)
                .setPercent(percent)
                .setBegunMillis(1_700_000_000_000L)
                .setEndedMillis(percent == 100 ? 1_700_000_065_500L : 0);
    }

    static ListMigrationsResponse moves(Migration.Builder... moves) {
        var answer = ListMigrationsResponse.newBuilder().setEpoch(50).setPlanned(0);
        for (Migration.Builder move : moves) {
            answer.addMigrations(move);
        }
        return answer.build();
    }

    static Partition.Builder partition(Replica.Builder... replicas) {
        var partition = Partition.newBuilder()
                .setTable("users")
                .setPartition(3)
                .setTerm(7)
                .setReplicasWanted(3)
                .setState(PartitionState.ACTIVE);
        for (Replica.Builder replica : replicas) {
            partition.addReplicas(replica);
        }
        return partition;
    }

    static Replica.Builder replica(String node, Role role, long index, long lag) {
        return Replica.newBuilder()
                .setNode(node)
                .setRole(role)
                .setState(ReplicaState.newBuilder()
                        .setKnown(true)
                        .setTerm(7)
                        .setLogIndex(index)
                        .setAppliedIndex(index)
                        .setLag(lag));
    }
}
