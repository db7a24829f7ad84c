package io.aitta.client;

import io.aitta.client.Router.Place;
import io.aitta.core.hash.KeyHash;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.ResponseHeader;
import io.grpc.MethodDescriptor;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * One call as its maker sees it: what is sent, however often, and what the replies come to.
 *
 * @param <Q> the request message
 * @param <R> the reply message
 * @param <T> what the caller gets
 */
abstract class Exchange<Q, R, T> {
    /** What may be assumed when a reply is lost. */
    enum Safety {
        /** Changes nothing: may be sent again, and a lost reply leaves nothing unknown. */
        READ,
        /** Carries a session: may be sent again, applied at most once. */
        SESSION,
        /** Changes something, and comes to the same when it is done twice: may be sent again. */
        REPEATABLE,
        /** Must not be sent again when it may have been acted on. */
        ONCE
    }

    final MethodDescriptor<Q, R> method;
    final Safety safety;
    /** Null if any node will do. */
    final Place place;

    /** Of a write; null otherwise. */
    final Sessions.Ticket ticket;

    /** Of a write. */
    final Acknowledgement acknowledgement;

    /** Of a read of keys; null otherwise. */
    final Consistency consistency;

    private Exchange(
            MethodDescriptor<Q, R> method,
            Safety safety,
            Place place,
            Sessions.Ticket ticket,
            Acknowledgement acknowledgement,
            Consistency consistency) {
        this.method = method;
        this.safety = safety;
        this.place = place;
        this.ticket = ticket;
        this.acknowledgement = acknowledgement;
        this.consistency = consistency;
    }

    /** About something else than keys. */
    Exchange(MethodDescriptor<Q, R> method, Safety safety) {
        this(method, safety, null, null, Acknowledgement.QUORUM, null);
    }

    /** A read of keys. */
    Exchange(MethodDescriptor<Q, R> method, Place place, Consistency consistency) {
        this(method, Safety.READ, place, null, Acknowledgement.QUORUM, consistency);
    }

    /** A write, in a session: whoever is to be answered when, it is never sent without. */
    Exchange(MethodDescriptor<Q, R> method, Place place, Sessions.Ticket ticket, Acknowledgement acknowledgement) {
        this(method, Safety.SESSION, place, ticket, acknowledgement, null);
    }

    /** The request of one try. */
    abstract Q request(RequestHeader header);

    /** Null if the reply has none. */
    abstract ResponseHeader header(R reply);

    /**
     * Takes in a reply.
     *
     * @param doubted whether an earlier try may have been acted on
     * @return why another try is worthwhile, if it is
     */
    abstract Optional<AittaException> absorb(R reply, boolean doubted);

    /** What has been absorbed. */
    abstract T result();

    /**
     * What the caller gets when there will be no further try. Throws {@code why} unless something was absorbed before.
     *
     * @param doubted whether a try may have been acted on without having been answered
     */
    T giveUp(AittaException why, boolean doubted) {
        throw why;
    }

    /** Which partitions are concerned, if the table has so many. */
    IntStream partitions(int count) {
        return IntStream.of(KeyHash.partitionOf(place.key(), count));
    }

    /** A call that is not about keys, and whose first reply is the result. */
    static <Q, R> Exchange<Q, R, R> plain(MethodDescriptor<Q, R> method, Safety safety, Q request) {
        return new Exchange<>(method, safety) {
            private R first;

            @Override
            Q request(RequestHeader header) {
                return request;
            }

            @Override
            ResponseHeader header(R reply) {
                return null;
            }

            @Override
            Optional<AittaException> absorb(R reply, boolean doubted) {
                first = reply;
                return Optional.empty();
            }

            @Override
            R result() {
                return first;
            }
        };
    }

    /** A call about keys whose first reply is the result: the common case. */
    static class Single<Q, R, T> extends Exchange<Q, R, T> {
        private final Function<RequestHeader, Q> request;
        private final Function<R, ResponseHeader> header;
        private final Function<R, T> result;
        private R first;

        /** A read. */
        Single(
                MethodDescriptor<Q, R> method,
                Place place,
                Consistency consistency,
                Function<RequestHeader, Q> request,
                Function<R, ResponseHeader> header,
                Function<R, T> result) {
            super(method, place, consistency);
            this.request = request;
            this.header = header;
            this.result = result;
        }

        /** A write. */
        Single(
                MethodDescriptor<Q, R> method,
                Place place,
                Sessions.Ticket ticket,
                Acknowledgement acknowledgement,
                Function<RequestHeader, Q> request,
                Function<R, ResponseHeader> header,
                Function<R, T> result) {
            super(method, place, ticket, acknowledgement);
            this.request = request;
            this.header = header;
            this.result = result;
        }

        @Override
        Q request(RequestHeader header) {
            return request.apply(header);
        }

        @Override
        ResponseHeader header(R reply) {
            return header.apply(reply);
        }

        @Override
        Optional<AittaException> absorb(R reply, boolean doubted) {
            first = reply;
            return Optional.empty();
        }

        @Override
        T result() {
            return result.apply(first);
        }
    }
}
