package io.aitta.core.replication;

import io.aitta.core.NodeId;
import java.util.List;
import java.util.Optional;

/** What a replica keeps in its binlog. Its durable state is these, evolved in order, and nothing else. */
public sealed interface BinlogEvent {
    /** The group was founded with this membership; only ever the first event. */
    record Founded(Membership membership) implements BinlogEvent {}

    /** The replica entered a term, and perhaps gave its one vote in it. */
    record BallotCast(Term term, Optional<NodeId> votedFor) implements BinlogEvent {}

    /** Entries follow each other from {@code entries.get(0).index()}; whatever the log held from there on is cut. */
    record Appended(List<Entry> entries) implements BinlogEvent {}

    /** The store holds everything up to {@code index} on disk; the log forgets what is before {@code keepFrom}. */
    record CheckpointTaken(LogIndex index, Term term, LogIndex keepFrom) implements BinlogEvent {}

    /** The store was replaced by another replica's state as of {@code index}. */
    record SnapshotInstalled(LogIndex index, Term term, Membership membership) implements BinlogEvent {}
}
