package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.TopologyCommand.MoveEnd;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/**
 * A topology being changed: what each event means. Events that do not fit are refused with an
 * {@link IllegalArgumentException}; the draft is then of no more use. Not thread-safe.
 */
final class TopologyDraft {
    private static final Map<Class<?>, BiConsumer<TopologyDraft, TopologyEvent>> MEANINGS = new HashMap<>();

    static {
        meaning(TopologyEvent.ClusterFounded.class, (draft, event) -> draft.clusterId = event.clusterId());
        meaning(TopologyEvent.NodeRegistered.class, (draft, event) -> draft.put(event.node()));
        meaning(TopologyEvent.NodeChanged.class, (draft, event) -> draft.put(event.node()));
        meaning(
                TopologyEvent.NodeOrdered.class,
                (draft, event) -> draft.put(draft.node(event.node()).withOrders(event.orders())));
        meaning(TopologyEvent.NodeRemoved.class, (draft, event) -> draft.removeNode(event.node()));
        meaning(TopologyEvent.TableCreated.class, TopologyDraft::createTable);
        meaning(
                TopologyEvent.TableAltered.class,
                (draft, event) -> draft.changeTable(event.name(), table -> table.withOptions(event.options())));
        meaning(TopologyEvent.TableDropped.class, (draft, event) -> draft.dropTable(event.name()));
        meaning(TopologyEvent.ReplicasSet.class, TopologyDraft::setReplicas);
        meaning(
                TopologyEvent.LearnersSet.class,
                (draft, event) ->
                        draft.changeTable(event.table(), table -> table.withLearners(event.zone(), event.count())));
        meaning(TopologyEvent.BalanceDue.class, TopologyDraft::balanceDue);
        meaning(TopologyEvent.BalancingPaused.class, (draft, event) -> draft.balancingPaused = event.paused());
        meaning(TopologyEvent.PrimariesReported.class, (draft, event) -> event.reports()
                .forEach(report ->
                        draft.change(report.partition(), partition -> partition.withPrimary(report.primary()))));
        meaning(TopologyEvent.PrimariesPreferred.class, (draft, event) -> event.preferences()
                .forEach(one -> draft.change(
                        one.partition(), partition -> partition.withOrder(held(partition, one.primary()), 0))));
        meaning(TopologyEvent.Promoted.class, (draft, event) -> event.promoted()
                .forEach(one -> draft.change(
                        one.partition(),
                        partition -> partition.withRole(ReplicaInfo.voter(held(partition, one.primary()))))));
        meaning(TopologyEvent.MovesBegun.class, (draft, event) -> event.moves().forEach(draft::begin));
        meaning(
                TopologyEvent.ReplicasWanted.class,
                (draft, event) ->
                        draft.change(event.partition(), partition -> partition.withReplicasWanted(event.replicas())));
        meaning(
                TopologyEvent.MoveCancelled.class,
                (draft, event) ->
                        draft.underWay.put(event.id(), draft.move(event.id()).cancelled()));
        meaning(TopologyEvent.MovesEnded.class, (draft, event) -> event.ends()
                .forEach(one -> draft.end(one, event.endedMillis())));
        meaning(TopologyEvent.PartitionRecovered.class, TopologyDraft::recover);
        meaning(TopologyEvent.RecoveriesDone.class, (draft, event) -> event.partitions()
                .forEach(one -> draft.change(one, partition -> partition.withRecovering(false))));
    }

    private final Epoch epoch;
    private String clusterId;
    private final Map<NodeId, NodeInfo> nodes = new LinkedHashMap<>();
    private final Map<String, TableInfo> tables = new LinkedHashMap<>();
    private final Map<String, List<PartitionInfo>> partitions = new HashMap<>();
    // Tables whose list of partitions is this draft's own already.
    private final Map<String, List<PartitionInfo>> changed = new HashMap<>();
    private final List<RemovedNode> removed;
    private long movesBegun;
    private final Map<Long, Move> underWay = new LinkedHashMap<>();
    private final List<EndedMove> ended;
    private boolean balancingPaused;

    TopologyDraft(Topology from) {
        epoch = from.epoch().next();
        clusterId = from.clusterId();
        from.nodes().forEach(node -> nodes.put(node.id(), node));
        from.tables().forEach(table -> {
            tables.put(table.name(), table);
            partitions.put(table.name(), from.partitionsOf(table.name()));
        });
        removed = new ArrayList<>(from.removed());
        movesBegun = from.moves().begun();
        from.moves().underWay().forEach(move -> underWay.put(move.id(), move));
        ended = new ArrayList<>(from.moves().ended());
        balancingPaused = from.moves().balancingPaused();
    }

    private static <E extends TopologyEvent> void meaning(Class<E> kind, BiConsumer<TopologyDraft, E> meaning) {
        MEANINGS.put(kind, (draft, event) -> meaning.accept(draft, kind.cast(event)));
    }

    void apply(TopologyEvent event) {
        var meaning = MEANINGS.get(event.getClass());
        if (meaning == null) {
            throw new IllegalArgumentException("unknown event " + event);
        }
        meaning.accept(this, event);
    }

    Topology finished() {
        var withPartitions = new HashMap<TableInfo, List<PartitionInfo>>();
        tables.values()
                .forEach(table ->
                        withPartitions.put(table, changed.getOrDefault(table.name(), partitions.get(table.name()))));
        int forgotten = Math.max(0, removed.size() - Topology.REMOVED_KEPT);
        return new Topology(
                epoch,
                clusterId,
                nodes.values(),
                withPartitions,
                new Moves(movesBegun, List.copyOf(underWay.values()), ended, balancingPaused),
                removed.subList(forgotten, removed.size()));
    }

