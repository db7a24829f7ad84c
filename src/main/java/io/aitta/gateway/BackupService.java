package io.aitta.gateway;

import io.aitta.partition.PartitionAccess;
import io.aitta.proto.v1.BackupPiece;
import io.aitta.proto.v1.BackupPosition;
import io.aitta.proto.v1.ReadPartitionRequest;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Source;

/**
 * What backups are read by: a partition as of one log index, or what changed after an earlier one, piece by piece, each
 * read when the client has taken the one before. What a reading holds here is one piece. Throws {@link ProblemException}.
 */
final class BackupService {
    private final PartitionAccess partitions;
    private final Routing routing;

    BackupService(PartitionAccess partitions, TopologySource topology) {
        this.partitions = partitions;
        this.routing = new Routing(topology);
    }

    /** The call's deadline is each piece's; how long the whole may last is the client's affair. */
    Source<BackupPiece, NotUsed> readPartition(ReadPartitionRequest request, Call call) {
        var table = routing.now().table(request.getTable());
        // Unsigned: what looks negative is more than there can be.
        if (Integer.compareUnsigned(request.getPartition(), table.partitions()) >= 0) {
            throw Problem.inField(
                            ErrorReason.BAD_PARTITIONS,
                            "partition",
                            "the table '" + table.name() + "' has the partitions 0 to " + (table.partitions() - 1)
                                    + "; there is no " + Integer.toUnsignedString(request.getPartition()))
                    .asException();
        }
        var id = table.id(request.getPartition());
        var after = request.hasAfter() ? Optional.of(request.getAfter()) : Optional.<BackupPosition>empty();
        return Source.unfoldResourceAsync(
                () -> CompletableFuture.completedFuture(
                        new PartitionReading(partitions, id, after, call.remainingNanos())),
                PartitionReading::next,
                BackupService::close);
    }

    private static CompletionStage<Done> close(PartitionReading reading) {
        reading.close();
        return CompletableFuture.completedFuture(Done.getInstance());
    }
}
