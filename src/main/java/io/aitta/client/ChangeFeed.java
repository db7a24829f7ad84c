package io.aitta.client;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaException.Unavailable;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.WatchRequest;
import io.aitta.proto.v1.WatchResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * What changes in a table, as it happens: each change at least once, those of one key in their order. It goes on over
 * other nodes by itself when one is lost, and never reads further ahead than a few answers of about 256 KiB: who takes
 * changes slowly holds back the servers, not memory.
 *
 * <pre>{@code
 * AittaTable users = client.table("default");
 * try (ChangeFeed feed = users.watch(WatchTarget.prefix(ByteString.copyFromUtf8("user:")))) {
 *     feed.poll(Duration.ofMillis(100))
 *             .ifPresent(change -> System.out.println(change.kind() + " " + change.key().toStringUtf8()));
 *     ByteString goOnHere = feed.token();
 * }
 * }</pre>
 *
 * <p>Changes are pulled, by one caller at a time, with {@link #next}, {@link #take} or {@link #poll}; or pushed, with
 * {@link #forEach}. A feed that has failed hands out what it still has, and then fails all calls with the same {@link
 * AittaException}: TOKEN_EXPIRED, with {@link AittaException.Refused#oldestToken}, if changes after its token are no
 * longer kept; TABLE_NOT_FOUND if the table was dropped. Thread-safe.
 */
public final class ChangeFeed implements AutoCloseable {
    /** Answers on their way or waiting here. */
    private static final int WINDOW = 3;

    /** One answer's changes, that were not handed out. */
    private static final class Batch {
        final ArrayDeque<Change> changes = new ArrayDeque<>();
        /** To go on after them; empty: not known. */
        ByteString token = ByteString.EMPTY;
    }

    private final FollowedStream<WatchRequest, WatchResponse> stream;
    private final ArrayDeque<Batch> batches = new ArrayDeque<>();
    private final CompletableFuture<Void> standing = new CompletableFuture<>();
    /** To go on after what has come. */
    private volatile ByteString received;
    /** To go on after what was handed out. */
    private ByteString handedOut;
    /** Null: nobody waits. */
    private CompletableFuture<List<Change>> waiting;
    /** Null: none. */
    private AittaException failure;

    /** Begins at once. */
    ChangeFeed(String table, WatchTarget target, ByteString token, Calls calls) {
        this.received = token;
        this.handedOut = token;
        this.stream = calls.follow(
                KvGrpc.getWatchMethod(),
                () -> target.request(table).setToken(received).build(),
                target.place(table),
                new Incoming());
        stream.request(WINDOW);
        stream.start();
    }

    /** Done when a node has said that the watch stands: what is written from then on will be told. Fails as the feed does. */
    public CompletionStage<Void> standing() {
        return standing.minimalCompletionStage();
    }

    /**
     * The next changes, at least one.
     *
     * @throws IllegalStateException if somebody waits for them already
     */
    public CompletionStage<List<Change>> next() {
        List<Change> ready;
        synchronized (this) {
            if (waiting != null) {
                throw new IllegalStateException("changes are handed to one caller at a time, and one waits already");
            }
            if (batches.isEmpty()) {
                if (failure != null) {
                    return CompletableFuture.failedFuture(failure);
                }
                waiting = new CompletableFuture<>();
                return waiting;
            }
            ready = handOutBatch();
        }
        stream.request(1);
        return CompletableFuture.completedFuture(ready);
    }

    /** Waits for the next change. An interrupt ends the waiting, with {@link Unavailable}. */
    public Change take() {
        Optional<Change> change;
        do {
            change = poll(Duration.ofDays(1));
        } while (change.isEmpty());
        return change.get();
    }

    /**
     * Waits for the next change. An interrupt ends the waiting, with {@link Unavailable}.
     *
     * @param patience for how long; empty after it
     */
    public Optional<Change> poll(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        Change change;
        boolean wasLast;
        synchronized (this) {
            while (batches.isEmpty()) {
                if (failure != null) {
                    throw failure;
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    return Optional.empty();
                }
                try {
                    wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new Unavailable("INTERRUPTED", "interrupted while waiting for changes");
                }
            }
            change = batches.peek().changes.poll();
            wasLast = batches.peek().changes.isEmpty();
            if (wasLast) {
                handOutBatch();
            }
        }
        if (wasLast) {
            stream.request(1);
        }
        return Optional.of(change);
    }

    private List<Change> handOutBatch() {
        var batch = batches.poll();
        if (!batch.token.isEmpty()) {
            handedOut = batch.token;
        }
        return List.copyOf(batch.changes);
    }

    /**
     * Has every change handed to somebody, on a thread of the client: what blocks it blocks the feed.
     *
     * @return fails when the feed does, or with what {@code listener} throws; the feed is closed then
     */
    public CompletionStage<Void> forEach(Consumer<Change> listener) {
        var end = new CompletableFuture<Void>();
        handOn(listener, end);
        return end;
    }

    /** In a loop while there are changes at once: else the stack would grow with them. */
    private void handOn(Consumer<Change> listener, CompletableFuture<Void> end) {
        boolean mine = true;
        while (mine && !end.isDone()) {
            // Of the two, this loop and the callback, whoever comes second goes on.
            var first = new AtomicBoolean(true);
            next().whenComplete((changes, failed) -> {
                try {
                    if (failed == null) {
                        changes.forEach(listener);
                    } else {
                        end.completeExceptionally(failed);
                    }
                } catch (RuntimeException thrown) {
                    close();
                    end.completeExceptionally(thrown);
                }
                if (!first.compareAndSet(true, false)) {
                    handOn(listener, end);
                }
            });
            mine = !first.compareAndSet(true, false);
        }
    }

    /**
     * What to {@link AittaTable#watch(WatchTarget, ByteString) go on} with after everything handed out so far, perhaps
     * with a few of those changes again. Empty before the watch {@link #standing stands}.
     */
    public synchronized ByteString token() {
        return handedOut;
    }

    /** Ends the feed: who waits is told so. Idempotent, does not wait. */
    @Override
    public void close() {
        stream.close();
        fail(new Unavailable("FEED_CLOSED", "the feed is closed"));
    }

    private void fail(AittaException why) {
        CompletableFuture<List<Change>> waited;
        synchronized (this) {
            if (failure == null) {
                failure = why;
            }
            waited = waiting;
            waiting = null;
            notifyAll();
        }
        standing.completeExceptionally(why);
        if (waited != null) {
            waited.completeExceptionally(why);
        }
    }

    /** What comes from the nodes. */
    private final class Incoming implements FollowedStream.Handler<WatchResponse> {
        @Override
        public void next(WatchResponse answer) {
            var changes = new ArrayList<Change>(answer.getEventsCount());
            answer.getEventsList().forEach(event -> changes.add(Change.of(event)));
            CompletableFuture<List<Change>> waited;
            synchronized (ChangeFeed.this) {
                take(answer.getToken(), changes);
                waited = changes.isEmpty() ? null : waiting;
                if (waited != null) {
                    waiting = null;
                    handOutBatch();
                }
                ChangeFeed.this.notifyAll();
            }
            standing.complete(null);
            if (changes.isEmpty() || waited != null) {
                stream.request(1);
            }
            if (waited != null) {
                waited.complete(changes);
            }
        }

        private void take(ByteString token, List<Change> changes) {
            if (!changes.isEmpty()) {
                var batch = new Batch();
                batch.changes.addAll(changes);
                batches.add(batch);
            }
            if (!token.isEmpty()) {
                received = token;
                if (batches.isEmpty()) {
                    handedOut = token;
                } else {
                    batches.peekLast().token = token;
                }
            }
        }

        @Override
        public boolean mayGoOn(AittaException why) {
            if (why.retryAfter().isPresent()) {
                return true;
            }
            fail(why);
            return false;
        }

        @Override
        public void closed() {
            fail(new Unavailable("CLIENT_CLOSED", "the client is closed"));
        }
    }
}
