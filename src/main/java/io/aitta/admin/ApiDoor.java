package io.aitta.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.Code;
import io.aitta.admin.HttpGuard.Need;
import io.aitta.admin.HttpGuard.Wanted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.scaladsl.model.EntityStreamException;
import org.apache.pekko.http.scaladsl.model.EntityStreamSizeException;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.Materializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API under {@code /aitta/v1}: from an HTTP request to the message of a route and back, with errors as JSON ({@link
 * ApiProblem}). Messages are written with the names of their fields, all of those that are not optional; 64-bit numbers
 * are strings, as everywhere in the JSON of protobuf. Thread-safe.
 */
final class ApiDoor {
    static final String PREFIX = "/aitta/v1";
    /** A parameter of the query of every route: how long the caller is ready to wait. */
    static final String TIMEOUT = "timeout_millis";

    static final int MAX_BODY_BYTES = 64 << 10;
    static final Duration MAX_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration BODY_TIMEOUT = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(ApiDoor.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonFormat.Printer PRINTER = JsonFormat.printer()
            .preservingProtoFieldNames()
            .includingDefaultValueFields()
            .omittingInsignificantWhitespace();

    private final List<ApiRoute> routes;
    private final String openApi;
    private final Duration defaultTimeout;
    private final Function<Throwable, Optional<ApiProblem>> explain;
    private final Materializer materializer;

    /**
     * An answer, and for the audit log what it answers.
     *
     * @param asked empty: it could not be read, or there was nothing to be read
     * @param outcome {@code done}, or the reason why it was not
     */
    record Answered(HttpResponse response, Optional<Message> asked, String outcome) {}

    private record Found(ApiRoute route, List<String> variables) {}

    private record Asked(Message message, long deadlineNanos) {}

    /**
     * @param defaultTimeout of who names none
     * @param explain what is behind the routes has problems of its own; empty: not one of those, but a fault
     */
    ApiDoor(
            List<ApiRoute> routes,
            Duration defaultTimeout,
            Function<Throwable, Optional<ApiProblem>> explain,
            Materializer materializer) {
        this.routes = List.copyOf(routes);
        this.openApi = OpenApi.of(routes).toString();
        this.defaultTimeout = defaultTimeout;
        this.explain = explain;
        this.materializer = materializer;
    }

    static boolean isMeant(HttpRequest request) {
        String path = request.getUri().path();
        return path.equals(PREFIX) || path.startsWith(PREFIX + "/");
    }

    /** What a request wants; one that no route is for wants to look. */
    Wanted wanted(HttpRequest request) {
        var segments = segments(request);
        return routes.stream()
                .filter(route -> isOf(route, request))
                .flatMap(route -> route.match(segments).map(values -> new Found(route, values)).stream())
                .findFirst()
                .map(found -> new Wanted(found.route.need(), found.route.name(), table(found, request)))
                .orElseGet(() -> new Wanted(Need.READ, request.getUri().path(), Optional.empty()));
    }

    private static Optional<String> table(Found found, HttpRequest request) {
        var names = found.route.variables();
        int at = Math.max(
                names.indexOf("table"), found.route.path().startsWith("/tables/") ? names.indexOf("name") : -1);
        return at >= 0
                ? Optional.of(found.variables.get(at))
                : request.getUri().query().get("table").filter(name -> !name.isEmpty());
    }

    /** Never fails. */
    CompletionStage<Answered> handle(HttpRequest request) {
        if (isForDocument(request)) {
            request.discardEntityBytes(materializer);
            return CompletableFuture.completedFuture(done(Optional.empty(), openApi));
        }
        CompletionStage<Answered> answered;
        try {
            Found found = find(request);
            answered = body(request)
                    .thenApply(body -> asked(found, request, body))
                    .thenCompose(asked -> answer(found, asked));
        } catch (RuntimeException failure) {
            request.discardEntityBytes(materializer);
            answered = CompletableFuture.failedFuture(failure);
        }
        return answered.exceptionally(failure -> failed(Optional.empty(), failure));
    }

    private static Answered done(Optional<Message> asked, String json) {
        return new Answered(response(200, json), asked, "done");
    }

    private Answered failed(Optional<Message> asked, Throwable failure) {
        var problem = problem(failure);
        return new Answered(response(problem), asked, problem.error().getReason());
    }

    private static boolean isForDocument(HttpRequest request) {
        return request.getUri().path().equals(PREFIX + OpenApi.PATH)
                && request.method().value().equals("GET");
    }

    private Found find(HttpRequest request) {
        var segments = segments(request);
        var there = routes.stream()
                .flatMap(route -> route.match(segments).map(values -> new Found(route, values)).stream())
                .toList();
        if (there.isEmpty()) {
            throw ApiProblem.of(
                    Code.NOT_FOUND,
                    "PATH_UNKNOWN",
                    "there is nothing at this path; " + PREFIX + "/openapi.json describes all that is");
        }
        return there.stream()
                .filter(found -> isOf(found.route, request))
                .findFirst()
                .orElseThrow(() -> ApiProblem.withStatus(
                        405,
                        Code.UNIMPLEMENTED,
                        "METHOD_UNKNOWN",
                        "this is asked with "
                                + there.stream()
                                        .map(found -> found.route.method().name())
                                        .collect(Collectors.joining(" or "))
                                + ", not with " + request.method().value()));
    }

    private static boolean isOf(ApiRoute route, HttpRequest request) {
        return route.method().name().equals(request.method().value());
    }

    private static List<String> segments(HttpRequest request) {
        var segments = new ArrayList<String>();
        request.getUri().pathSegments().forEach(segments::add);
        return segments.subList(Math.min(2, segments.size()), segments.size());
    }

    private CompletionStage<String> body(HttpRequest request) {
        if (request.entity().isKnownEmpty()) {
            return CompletableFuture.completedFuture("");
        }
        if (!request.entity().getContentType().mediaType().equals(MediaTypes.APPLICATION_JSON)) {
            throw ApiProblem.withStatus(
                    415,
                    Code.INVALID_ARGUMENT,
                    "NOT_JSON",
                    "a body is JSON here: send it with Content-Type: application/json (curl --json)");
        }
        return request.entity()
                .withSizeLimit(MAX_BODY_BYTES)
                .toStrict(BODY_TIMEOUT.toMillis(), materializer)
                .thenApply(HttpEntity.Strict::getData)
                .thenApply(bytes -> bytes.utf8String());
    }

    private Asked asked(Found found, HttpRequest request, String body) {
        var query = request.getUri().query().toList();
        long deadlineNanos = System.nanoTime() + timeout(query).toNanos();
        Message message = RequestReader.read(
                found.route,
                found.variables,
                query.stream()
                        .filter(parameter -> !parameter.first().equals(TIMEOUT))
                        .toList(),
                body);
        return new Asked(message, deadlineNanos);
    }

    private CompletionStage<Answered> answer(Found found, Asked asked) {
        var message = Optional.of(asked.message);
        return CompletableFuture.completedFuture(asked)
                .thenCompose(one -> found.route.handler().answer(one.message, one.deadlineNanos))
                .thenApply(answer -> done(message, json(answer)))
                .exceptionally(failure -> failed(message, failure));
    }

    private Duration timeout(List<Pair<String, String>> query) {
        var said = query.stream()
                .filter(parameter -> parameter.first().equals(TIMEOUT))
                .map(Pair::second)
                .toList();
        if (said.isEmpty()) {
            return defaultTimeout;
        }
        if (said.size() > 1
                || !said.get(0).matches("[1-9][0-9]{0,4}")
                || Integer.parseInt(said.get(0)) > MAX_TIMEOUT.toMillis()) {
            throw ApiProblem.inField(
                    Code.INVALID_ARGUMENT,
                    "BAD_DEADLINE",
                    TIMEOUT,
                    TIMEOUT + " is given once, as 1 to " + MAX_TIMEOUT.toMillis() + " milliseconds");
        }
        return Duration.ofMillis(Integer.parseInt(said.get(0)));
    }

    private ApiProblem problem(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof ApiProblem problem) {
            return problem;
        }
        if (cause instanceof EntityStreamSizeException) {
            return ApiProblem.withStatus(
                    413,
                    Code.RESOURCE_EXHAUSTED,
                    "REQUEST_TOO_LARGE",
                    "the body is larger than " + MAX_BODY_BYTES + " bytes");
        }
        if (cause instanceof TimeoutException) {
            return ApiProblem.withStatus(
                    408,
                    Code.DEADLINE_EXCEEDED,
                    "DEADLINE_EXCEEDED",
                    "the body did not come within " + BODY_TIMEOUT.toSeconds() + " s");
        }
        if (cause instanceof EntityStreamException broken) {
            return ApiProblem.of(
                    Code.INVALID_ARGUMENT, "MALFORMED_REQUEST", broken.info().summary());
        }
        Throwable unexplained = cause;
        return explain.apply(cause).orElseGet(() -> {
            LOG.error("a request to the HTTP port met a fault of ours", unexplained);
            return ApiProblem.of(Code.INTERNAL, "INTERNAL", "this node failed to answer; its log tells why");
        });
    }

