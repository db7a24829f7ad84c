package io.aitta.client;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** How the nodes have answered this client lately. Thread-safe. */
final class NodeHealth {
    /** For so long a node that did not answer is the last to be asked. */
    private static final long SUSPECT_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** For so long it counts how fast a node was; then it gets another chance. */
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(2);
    /** Smaller differences come and go by themselves. */
    private static final int CLEARLY = 2;

    private static final long CLEARLY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    /** So many answers tell how fast a node is; the very first does not count, for it had to be connected to. */
    private static final int ENOUGH = 8;

    /** Fields are written without a lock: a lost observation does no harm. */
    private static final class Record {
        volatile boolean answering;
        /** 0: it has not failed since it last answered. */
        volatile long failedAtNanos;
        /** A moving average. */
        volatile long latencyNanos;
        /** How many answers it stands for, the first included: 0 to {@link #ENOUGH} and one. */
        volatile int answers;

        volatile long observedAtNanos;
    }

    private final ConcurrentHashMap<Endpoint, Record> records = new ConcurrentHashMap<>();

    /** The node did not answer. */
    void failed(Endpoint node) {
        Record record = record(node);
        record.answering = false;
        record.failedAtNanos = System.nanoTime() | 1;
    }

    void answered(Endpoint node) {
        Record record = record(node);
        if (!record.answering) {
            record.failedAtNanos = 0;
            record.answering = true;
        }
    }

    /** The node took this long for a read that any replica could have answered. */
    void took(Endpoint node, long nanos) {
        Record record = record(node);
        int answers = record.answers;
        record.latencyNanos = answers <= 1 ? nanos : record.latencyNanos + (nanos - record.latencyNanos) / answers;
        record.answers = Math.min(answers + 1, ENOUGH + 1);
        record.observedAtNanos = System.nanoTime();
    }

    /** Whether the last thing heard of the node was an answer. */
    boolean isAnswering(Endpoint node) {
        Record record = records.get(node);
        return record != null && record.answering;
    }

    boolean isSuspect(Endpoint node, long nowNanos) {
        Record record = records.get(node);
        if (record == null) {
            return false;
        }
        long failedAt = record.failedAtNanos;
        return failedAt != 0 && nowNanos - failedAt < SUSPECT_NANOS;
    }

    boolean isClearlyFaster(Endpoint node, Endpoint other, long nowNanos) {
        long mine = latency(node, nowNanos);
        long others = latency(other, nowNanos);
        return mine != 0 && others != 0 && mine < others / CLEARLY && mine < others - CLEARLY_NANOS;
    }

    void forgetOthersThan(Set<Endpoint> nodes) {
        records.keySet().retainAll(nodes);
    }

    /** 0: not known. */
    private long latency(Endpoint node, long nowNanos) {
        Record record = records.get(node);
        if (record == null || record.answers <= ENOUGH) {
            return 0;
        }
        if (nowNanos - record.observedAtNanos > FRESH_NANOS) {
            record.answers = 1;
            return 0;
        }
        return record.latencyNanos;
    }

    private Record record(Endpoint node) {
        Record record = records.get(node);
        return record != null ? record : records.computeIfAbsent(node, n -> new Record());
    }
}
