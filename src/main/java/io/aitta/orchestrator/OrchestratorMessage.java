package io.aitta.orchestrator;

import io.aitta.config.CborMessage;
import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.Conductor;
import io.aitta.core.topology.KnownCluster;
import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.PartitionReport;
import io.aitta.core.topology.Primary;
import io.aitta.core.topology.TableOptions;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand.PrimaryReport;
import io.aitta.partition.Stewards.Declined;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.pekko.actor.typed.ActorRef;

/** What is said to the orchestrator. Deadlines are what is left of them when the message is sent: clocks differ. */
public sealed interface OrchestratorMessage {
    /**
     * A node says who it is, and what it remembers.
     *
     * @param member the address of its actor system
     */
    record Hello(NodeInfo node, String member, Optional<KnownCluster> known, ActorRef<RegistrarMessage> replyTo)
            implements OrchestratorMessage, CborMessage {}

    /** A request that is answered with an {@link OrchestratorReply}. */
    sealed interface Change extends OrchestratorMessage, CborMessage {
        Asking asking();
    }

    /**
     * Who asks for a change.
     *
     * @param requestId names the request for ever, however often it is sent and to whom: it is done once
     * @param again it was sent before, maybe to another orchestrator
     */
    record Asking(String requestId, boolean again, long millisLeft, ActorRef<OrchestratorReply> replyTo) {}

    /** Numbers that are empty: the default. */
    record CreateTable(String name, OptionalInt partitions, OptionalInt replicas, TableOptions options, Asking asking)
            implements Change {}

    /** What is empty stays as it is. */
    record AlterTable(
            String name,
            OptionalLong defaultTimeToLiveMillis,
            Optional<TableOptions.Consistency> defaultConsistency,
            OptionalInt maxValueBytes,
            Asking asking)
            implements Change {}

    record DropTable(String name, Asking asking) implements Change {}

    record Ordered(Order order, Asking asking) implements Change {}

    /** Answered with {@link OrchestratorReply.Status}; not at all before it is active. */
    record AskStatus(ActorRef<OrchestratorReply> replyTo) implements OrchestratorMessage, CborMessage {}

    /** Not answered: whoever reports goes on until the topology shows it. */
    record ReportPrimaries(List<Report> reports) implements OrchestratorMessage, CborMessage {}

    record Report(String table, long tableEpoch, int partition, long term, NodeId node) {
        static Report of(PartitionId partition, Primary primary) {
            return new Report(
                    partition.table(),
                    partition.tableEpoch(),
                    partition.partition(),
                    primary.term().value(),
                    primary.node());
        }

        PrimaryReport decoded() {
            return new PrimaryReport(new PartitionId(table, tableEpoch, partition), new Primary(new Term(term), node));
        }
    }

    /** The singleton is to be handed over. */
    record Stop() implements OrchestratorMessage, CborMessage {}

    // What it says to itself.

    record Tick() implements OrchestratorMessage {}

    record WindowPassed() implements OrchestratorMessage {}

    record RetryNow() implements OrchestratorMessage {}

    record LoadFinished(MetaStore.Loaded loaded) implements OrchestratorMessage {}

    record RecentFinished(Topology topology, Optional<RecentRequests> recent) implements OrchestratorMessage {}

    record NodesChanged() implements OrchestratorMessage {}

    record ConductNow() implements OrchestratorMessage {}

    /** @param failure null if there was none */
    record Conducted(Conductor.Actions actions, Throwable failure) implements OrchestratorMessage {}

    record Performed(NodeId node, List<Declined> declined) implements OrchestratorMessage {}

    record Reported(NodeId node, List<PartitionReport> reports) implements OrchestratorMessage {}

    record WriteFinished(MetaStore.Written written) implements OrchestratorMessage {}

    record ResolveFinished(MetaStore.Resolved resolved) implements OrchestratorMessage {}
}