    // ---- nodes --------------------------------------------------------------------------------------------------

    private void put(NodeInfo node) {
        nodes.put(node.id(), node);
    }

    private NodeInfo node(NodeId id) {
        return Optional.ofNullable(nodes.get(id))
                .orElseThrow(() -> new IllegalArgumentException("there is no node " + id));
    }

    private void removeNode(NodeId id) {
        removed.add(new RemovedNode(id, node(id).incarnation(), epoch));
        nodes.remove(id);
        nodes.replaceAll((other, node) -> node.orders().replacedBy().equals(Optional.of(id))
                ? node.withOrders(node.orders().drained(Optional.empty()))
                : node);
    }

    // ---- tables -------------------------------------------------------------------------------------------------

    private void createTable(TopologyEvent.TableCreated created) {
        TableInfo table = created.table();
        var held = new ArrayList<PartitionInfo>(table.partitions());
        for (int number = 0; number < created.placement().size(); number++) {
            held.add(PartitionInfo.founded(
                    table.partition(number), created.placement().get(number)));
        }
        if (tables.put(table.name(), table) != null) {
            throw new IllegalArgumentException("table '" + table.name() + "' is created twice");
        }
        changed.put(table.name(), held);
    }

    private void changeTable(String name, UnaryOperator<TableInfo> change) {
        if (tables.computeIfPresent(name, (same, table) -> change.apply(table)) == null) {
            throw new IllegalArgumentException("there is no table '" + name + "'");
        }
    }

    private void dropTable(String name) {
        tables.remove(name);
        partitions.remove(name);
        changed.remove(name);
        underWay.values().removeIf(move -> move.partition().table().equals(name));
    }

    private void setReplicas(TopologyEvent.ReplicasSet set) {
        changeTable(set.table(), table -> table.withReplicas(set.replicas()));
        own(set.table()).replaceAll(partition -> partition.withReplicasWanted(0));
    }

    private void balanceDue(TopologyEvent.BalanceDue due) {
        due.tables().forEach(name -> changeTable(name, table -> table.withBalanceDue(due.due())));
    }

    // ---- partitions ---------------------------------------------------------------------------------------------

    private void change(PartitionId id, UnaryOperator<PartitionInfo> change) {
        List<PartitionInfo> ofTable = own(id.table());
        if (id.partition() >= ofTable.size()
                || !ofTable.get(id.partition()).id().equals(id)) {
            throw new IllegalArgumentException("there is no partition " + id);
        }
        ofTable.set(id.partition(), change.apply(ofTable.get(id.partition())));
    }

    private List<PartitionInfo> own(String table) {
        if (!tables.containsKey(table)) {
            throw new IllegalArgumentException("there is no table '" + table + "'");
        }
        return changed.computeIfAbsent(table, name -> new ArrayList<>(partitions.get(name)));
    }

    private static NodeId held(PartitionInfo partition, NodeId node) {
        if (!partition.isHeldBy(node)) {
            throw new IllegalArgumentException("node " + node + " holds no replica of " + partition.id());
        }
        return node;
    }

    private void recover(TopologyEvent.PartitionRecovered recovered) {
        var survivors = new HashSet<>(recovered.survivors());
        change(recovered.partition(), partition -> partition.recovering(survivors));
        underWay.values().stream()
                .filter(move -> move.partition().equals(recovered.partition()))
                .findFirst()
                .ifPresent(move -> {
                    underWay.remove(move.id());
                    ended.add(new EndedMove(
                            move,
                            EndedMove.Outcome.FAILED,
                            "the partition was recovered with " + Refusals.names(recovered.survivors()) + " alone",
                            recovered.atMillis()));
                });
    }

    // ---- moves --------------------------------------------------------------------------------------------------

    private Move move(long id) {
        return Optional.ofNullable(underWay.get(id))
                .orElseThrow(() -> new IllegalArgumentException("move " + id + " is not under way"));
    }

    private void begin(Move move) {
        if (move.id() <= movesBegun) {
            throw new IllegalArgumentException("move " + move.id() + " after move " + movesBegun);
        }
        movesBegun = move.id();
        underWay.put(move.id(), move);
        move.to().ifPresent(to -> change(move.partition(), partition -> partition.with(ReplicaInfo.learner(to))));
    }

    private void end(MoveEnd end, long endedMillis) {
        Move move = move(end.id());
        underWay.remove(move.id());
        ended.add(new EndedMove(move, end.outcome(), end.message(), endedMillis));
        change(
                move.partition(),
                partition -> end.outcome() == EndedMove.Outcome.DONE
                        ? done(move, partition)
                        : move.to().map(partition::without).orElse(partition));
    }

    /** The new replica gets the place of the old one in the order of preference. */
    private static PartitionInfo done(Move move, PartitionInfo before) {
        PartitionInfo after = before;
        if (move.to().isPresent()) {
            after = after.withRole(new ReplicaInfo(move.to().get(), move.role()));
        }
        if (move.from().isPresent()) {
            after = after.without(move.from().get());
        }
        if (move.to().isPresent() && move.from().isPresent()) {
            int place = Math.min(
                    before.placeOf(move.from().get()), before.placeOf(move.to().get()));
            after = after.withOrder(move.to().get(), place);
        }
        return after;
    }
}
