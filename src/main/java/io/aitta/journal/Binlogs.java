package io.aitta.journal;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** What is done to binlogs beside the journal's plugin: reading pieces, and letting go of what is no longer needed. Thread-safe. */
public interface Binlogs {
    /**
     * Reads events of a binlog, from row {@code from} to row {@code to}, both included, or fewer once they exceed {@code maxBytes}.
     *
     * @return encoded events in their order, at least one if there is any in the range; fails with {@link JournalException}
     */
    CompletionStage<List<byte[]>> read(String persistenceId, long from, long to, long maxBytes);

    /** Removes rows up to {@code to} and older checkpoints, in the background. */
    CompletionStage<Void> purge(String persistenceId, long to);

    /** Removes everything of a binlog whose replica has been stopped, in the background. */
    CompletionStage<Void> drop(String persistenceId);

    /** Of all binlogs there are. */
    Set<String> persistenceIds();
}
