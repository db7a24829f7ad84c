package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Input;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Term;
import io.aitta.journal.BinlogCodec;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;

/**
 * The copy of another replica's store that a replica takes when it lags too much: none, being fetched from one node, or
 * lying beside the store until the core has it installed or thrown away. Used by the log's actor alone.
 */
final class StoreCopy {
    private final ActorContext<ReplicaLog.Command> context;
    private final PartitionId id;
    private final NodeDirectory directory;
    private final CopyLimits limits;
    private final LocalReplica local;
    private SnapshotFetch.Copy copy;
    private ActorRef<SnapshotFetch.Command> fetch;
    private Optional<NodeId> fetchingFrom = Optional.empty();

    StoreCopy(ActorContext<ReplicaLog.Command> context, PartitionId id, ReplicaWiring wiring, LocalReplica local) {
        this.context = context;
        this.id = id;
        this.directory = wiring.directory();
        this.limits = wiring.copies();
        this.local = local;
    }

    /**
     * Does nothing if a copy of the same node is being fetched, or one is there; nor if the node fetches as many as it may:
     * the primary offers it again.
     */
    void fetch(NodeId from) {
        if (fetchingFrom.isPresent() && fetchingFrom.get().equals(from) || copy != null) {
            return;
        }
        if (fetch != null) {
            context.stop(fetch);
            fetch = null;
            fetchingFrom = Optional.empty();
        }
        if (limits.beginFetch()) {
            fetchingFrom = Optional.of(from);
            fetch = context.spawnAnonymous(SnapshotFetch.create(id, from, local, directory, limits, context.getSelf()));
            // However it ends, the core hears of it.
            context.watchWith(fetch, new ReplicaLog.Fetched(fetch, Optional.empty()));
        }
    }

    /** @return what the core is to hear of it; empty for what another fetch has taken the place of */
    Optional<Input> fetched(ReplicaLog.Fetched fetched) {
        if (!fetched.by().equals(fetch)) {
            // And with it the place beside the store.
            return Optional.empty();
        }
        fetch = null;
        fetchingFrom = Optional.empty();
        if (fetched.copy().isEmpty()) {
            return Optional.of(new Input.SnapshotFailed());
        }
        copy = fetched.copy().get();
        var mark = copy.mark();
        return Optional.of(new Input.SnapshotReady(
                new LogIndex(mark.getAppliedIndex()),
                new Term(mark.getAppliedTerm()),
                BinlogCodec.decode(mark.getMembership())));
    }

    /** Makes the copy live. @return how far it goes */
    LogIndex install() {
        var mark = copy.mark();
        local.applying(mark.getAppliedIndex());
        copy.staging().install(mark);
        copy = null;
        return new LogIndex(mark.getAppliedIndex());
    }

    void discard() {
        copy.staging().discard();
        copy = null;
    }
}
