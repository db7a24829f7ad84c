package io.aitta.gateway;

import com.google.protobuf.Message;
import io.aitta.config.GrpcSettings;
import io.aitta.metrics.RequestMetrics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.ClassicActorSystemProvider;
import org.apache.pekko.grpc.GrpcProtocol;
import org.apache.pekko.grpc.ProtobufSerializer;
import org.apache.pekko.grpc.internal.GrpcProtocolNative;
import org.apache.pekko.grpc.internal.Identity$;
import org.apache.pekko.grpc.javadsl.GrpcExceptionHandler;
import org.apache.pekko.grpc.javadsl.GrpcMarshalling;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.japi.function.Function;
import org.apache.pekko.japi.pf.PFBuilder;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.SystemMaterializer;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import scala.PartialFunction;

/**
 * From an HTTP/2 request to a method of a service and back: admission, deadline, framing, size, decoding, and errors as
 * gRPC statuses. The handlers that Pekko gRPC generates know none of the first four, decompress without bound, compress
 * every answer for clients that allow it, and run a stream for each request; here a request that arrived whole is
 * decoded and handed over directly. Thread-safe.
 */
final class RpcRouter {
    private static final Set<String> GRPC_CONTENT = Set.of("grpc", "grpc+proto");
    /** How long the rest of a request that was refused is read and dropped, so that its client sees the answer. */
    private static final Duration DRAIN_TIME = Duration.ofSeconds(10);

    /** @param operation as which it is counted */
    private record Method(Rpc<?> rpc, RequestMetrics.Operation operation) {}

    private final Map<String, Method> methods = new HashMap<>();
    private final Gate gate;
    private final CallBook book;
    private final RequestMetrics.Operation unknown;
    private final Admission admission;
    private final GrpcSettings settings;
    private final ClassicActorSystemProvider system;
    private final Materializer materializer;
    private final GrpcProtocol.GrpcProtocolWriter writer = GrpcProtocolNative.newWriter(Identity$.MODULE$);

    /** @param rpcs by path, such as {@code /aitta.v1.Kv/Get} */
    RpcRouter(
            Map<String, Rpc<?>> rpcs,
            Gate gate,
            Admission admission,
            GrpcSettings settings,
            CallBook book,
            ClassicActorSystemProvider system) {
        rpcs.forEach((path, rpc) -> methods.put(path, new Method(rpc, book.operation(operationOf(path)))));
        this.gate = gate;
        this.book = book;
        this.unknown = book.operation("UNKNOWN");
        this.admission = admission;
        this.settings = settings;
        this.system = system;
        this.materializer = SystemMaterializer.get(system).materializer();
    }

    CompletionStage<HttpResponse> handle(HttpRequest request) {
        if (!GRPC_CONTENT.contains(request.entity().getContentType().mediaType().subType())) {
            return refused(
                    request,
                    HttpResponse.create()
                            .withStatus(StatusCodes.UNSUPPORTED_MEDIA_TYPE)
                            .withEntity("This port speaks gRPC over HTTP/2 (content type application/grpc).\n"));
        }
        String path = request.getUri().getPathString();
        Method method = methods.get(path);
        var facts = new CallFacts(method == null ? unknown : method.operation(), Origin.of(request), System.nanoTime());
        if (method == null) {
            String message = "there is no method " + Text.shortened(path) + " here; server reflection lists all";
            return refused(
                    request,
                    error(facts, Problem.of(ErrorReason.METHOD_UNKNOWN, message).asException()));
        }
        Gate.Visit visit;
        Call call;
        Admission.Ticket ticket;
        try {
            visit = gate.enter(path, request);
            call = Call.of(request, settings, facts);
            if (method.rpc() instanceof Rpc.Bidirectional<?, ?> bidirectional) {
                return CompletableFuture.completedFuture(session(bidirectional, request, visit, facts.origin));
            }
            ticket = admission.request();
        } catch (ProblemException refused) {
            return refused(request, error(facts, refused));
        }
        return one((Rpc.OneRequest<?>) method.rpc(), request, visit, call, ticket);
    }

    /** For what is not a method of ours: hands it on if it is known who asks. */
    CompletionStage<HttpResponse> ifKnown(
            HttpRequest request, Function<HttpRequest, CompletionStage<HttpResponse>> handler) throws Exception {
        try {
            gate.requireKnown(request, Text.shortened(request.getUri().getPathString()));
        } catch (ProblemException refused) {
            return refused(request, error(new CallFacts(unknown, Origin.of(request), System.nanoTime()), refused));
        }
        return handler.apply(request);
    }

    /** The method's name; that of a service other than Kv and Admin goes before it, for it may have methods of the same. */
    private static String operationOf(String path) {
        String method = path.substring(path.lastIndexOf('/') + 1);
        return path.startsWith("/aitta.") ? method : "Health" + method;
    }

    /** Neither a deadline nor a place among the requests: it goes on until one side ends it, and counts call by call. */
    private HttpResponse session(Rpc.Bidirectional<?, ?> rpc, HttpRequest request, Gate.Visit visit, Origin origin) {
        Source<byte[], NotUsed> messages = request.entity()
                .getDataBytes()
                .via(new FrameSplitter(settings.maxMessageBytes(), DRAIN_TIME))
                .mapMaterializedValue(unused -> NotUsed.getInstance());
        Source<Message, NotUsed> answers =
                rpc.method().answer(messages, visit, origin).map(answer -> (Message) answer);
        return GrpcMarshalling.marshalStream(answers, MessageSerializer.INSTANCE, writer, system, ErrorTrailers.MAPPER);
    }

