package io.aitta.client;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** How the nodes have answered this client lately. Thread-safe. */
final class NodeHealth {
    /** For so long a node that did not answer is the last to be asked. */
    private static final long SUSPECT_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** For so long it counts how fast a node was; then it gets another chance. */
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** Smaller differences come and go by themselves. */
    private static final int CLEARLY = 2;

    /** Fields are written without a lock: a lost observation does no harm. */
    private static final class Record {
        volatile boolean answering;
        /** 0: it has not failed since it last answered. */
        volatile long failedAtNanos;
        /** A moving average; 0: not known. */
        volatile long latencyNanos;

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
        long before = record.latencyNanos;
        record.latencyNanos = before == 0 ? nanos : before + (nanos - before) / 8;
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
        return mine != 0 && others != 0 && mine < others / CLEARLY;
    }

    void forgetOthersThan(Set<Endpoint> nodes) {
        records.keySet().retainAll(nodes);
    }

    /** 0: not known. */
    private long latency(Endpoint node, long nowNanos) {
        Record record = records.get(node);
        return record == null || nowNanos - record.observedAtNanos > FRESH_NANOS ? 0 : record.latencyNanos;
    }

    private Record record(Endpoint node) {
        Record record = records.get(node);
        return record != null ? record : records.computeIfAbsent(node, n -> new Record());
    }
}