    static HttpResponse response(ApiProblem problem) {
        HttpResponse response = response(problem.status(), json(problem.error()));
        if (problem.status() == 401) {
            // What makes a browser ask its user; the token goes where the password would.
            response = response.addHeader(
                    RawHeader.create("WWW-Authenticate", "Basic realm=\"aitta: a token as password\""));
        }
        long retryMillis = problem.error().getRetryMillis();
        return retryMillis == 0
                ? response
                : response.addHeader(RawHeader.create(
                        "Retry-After", Long.toString(TimeUnit.MILLISECONDS.toSeconds(retryMillis + 999))));
    }

    private static HttpResponse response(int status, String json) {
        return HttpResponse.create()
                .withStatus(status)
                .addHeader(RawHeader.create("Cache-Control", "no-store"))
                .addHeader(RawHeader.create("X-Content-Type-Options", "nosniff"))
                .withEntity(ContentTypes.APPLICATION_JSON, json + "\n");
    }

    private static String json(Message message) {
        try {
            String json = PRINTER.print(message);
            // The printer makes JSON fit for HTML, which nobody asked for, and people read this.
            return json.contains("\\u00") ? JSON.readTree(json).toString() : json;
        } catch (InvalidProtocolBufferException | JsonProcessingException e) {
            throw new IllegalStateException("a message cannot be written as JSON", e);
        }
    }
}
