package io.aitta.client;

import io.aitta.client.Router.Place;
import io.aitta.proto.v1.ResponseHeader;
import io.grpc.MethodDescriptor;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongFunction;

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
        /** Must not be sent again when it may have been acted on. */
        ONCE
    }

    final MethodDescriptor<Q, R> method;
    final Safety safety;
    /** Null if any node will do. */
    final Place place;

    /** Of a write; null otherwise. */
    final Sessions.Ticket ticket;

    /** One that changes nothing, or carries no session. */
    Exchange(MethodDescriptor<Q, R> method, Safety safety, Place place) {
        this(method, safety, place, null);
    }

    private Exchange(MethodDescriptor<Q, R> method, Safety safety, Place place, Sessions.Ticket ticket) {
        this.method = method;
        this.safety = safety;
        this.place = place;
        this.ticket = ticket;
    }

    /** A write, in a session. */
    Exchange(MethodDescriptor<Q, R> method, Place place, Sessions.Ticket ticket) {
        this(method, Safety.SESSION, place, ticket);
    }

    /** The request of one try. */
    abstract Q request(long epoch);

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

    /** The common case: the first reply is the result. */
    static <Q, R, T> Exchange<Q, R, T> single(
            MethodDescriptor<Q, R> method,
            Safety safety,
            Place place,
            Sessions.Ticket ticket,
            LongFunction<Q> request,
            Function<R, ResponseHeader> header,
            Function<R, T> result) {
        return new Exchange<>(method, safety, place, ticket) {
            private R first;

            @Override
            Q request(long epoch) {
                return request.apply(epoch);
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
        };
    }
}