    private CompletionStage<HttpResponse> one(
            Rpc.OneRequest<?> rpc, HttpRequest request, Gate.Visit visit, Call call, Admission.Ticket ticket) {
        CompletionStage<HttpResponse> response;
        if (request.entity() instanceof HttpEntity.Strict whole) {
            response = answerNow(rpc, whole.getData(), visit, call, ticket);
        } else {
            response = request.entity()
                    .getDataBytes()
                    .takeWithin(Duration.ofNanos(call.remainingNanos()).plus(DRAIN_TIME))
                    .runWith(Sink.fromGraph(new FrameCollector(ticket, settings.maxMessageBytes())), materializer)
                    .thenCompose(frame -> answer(rpc, frame, visit, call))
                    .exceptionally(failure -> error(call.facts(), failure));
        }
        return response.whenComplete((answered, failure) -> ticket.close());
    }

    private CompletionStage<HttpResponse> answerNow(
            Rpc.OneRequest<?> rpc, ByteString frame, Gate.Visit visit, Call call, Admission.Ticket ticket) {
        try {
            ticket.hold(frame.size());
            return answer(rpc, frame, visit, call).exceptionally(failure -> error(call.facts(), failure));
        } catch (RuntimeException failure) {
            return CompletableFuture.completedFuture(error(call.facts(), failure));
        }
    }

    private <Q extends Message> CompletionStage<HttpResponse> answer(
            Rpc.OneRequest<Q> rpc, ByteString frame, Gate.Visit visit, Call call) {
        Q message = rpc.read(MessageFrame.checked(frame, settings.maxMessageBytes()));
        call.facts().isFor(RequestTable.of(message));
        visit.admit(message);
        if (call.isExpired()) {
            throw Problem.of(ErrorReason.DEADLINE_EXCEEDED, "the deadline had passed before the work was begun")
                    .asException();
        }
        if (rpc instanceof Rpc.Unary<Q, ?> unary) {
            return visit.<Message>audited(message, () -> unary.method().answer(message, call))
                    .thenApply(answer -> response(answer, call));
        }
        return CompletableFuture.completedFuture(stream((Rpc.Streaming<Q, ?>) rpc, message, visit, call));
    }

    private HttpResponse response(Message message, Call call) {
        book.done(call.facts());
        return GrpcMarshalling.marshal(message, MessageSerializer.INSTANCE, writer, system, ErrorTrailers.MAPPER);
    }

    /** The place among the open streams is taken when the stream starts, so that one that never does takes none. */
    private <Q extends Message> HttpResponse stream(Rpc.Streaming<Q, ?> rpc, Q message, Gate.Visit visit, Call call) {
        Source<Message, NotUsed> messages = Source.lazySource(() -> admitted(rpc, message, visit, call))
                .mapMaterializedValue(started -> NotUsed.getInstance());
        return GrpcMarshalling.marshalStream(
                messages, MessageSerializer.INSTANCE, writer, system, ErrorTrailers.MAPPER);
    }

    private <Q extends Message> Source<Message, NotUsed> admitted(
            Rpc.Streaming<Q, ?> rpc, Q message, Gate.Visit visit, Call call) {
        Admission.Ticket ticket;
        try {
            ticket = admission.stream();
        } catch (ProblemException refused) {
            book.streamFailed(call.facts(), refused.problem());
            return Source.failed(refused);
        }
        Source<? extends Message, NotUsed> answers;
        try {
            answers = rpc.method().answer(message, call);
        } catch (RuntimeException refused) {
            ticket.close();
            var problem = ErrorTrailers.problem(refused).ofRequest(call.facts().requestId());
            book.streamFailed(call.facts(), problem);
            return Source.failed(problem.asException());
        }
        return answers.map(answer -> {
                    // It may have been taken back since the stream began.
                    visit.require(message);
                    return (Message) answer;
                })
                .mapError(known(call.facts()))
                .watchTermination((unused, done) -> {
                    done.whenComplete((end, failure) -> {
                        ticket.close();
                        if (failure == null) {
                            book.streamDone(call.facts());
                        } else {
                            book.streamFailed(call.facts(), ErrorTrailers.problem(failure));
                        }
                    });
                    return NotUsed.getInstance();
                });
    }

    /** What nobody foresaw is logged once, though it is looked at twice. */
    private static PartialFunction<Throwable, Throwable> known(CallFacts facts) {
        return new PFBuilder<Throwable, Throwable>()
                .match(Throwable.class, failure -> ErrorTrailers.problem(failure)
                        .ofRequest(facts.requestId())
                        .asException())
                .build();
    }

    private HttpResponse error(CallFacts facts, Throwable failure) {
        var problem = ErrorTrailers.problem(failure);
        book.failed(facts, problem);
        var told = problem.ofRequest(facts.requestId()).asException();
        return GrpcExceptionHandler.standard(told, ErrorTrailers.MAPPER, writer, system);
    }

    /** Cancelling the rest of the request would reset the stream before its answer is sent; so it is read and dropped. */
    private CompletionStage<HttpResponse> refused(HttpRequest request, HttpResponse response) {
        if (!(request.entity() instanceof HttpEntity.Strict)) {
            request.entity().getDataBytes().takeWithin(DRAIN_TIME).runWith(Sink.ignore(), materializer);
        }
        return CompletableFuture.completedFuture(response);
    }

    /** Only writes: requests are read by {@link Rpc#read}. */
    private enum MessageSerializer implements ProtobufSerializer<Message> {
        INSTANCE;

        @Override
        public ByteString serialize(Message message) {
            return ByteString.fromArrayUnsafe(message.toByteArray());
        }

        @Override
        public Message deserialize(ByteString bytes) {
            throw new UnsupportedOperationException("requests are read by their own parser");
        }
    }
}
