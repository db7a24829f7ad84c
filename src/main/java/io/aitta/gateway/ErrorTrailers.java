package io.aitta.gateway;

import io.grpc.Status;
import java.util.concurrent.CompletionException;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.grpc.Trailers;
import org.apache.pekko.grpc.javadsl.MetadataBuilder;
import org.apache.pekko.http.scaladsl.model.http2.PeerClosedStreamException;
import org.apache.pekko.japi.Function;
import org.apache.pekko.stream.AbruptStageTerminationException;
import org.apache.pekko.util.ByteString;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a gRPC status with google.rpc details of whatever went wrong. Only what nobody foresaw is logged, and answered
 * INTERNAL without its message: that could hold anything.
 */
final class ErrorTrailers {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorTrailers.class);

    /** In the form that Pekko gRPC asks for. */
    static final Function<ActorSystem, Function<Throwable, Trailers>> MAPPER = system -> ErrorTrailers::of;

    private ErrorTrailers() {}

    static Trailers of(Throwable failure) {
        return of(problem(failure));
    }

    private static Trailers of(Problem problem) {
        Status status = Status.fromCodeValue(problem.code().getNumber()).withDescription(problem.message());
        var details = new MetadataBuilder()
                .addBinary(
                        "grpc-status-details-bin",
                        ByteString.fromArrayUnsafe(problem.toStatus().toByteArray()));
        return new Trailers(status, details.build());
    }

    static Problem problem(Throwable failure) {
        if (failure instanceof CompletionException && failure.getCause() != null) {
            return problem(failure.getCause());
        }
        if (failure instanceof ProblemException known) {
            return known.problem();
        }
        if (failure instanceof PeerClosedStreamException) {
            return Problem.of(
                    ErrorReason.MALFORMED_REQUEST, "the client closed the stream before its message was whole");
        }
        if (failure instanceof AbruptStageTerminationException) {
            return Problem.of(ErrorReason.STOPPING, "this node is stopping");
        }
        LOG.error("a request failed in a way that was not foreseen", failure);
        return Problem.of(ErrorReason.INTERNAL, "an unforeseen fault; the log of this node tells more");
    }
}
