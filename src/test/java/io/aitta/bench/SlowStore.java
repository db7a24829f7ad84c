package io.aitta.bench;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaException;
import io.aitta.client.Failing;
import io.aitta.client.ReadOutcome;
import io.aitta.client.VersionedValue;
import io.aitta.client.WriteOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * A map whose reads take about a millisecond and whose writes are answered at once; it pauses, fails and has conflicts as
 * it is told.
 */
final class SlowStore implements BenchStore, AutoCloseable {
    private final Map<ByteString, VersionedValue> values =
            new ConcurrentSkipListMap<>(ByteString.unsignedLexicographicalComparator());
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final AtomicLong versions = new AtomicLong();
    private final AtomicLong calls = new AtomicLong();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicLong beforePause = new AtomicLong(Long.MAX_VALUE);
    private volatile Duration pause = Duration.ZERO;
    private volatile long resumes = System.nanoTime();
    private volatile int failing = Integer.MAX_VALUE;
    private volatile int conflicting = Integer.MAX_VALUE;

    /** After so many reads all that come are answered when it is over. */
    void pauseOnceAfter(int reads, Duration length) {
        pause = length;
        beforePause.set(reads);
    }

    void failEvery(int calls) {
        failing = calls;
    }

    void conflictEvery(int calls) {
        conflicting = calls;
    }

    void lose(ByteString key) {
        values.remove(key);
    }

    void swapTwo(ByteString one, ByteString other) {
        var value = values.get(one);
        values.put(one, values.get(other));
        values.put(other, value);
    }

    int mostReadsInFlight() {
        return most.get();
    }

    void forgetMost() {
        most.set(0);
    }

    private <T> CompletionStage<T> later(Supplier<T> work) {
        if (calls.incrementAndGet() % failing == 0) {
            return CompletableFuture.failedFuture(failure());
        }
        if (beforePause.getAndDecrement() == 0) {
            resumes = System.nanoTime() + pause.toNanos();
        }
        most.accumulateAndGet(reads.incrementAndGet(), Math::max);
        var answer = new CompletableFuture<T>();
        long delay = Math.max(TimeUnit.MILLISECONDS.toNanos(1), resumes - System.nanoTime());
        timer.schedule(
                () -> {
                    reads.decrementAndGet();
                    answer.complete(work.get());
                },
                delay,
                TimeUnit.NANOSECONDS);
        return answer;
    }

    private static AittaException failure() {
        return Failing.unavailable("NO_QUORUM", "no majority");
    }

    @Override
    public CompletionStage<Optional<VersionedValue>> get(ByteString key) {
        return later(() -> Optional.ofNullable(values.get(key)));
    }

    @Override
    public CompletionStage<?> set(ByteString key, ByteString value) {
        if (calls.incrementAndGet() % failing == 0) {
            return CompletableFuture.failedFuture(failure());
        }
        values.put(key, new VersionedValue(value, versions.incrementAndGet()));
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Boolean> setIfVersion(ByteString key, ByteString value, long version) {
        if (calls.incrementAndGet() % conflicting == 0) {
            return CompletableFuture.completedFuture(false);
        }
        var next = new VersionedValue(value, versions.incrementAndGet());
        var now = values.computeIfPresent(key, (k, was) -> was.version() == version ? next : was);
        return CompletableFuture.completedFuture(now == next);
    }

    @Override
    public CompletionStage<Integer> scan(ByteString from, int limit) {
        return later(() -> (int) ((ConcurrentSkipListMap<ByteString, VersionedValue>) values)
                .tailMap(from).keySet().stream().limit(limit).count());
    }

    @Override
    public CompletionStage<List<ReadOutcome>> multiGet(List<ByteString> keys) {
        return later(() -> {
            var outcomes = new ArrayList<ReadOutcome>();
            for (ByteString key : keys) {
                var value = values.get(key);
                outcomes.add(value == null ? new ReadOutcome.Missing() : new ReadOutcome.Found(value));
            }
            return outcomes;
        });
    }

    @Override
    public CompletionStage<List<WriteOutcome>> multiSet(List<Map.Entry<ByteString, ByteString>> entries) {
        return later(() -> {
            var outcomes = new ArrayList<WriteOutcome>();
            entries.forEach(entry -> {
                long version = versions.incrementAndGet();
                values.put(entry.getKey(), new VersionedValue(entry.getValue(), version));
                outcomes.add(new WriteOutcome.Written(version));
            });
            return outcomes;
        });
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
