package io.aitta.cli;

import io.aitta.proto.v1.ListMigrationsResponse;
import io.aitta.proto.v1.Node;
import java.util.Optional;
import java.util.stream.Collectors;

/** Waits until a node that is being drained holds nothing any more, and tells how far it is. */
final class Draining implements Waiting.Look {
    private final OrderCommand command;
    private final String node;
    private final long epoch;
    private final MovesProgress progress;

    /** @param epoch of the order: who answers may not have heard of it yet */
    Draining(OrderCommand command, String node, long epoch) {
        this.command = command;
        this.node = node;
        this.epoch = epoch;
        this.progress = command.progress();
    }

    @Override
    public Optional<String> missing() {
        var answer = command.admin().nodes().describe(node);
        if (answer.getEpoch() < epoch) {
            return Optional.of("the node that answers has not heard of the order yet");
        }
        Node now = answer.getNode();
        if (!now.getDraining()) {
            throw new CommandFailed(
                    ExitStatus.REFUSED_OR_UNAVAILABLE,
                    "node " + node + " is no longer drained: somebody has taken the order back");
        }
        int left = now.getPrimaries() + now.getSecondaries() + now.getLearners();
        ListMigrationsResponse moves = command.admin().migrations().list("", true);
        String stranded =
                answer.getStrandedList().stream().map(why -> "; " + why).collect(Collectors.joining());
        progress.tell("node " + node + ": " + left + " replicas left" + stranded, ofNode(moves));
        return left == 0 ? Optional.empty() : Optional.of(left + " replicas are on node " + node + " still" + stranded);
    }

    private ListMigrationsResponse ofNode(ListMigrationsResponse moves) {
        return moves.toBuilder()
                .clearMigrations()
                .addAllMigrations(moves.getMigrationsList().stream()
                        .filter(migration -> migration.getFrom().equals(node))
                        .toList())
                .build();
    }
}
