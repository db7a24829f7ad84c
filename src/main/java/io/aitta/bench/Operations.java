package io.aitta.bench;

import com.google.protobuf.ByteString;
import io.aitta.bench.Workload.Kind;
import io.aitta.client.AittaException;
import io.aitta.client.ReadOutcome;
import io.aitta.client.VersionedValue;
import io.aitta.client.WriteOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/** Makes the operations of a workload, and counts what becomes of them. Thread-safe. */
final class Operations {
    /** As in YCSB: scans are of 1 to so many entries. */
    private static final int LONGEST_SCAN = 100;

    private static final int TRIES_OF_READ_MODIFY_WRITE = 32;

    /** Reasons of errors that only a benchmark sees. */
    private static final String WRONG_VALUE = "WRONG_VALUE";

    private static final String LOST = "LOST";
    private static final String CONFLICT = "CONFLICT";

    private final BenchStore store;
    private final BenchPlan plan;
    private final KeySpace keys;
    private final RunSpan span;
    private final Payloads payloads;

    Operations(BenchStore store, BenchPlan plan, KeySpace keys, RunSpan span) {
        this.store = store;
        this.plan = plan;
        this.keys = keys;
        this.span = span;
        this.payloads = new Payloads(plan.valueBytes());
    }

    /**
     * Hands a batch over.
     *
     * @param due from when on its latencies are counted
     * @param answered told of answers as they come, the whole batch in all
     */
    void begin(long due, IntConsumer answered) {
        var random = ThreadLocalRandom.current();
        if (plan.multi()) {
            beginTogether(due, random, answered);
            return;
        }
        for (int i = 0; i < plan.batch(); i++) {
            single(plan.workload().kind(random.nextInt(100)), due, random, () -> answered.accept(1));
        }
    }

    private void single(Kind kind, long due, ThreadLocalRandom random, Runnable answered) {
        long number = kind == Kind.INSERT ? keys.begin() : keys.choose(random);
        ByteString key = Payloads.key(number);
        CompletionStage<String> outcome =
                switch (kind) {
                    case READ -> store.get(key).thenApply(found -> judge(number, found.orElse(null), due));
                    case UPDATE, INSERT ->
                        store.set(key, payloads.value(number, random.nextLong()))
                                .thenApply(done -> null);
                    case SCAN ->
                        store.scan(key, random.nextInt(1, LONGEST_SCAN + 1)).thenApply(entries -> null);
                    case READ_MODIFY_WRITE -> readModifyWrite(number, key, due, TRIES_OF_READ_MODIFY_WRITE);
                };
        outcome.whenComplete((error, failure) -> {
            count(kind, due, failure == null ? error : reason(failure));
            if (kind == Kind.INSERT) {
                keys.inserted(number, failure == null);
            }
            answered.run();
        });
    }

    private CompletionStage<String> readModifyWrite(long number, ByteString key, long due, int tries) {
        return store.get(key).thenCompose(found -> {
            String error = judge(number, found.orElse(null), due);
            if (error != null || tries == 0) {
                return CompletableFuture.completedStage(error == null ? CONFLICT : error);
            }
            var value = payloads.value(number, ThreadLocalRandom.current().nextLong());
            return store.setIfVersion(
                            key, value, found.map(VersionedValue::version).orElse(0L))
                    .thenCompose(applied -> {
                        if (applied) {
                            return CompletableFuture.completedStage(null);
                        }
                        span.tallyOf(due).conflict();
                        // The more often it has lost the longer it waits: many of the same key would starve one
                        // another.
                        int lost = TRIES_OF_READ_MODIFY_WRITE - tries + 1;
                        var later = CompletableFuture.delayedExecutor(
                                ThreadLocalRandom.current().nextInt(lost), TimeUnit.MILLISECONDS);
                        return CompletableFuture.supplyAsync(() -> tries - 1, later)
                                .thenCompose(left -> readModifyWrite(number, key, due, left));
                    });
        });
    }

    // ---- many keys in one request

    private void beginTogether(long due, ThreadLocalRandom random, IntConsumer answered) {
        var reads = new ArrayList<Long>();
        var writes = new ArrayList<Long>();
        var kinds = new ArrayList<Kind>();
        int others = 0;
        for (int i = 0; i < plan.batch(); i++) {
            Kind kind = plan.workload().kind(random.nextInt(100));
            switch (kind) {
                case READ -> reads.add(keys.choose(random));
                case UPDATE -> {
                    writes.add(keys.choose(random));
                    kinds.add(kind);
                }
                case INSERT -> {
                    writes.add(keys.begin());
                    kinds.add(kind);
                }
                case SCAN, READ_MODIFY_WRITE -> {
                    others++;
                    single(kind, due, random, () -> answered.accept(1));
                }
            }
        }
        if (!reads.isEmpty()) {
            readTogether(reads, due, answered);
        }
        if (!writes.isEmpty()) {
            writeTogether(writes, kinds, due, random, answered);
        }
        assert reads.size() + writes.size() + others == plan.batch();
    }

    private void readTogether(List<Long> numbers, long due, IntConsumer answered) {
        store.multiGet(numbers.stream().map(Payloads::key).toList()).whenComplete((outcomes, failure) -> {
            for (int i = 0; i < numbers.size(); i++) {
                count(Kind.READ, due, failure != null ? reason(failure) : error(numbers.get(i), outcomes.get(i), due));
            }
            answered.accept(numbers.size());
        });
    }

    private String error(long number, ReadOutcome outcome, long due) {
        if (outcome instanceof ReadOutcome.Failed failed) {
            return failed.error().reason();
        }
        return judge(number, outcome instanceof ReadOutcome.Found found ? found.value() : null, due);
    }

    private void writeTogether(
            List<Long> numbers, List<Kind> kinds, long due, ThreadLocalRandom random, IntConsumer answered) {
        var entries = numbers.stream()
                .map(number -> Map.entry(Payloads.key(number), payloads.value(number, random.nextLong())))
                .toList();
        store.multiSet(entries).whenComplete((outcomes, failure) -> {
            for (int i = 0; i < numbers.size(); i++) {
                String error = failure != null
                        ? reason(failure)
                        : outcomes.get(i) instanceof WriteOutcome.Failed failed
                                ? failed.error().reason()
                                : null;
                count(kinds.get(i), due, error);
                if (kinds.get(i) == Kind.INSERT) {
                    keys.inserted(numbers.get(i), error == null);
                }
            }
            answered.accept(numbers.size());
        });
    }

    // ---- what becomes of them

    /** The reason why what was read is wrong, or null. */
    private String judge(long number, VersionedValue found, long due) {
        if (found == null) {
            span.tallyOf(due).missing();
            return plan.verify() && !keys.mayBeMissing(number) ? LOST : null;
        }
        return plan.verify() && !payloads.isOf(number, found.bytes()) ? WRONG_VALUE : null;
    }

    private void count(Kind kind, long due, String error) {
        Tally tally = span.tallyOf(due);
        if (error == null) {
            tally.done(kind, System.nanoTime() - due);
        } else {
            tally.failed(kind, error);
        }
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
        if (cause instanceof AittaException known) {
            return known.reason();
        }
        // A defect, but a client whose loop ended would hide it.
        return cause.getClass().getSimpleName();
    }
}
