package io.aitta.client;

import io.grpc.MethodDescriptor;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A stream of answers over one node after the other: when one ends, another is begun after a while, with a request that
 * says how far things have come. Ends when it is closed, when its handler has had enough, or with the client.
 * Thread-safe.
 */
final class FollowedStream<Q, R> {
    private static final long FIRST_BACKOFF_MILLIS = 50;
    private static final long LAST_BACKOFF_MILLIS = 2_000;

    /** Told on a thread of the transport, one call at a time. */
    interface Handler<R> {
        void next(R answer);

        /**
         * A stream has ended.
         *
         * @return whether to begin another one
         */
        boolean mayGoOn(AittaException why);

        /** There will be none: the client is closed. */
        void closed();
    }

    private final Transport transport;
    private final Router router;
    private final ScheduledExecutorService timer;
    private final MethodDescriptor<Q, R> method;
    private final Supplier<Q> request;
    private final Router.Place place;
    private final Handler<R> handler;

    private Connection connection;
    /** Answers that were asked for and have not come. */
    private int wanted;

    private int failures;
    private boolean stopped;

    /**
     * @param timer when it is shut down, the stream ends
     * @param request made anew for each node
     * @param place null if any node will do
     */
    FollowedStream(
            Transport transport,
            Router router,
            ScheduledExecutorService timer,
            MethodDescriptor<Q, R> method,
            Supplier<Q> request,
            Router.Place place,
            Handler<R> handler) {
        this.transport = transport;
        this.router = router;
        this.timer = timer;
        this.method = method;
        this.request = request;
        this.place = place;
        this.handler = handler;
    }

    /** Begins; nothing comes before it is {@link #request asked for}. */
    void start() {
        if (timer.isShutdown()) {
            close();
            handler.closed();
        } else {
            connect();
        }
    }

    private synchronized void connect() {
        if (!stopped) {
            connection = new Connection(router.pick(place, Router.Reach.NEAREST, Set.of()));
            connection.stream = transport.open(connection.node, method, request.get(), connection);
            if (wanted > 0) {
                connection.stream.request(wanted);
            }
        }
    }

    synchronized void request(int more) {
        wanted += more;
        if (connection != null) {
            connection.stream.request(more);
        }
    }

    /** Idempotent. */
    synchronized void close() {
        stopped = true;
        if (connection != null) {
            connection.stream.cancel();
            connection = null;
        }
    }

    private synchronized boolean received(Connection from) {
        if (from != connection) {
            return false;
        }
        wanted--;
        failures = 0;
        return true;
    }

    private synchronized boolean lost(Connection which) {
        boolean isOurs = which == connection;
        if (isOurs) {
            connection = null;
        }
        return isOurs;
    }

    private void beginAgain() {
        long full = Math.min(LAST_BACKOFF_MILLIS, FIRST_BACKOFF_MILLIS << Math.min(failures++, 10));
        long delay = full / 2 + ThreadLocalRandom.current().nextLong(full / 2 + 1);
        try {
            timer.schedule(this::start, delay, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException clientClosed) {
            close();
            handler.closed();
        }
    }

    private final class Connection implements Transport.StreamObserver<R> {
        final Endpoint node;
        Transport.Stream stream;

        Connection(Endpoint node) {
            this.node = node;
        }

        @Override
        public void next(R answer) {
            if (received(this)) {
                router.health().answered(node);
                handler.next(answer);
            }
        }

        @Override
        public void ended(AittaException why) {
            if (!lost(this)) {
                return;
            }
            router.health().failed(node);
            if (handler.mayGoOn(why)) {
                beginAgain();
            } else {
                close();
            }
        }
    }
}
