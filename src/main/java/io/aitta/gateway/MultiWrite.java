package io.aitta.gateway;

import io.aitta.core.PartitionId;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.PartitionAccess.Acknowledgement;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.proto.v1.Position;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The writes of one request with many keys, each with its own outcome. All partitions are told at once, each of them all
 * that is for it, in the order of the request: so a key that stands in it twice is written twice, one after the other,
 * and no earlier write of it can come after a later one, whatever is known of their outcomes.
 */
final class MultiWrite {
    private final Map<PartitionId, Share> shares = new TreeMap<>();
    private int writes;

    /** @param operation which stands in the request after those that were added before */
    void add(PartitionId partition, byte[] operation) {
        shares.computeIfAbsent(partition, unused -> new Share()).add(writes++, operation);
    }

    /**
     * What became of all.
     *
     * @param answers one for each write, in their order
     * @param positions where those partitions stood that did or ordered something
     */
    record Done(List<WriteAnswer> answers, List<Position> positions) {}

    /** To be called once, after the last {@link #add}. */
    CompletionStage<Done> run(PartitionAccess partitions, Acknowledgement acknowledgement, Call call) {
        var all = new CompletableFuture<Done>();
        var answers = new WriteAnswer[writes];
        if (writes == 0) {
            all.complete(new Done(List.of(), List.of()));
        }
        var missing = new AtomicInteger(writes);
        shares.forEach((partition, share) -> partitions.writeAll(
                partition, share.operations, acknowledgement, call.deadlineNanos(), (position, answer) -> {
                    answers[share.positions.get(position)] = answer;
                    // The last one sees what the others wrote: they have counted down after writing.
                    if (missing.decrementAndGet() == 0) {
                        all.complete(new Done(Arrays.asList(answers), positions(answers)));
                    }
                }));
        return all;
    }

    private List<Position> positions(WriteAnswer[] answers) {
        List<Position> positions = new ArrayList<>(shares.size());
        shares.forEach((partition, share) -> {
            long index = share.positions.stream()
                    .mapToLong(position -> index(answers[position]))
                    .max()
                    .orElse(0);
            if (index != 0) {
                positions.add(RoutingTable.position(partition, index));
            }
        });
        return positions;
    }

    private static long index(WriteAnswer answer) {
        if (answer instanceof WriteAnswer.Done done) {
            return done.index();
        }
        return answer instanceof WriteAnswer.Ordered ordered ? ordered.index() : 0;
    }

    /** The writes of one partition, and where in the request they stood. */
    private static final class Share {
        final List<Integer> positions = new ArrayList<>();
        final List<byte[]> operations = new ArrayList<>();

        void add(int position, byte[] operation) {
            positions.add(position);
            operations.add(operation);
        }
    }
}
