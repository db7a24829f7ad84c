package io.aitta.client;

import com.google.protobuf.ByteString;
import io.aitta.client.Exchange.Safety;
import io.aitta.client.Router.Place;
import io.aitta.proto.v1.DeleteRequest;
import io.aitta.proto.v1.DeleteResponse;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.GetResponse;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.SetRequest;
import io.aitta.proto.v1.SetResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongFunction;

/**
 * The keys of one table, asynchronously. Cheap to make, immutable, thread-safe. Stages fail with nothing but an
 * {@link AittaException}, at the latest a little after the deadline, and complete on a thread of the client: do not
 * block it.
 */
public final class AittaTable {
    private final String name;
    private final Calls calls;
    private final Sessions sessions;
    private final Duration deadline;

    AittaTable(String name, Calls calls, Sessions sessions, Duration deadline) {
        this.name = name;
        this.calls = calls;
        this.sessions = sessions;
        this.deadline = deadline;
    }

    /** The same table with another deadline for each call, above zero. */
    public AittaTable withDeadline(Duration deadline) {
        return new AittaTable(name, calls, sessions, AittaClient.checkDeadline(deadline));
    }

    /** The same table for callers that wait. */
    public BlockingView blocking() {
        return new BlockingView(this);
    }

    /** The value of a key; empty if there is none. Sees every write acknowledged before the call. */
    public CompletionStage<Optional<VersionedValue>> get(ByteString key) {
        LongFunction<GetRequest> request = epoch -> GetRequest.newBuilder()
                .setHeader(RequestHeader.newBuilder().setEpoch(epoch))
                .setTable(name)
                .setKey(key)
                .build();
        return calls.begin(
                Exchange.single(
                        KvGrpc.getGetMethod(),
                        Safety.READ,
                        place(key),
                        null,
                        request,
                        GetResponse::getHeader,
                        reply -> reply.getFound()
                                ? Optional.of(new VersionedValue(reply.getValue(), reply.getVersion()))
                                : Optional.empty()),
                deadline);
    }

    /**
     * Stores a value.
     *
     * @return the version the key has now
     */
    public CompletionStage<Long> set(ByteString key, ByteString value) {
        Sessions.Ticket ticket = sessions.begin();
        LongFunction<SetRequest> request = epoch -> SetRequest.newBuilder()
                .setHeader(header(epoch, ticket))
                .setTable(name)
                .setKey(key)
                .setValue(value)
                .build();
        return write(Exchange.single(
                KvGrpc.getSetMethod(),
                Safety.SESSION,
                place(key),
                ticket,
                request,
                SetResponse::getHeader,
                SetResponse::getVersion));
    }

    /**
     * Removes a key.
     *
     * @return whether there was a value
     */
    public CompletionStage<Boolean> delete(ByteString key) {
        Sessions.Ticket ticket = sessions.begin();
        LongFunction<DeleteRequest> request = epoch -> DeleteRequest.newBuilder()
                .setHeader(header(epoch, ticket))
                .setTable(name)
                .setKey(key)
                .build();
        return write(Exchange.single(
                KvGrpc.getDeleteMethod(),
                Safety.SESSION,
                place(key),
                ticket,
                request,
                DeleteResponse::getHeader,
                DeleteResponse::getExisted));
    }

    /**
     * The values of many keys, over any partitions. The stage fails only if no key got an answer of its own.
     *
     * @return one outcome for each key, in the order asked
     */
    public CompletionStage<List<ReadOutcome>> multiGet(List<ByteString> keys) {
        if (keys.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        return calls.begin(new MultiGetExchange(name, keys), deadline);
    }

    /**
     * Writes many entries, over any partitions; not atomic as a whole. The stage fails only if no entry got an answer
     * of its own.
     *
     * @return one outcome for each entry, in the order given
     */
    public CompletionStage<List<WriteOutcome>> multiSet(List<Map.Entry<ByteString, ByteString>> entries) {
        if (entries.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        Sessions.Ticket ticket = sessions.begin();
        return write(new MultiSetExchange(name, entries, ticket));
    }

    private <Q, R, T> CompletionStage<T> write(Exchange<Q, R, T> exchange) {
        return calls.begin(exchange, deadline).whenComplete((result, failure) -> exchange.ticket.end());
    }

    static RequestHeader header(long epoch, Sessions.Ticket ticket) {
        return RequestHeader.newBuilder()
                .setEpoch(epoch)
                .setSession(ticket.stamp())
                .build();
    }

    private Place place(ByteString key) {
        return new Place(name, key.toByteArray());
    }

    /** The same operations, each of which waits for its answer and throws {@link AittaException}. Thread-safe. */
    public static final class BlockingView {
        private final AittaTable table;

        private BlockingView(AittaTable table) {
            this.table = table;
        }

        /** See {@link AittaTable#get}. */
        public Optional<VersionedValue> get(ByteString key) {
            return Blocking.await(table.get(key));
        }

        /** See {@link AittaTable#set}. */
        public long set(ByteString key, ByteString value) {
            return Blocking.await(table.set(key, value));
        }

        /** See {@link AittaTable#delete}. */
        public boolean delete(ByteString key) {
            return Blocking.await(table.delete(key));
        }

        /** See {@link AittaTable#multiGet}. */
        public List<ReadOutcome> multiGet(List<ByteString> keys) {
            return Blocking.await(table.multiGet(keys));
        }

        /** See {@link AittaTable#multiSet}. */
        public List<WriteOutcome> multiSet(List<Map.Entry<ByteString, ByteString>> entries) {
            return Blocking.await(table.multiSet(entries));
        }
    }
}
