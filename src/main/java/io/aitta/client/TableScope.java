package io.aitta.client;

import com.google.protobuf.ByteString;
import io.aitta.client.Router.Place;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Which table is meant, and how its calls are made unless they say it themselves: what a view of a table consists of. */
record TableScope(
        String table,
        Calls calls,
        Sessions sessions,
        Duration deadline,
        Consistency consistency,
        Acknowledgement acknowledgement) {

    TableScope withDeadline(Duration other) {
        return new TableScope(table, calls, sessions, AittaClient.checkDeadline(other), consistency, acknowledgement);
    }

    TableScope withConsistency(Consistency other) {
        return new TableScope(table, calls, sessions, deadline, other, acknowledgement);
    }

    TableScope withAcknowledgement(Acknowledgement other) {
        return new TableScope(table, calls, sessions, deadline, consistency, other);
    }

    /** What reads are to ask for, at this moment. */
    Consistency effectiveConsistency() {
        return calls.effective(table, consistency);
    }

    Place place(ByteString key) {
        return new Place(table, key.toByteArray());
    }

    <Q, R, T> CompletionStage<T> read(Exchange<Q, R, T> exchange) {
        return calls.begin(exchange, deadline);
    }

    /** Begins a write, which takes a place in the client's session for as long as it may be sent. */
    <Q, R, T> CompletionStage<T> write(Exchange<Q, R, T> exchange) {
        return calls.begin(exchange, deadline).whenComplete((result, failure) -> exchange.ticket.end());
    }
}
