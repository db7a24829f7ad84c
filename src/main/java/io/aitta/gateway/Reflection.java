package io.aitta.gateway;

import grpc.reflection.v1alpha.reflection.ServerReflection$;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.ClassicActorSystemProvider;
import org.apache.pekko.grpc.ServiceDescription;
import org.apache.pekko.grpc.javadsl.ServerReflection;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.japi.function.Function;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.util.ByteString;

/** Server reflection (v1alpha), by Pekko gRPC. A stream over which a client sends more than a limit is reset. */
final class Reflection {
    private static final int MAX_BYTES = 256 << 10;

    private final String prefix = "/" + ServerReflection$.MODULE$.name() + "/";
    private final Function<HttpRequest, CompletionStage<HttpResponse>> handler;

    Reflection(ClassicActorSystemProvider system, ServiceDescription... services) {
        this.handler = ServerReflection.create(List.of(services), system);
    }

    boolean isMeant(HttpRequest request) {
        return request.getUri().getPathString().startsWith(prefix);
    }

    /** Without the headers that would make it decompress, and compress, whatever comes. */
    CompletionStage<HttpResponse> handle(HttpRequest request) throws Exception {
        HttpRequest bounded = (HttpRequest) request.removeHeader("grpc-encoding")
                .removeHeader("grpc-accept-encoding")
                .transformEntityDataBytes(
                        Flow.of(ByteString.class).limitWeighted(MAX_BYTES, piece -> (long) piece.size()));
        return handler.apply(bounded);
    }
}
