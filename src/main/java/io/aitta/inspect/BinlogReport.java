package io.aitta.inspect;

import java.util.List;

/**
 * What a replica's binlog holds.
 *
 * @param replica its persistence id: node and partition
 * @param partition such as {@code users@3/0}
 * @param firstRow of those that are there; 0: none is
 * @param checkpointRow that the newest checkpoint is of; 0: there is none
 * @param logBase the log begins after this entry
 * @param logLast its last entry
 * @param checkpoint the store held everything up to this entry on disk
 * @param applied what the store has applied, by its mark; -1: it does not tell
 * @param problems if there are any, the log and what follows are as of the last row before them
 */
public record BinlogReport(
        String replica,
        String partition,
        long rows,
        long bytes,
        long firstRow,
        long lastRow,
        long checkpointRow,
        long logBase,
        long logLast,
        long term,
        long checkpoint,
        long applied,
        List<Problem> problems) {}
