package io.aitta.cli;

import io.aitta.proto.v1.ListMigrationsResponse;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.PartitionState;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** When a cluster is whole: so that any one node of it may be lost, or stopped, without anybody noticing. */
final class Health {
    /** A replica that lacks no more log entries than these follows its primary; under load it always lacks some. */
    static final long MOST_LAG = 1_000;

    private Health() {}

    /** What is wrong, a sentence for each partition, and one for what is being moved. */
    static List<String> problems(List<Partition> partitions, ListMigrationsResponse moves) {
        var problems = new ArrayList<String>();
        partitions.forEach(partition -> problem(partition)
                .ifPresent(what -> problems.add(partition.getTable() + "/" + partition.getPartition() + " " + what)));
        if (!MovesReport.isQuiet(moves)) {
            problems.add(MovesReport.summary(moves));
        }
        return problems;
    }

    private static Optional<String> problem(Partition partition) {
        long primaries = with(partition, Role.PRIMARY);
        if (partition.getState() == PartitionState.NO_PRIMARY || primaries == 0) {
            return Optional.of("has no primary");
        }
        if (partition.getState() != PartitionState.ACTIVE) {
            return Optional.of("is in state " + LiveReport.state(partition));
        }
        long voters = primaries + with(partition, Role.SECONDARY);
        if (voters < partition.getReplicasWanted()) {
            return Optional.of("has " + voters + " of " + partition.getReplicasWanted() + " voters");
        }
        return partition.getReplicasList().stream()
                .flatMap(replica -> problem(replica).stream())
                .findFirst();
    }

    private static Optional<String> problem(Replica replica) {
        var state = replica.getState();
        String word = LiveReport.word(state);
        if (!word.equals("ok")) {
            return Optional.of("on node " + replica.getNode() + " is " + word);
        }
        return state.getLag() > MOST_LAG
                ? Optional.of("on node " + replica.getNode() + " lacks " + state.getLag() + " entries")
                : Optional.empty();
    }

    private static long with(Partition partition, Role role) {
        return partition.getReplicasList().stream()
                .filter(replica -> replica.getRole() == role)
                .count();
    }
}
