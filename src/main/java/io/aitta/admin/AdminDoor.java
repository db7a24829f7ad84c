package io.aitta.admin;

import com.google.rpc.Code;
import com.typesafe.config.ConfigFactory;
import io.aitta.admin.HttpGuard.Need;
import io.aitta.admin.HttpGuard.Refusal;
import io.aitta.admin.HttpGuard.Verdict;
import io.aitta.admin.HttpGuard.Wanted;
import io.aitta.config.BindFailures;
import io.aitta.config.ConfigException;
import io.aitta.config.HttpSettings;
import io.aitta.security.AuditLog;
import io.aitta.security.Tls;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.ConnectionContext;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.model.AttributeKeys;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.http.javadsl.settings.ServerSettings;
import org.apache.pekko.management.javadsl.PekkoManagement;
import org.apache.pekko.stream.ActorMaterializer;
import org.apache.pekko.stream.ActorMaterializerSettings;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.Flow;

/**
 * The node's HTTP port: the API under {@code /aitta/v1} ({@link ApiRoute}), Pekko Management's routes, of which those that
 * change the cluster are left out, health as {@link HealthChecks} answers it, and the pages that the node is given. One
 * {@link HttpGuard} stands before all of it; whichever that is, the audit log has a line of each order and of each refusal.
 * Bound here and not by Pekko Management, which takes host and port from the actor system's configuration only and cannot say
 * in a sentence why it does not get them.
 */
public final class AdminDoor {
    /** Open to all: health, and the dashboard, which is the same everywhere and asks the API for what it shows. */
    private static final Set<String> OPEN = Set.of("/startup", "/ready", "/alive", "/");

    private static final String OPEN_BELOW = "/" + DashboardRoutes.PARTS + "/";

    private static final String DISPATCHER = "aitta.admin-dispatcher";

    private final ServerBinding binding;

    private AdminDoor(ServerBinding binding) {
        this.binding = binding;
    }

    /**
     * What stands behind the door.
     *
     * @param health asked without being waited for
     * @param guard asked before everything else
     * @param audit told of all that is ordered, and of all that is refused
     * @param routes of the API
     * @param explain what the routes fail with in their own words; empty: it is a fault
     * @param defaultTimeout of requests to the API that name none
     * @param pages everything else, such as metrics and the dashboard: asked last
     */
    public record Behind(
            HealthChecks health,
            HttpGuard guard,
            AuditLog audit,
            List<ApiRoute> routes,
            Function<Throwable, Optional<ApiProblem>> explain,
            Duration defaultTimeout,
            List<Route> pages) {}

    /**
     * Opens the door.
     *
     * @param tls absent: connections are in the clear
     * @return the open door, or a {@link ConfigException} that says why the port cannot be had
     */
    public static CompletionStage<AdminDoor> open(
            ActorSystem<?> system, String host, HttpSettings settings, Optional<Tls> tls, Behind behind) {
        return open(system, host, settings, tls, behind, limits(system));
    }

    /** What a connection may cost. */
    static ServerSettings limits(ActorSystem<?> system) {
        return ServerSettings.create(ConfigFactory.parseResources("aitta-http.conf")
                .withFallback(system.settings().config()));
    }

    static CompletionStage<AdminDoor> open(
            ActorSystem<?> system,
            String host,
            HttpSettings settings,
            Optional<Tls> tls,
            Behind behind,
            ServerSettings limits) {
        var materializer = materializer(system);
        var api = new ApiDoor(behind.routes(), behind.defaultTimeout(), behind.explain(), materializer);
        var routes = PekkoManagement.get(system).getRoutes(provider -> provider.withReadOnly(true));
        for (Route page : behind.pages()) {
            routes = Directives.concat(routes, page);
        }
        var server = Http.get(system).newServerAt(host, settings.port());
        return tls.map(with -> server.enableHttps(ConnectionContext.httpsServer(with::serverEngine)))
                .orElse(server)
                .withSettings(limits)
                .withMaterializer(materializer)
                // Not bind(): it has every answer go over the dispatcher of all others.
                .bindFlow(Flow.<HttpRequest>create()
                        .mapAsync(1, guarded(routes.handler(system), api, behind, materializer)))
                .handle((binding, failure) -> {
                    if (failure != null) {
                        throw BindFailures.explained(host, settings.port(), "--http-port", failure);
                    }
                    return new AdminDoor(binding);
                });
    }

    /** With threads of its own: whatever the others wait for, this port answers. */
    @SuppressWarnings("deprecation") // There is no other way yet to name a materializer's dispatcher.
    private static Materializer materializer(ActorSystem<?> system) {
        var classic = system.classicSystem();
        return ActorMaterializer.create(
                ActorMaterializerSettings.create(classic).withDispatcher(DISPATCHER), classic);
    }

    /** Health is answered before any route is tried: those may go over to threads that have to be waited for. */
    private static org.apache.pekko.japi.function.Function<HttpRequest, CompletionStage<HttpResponse>> guarded(
            org.apache.pekko.japi.function.Function<HttpRequest, CompletionStage<HttpResponse>> routes,
            ApiDoor api,
            Behind behind,
            Materializer materializer) {
        return request -> {
            var wanted = wanted(request, api);
            var verdict = verdict(request, wanted, behind.guard());
            verdict.refusal().ifPresent(why -> behind.audit()
                    .refused(verdict.who(), from(request), action(wanted), why.reason(), why.message()));
            var now = verdict.refusal().map(AdminDoor::response);
            if (now.isEmpty() && request.method().equals(HttpMethods.GET)) {
                now = behind.health().answer(request.getUri().path());
            }
            if (now.isPresent()) {
                request.discardEntityBytes(materializer);
                return CompletableFuture.completedFuture(now.get());
            }
            var answer = ApiDoor.isMeant(request)
                    ? api.handle(request)
                    : routes.apply(request).thenApply(AdminDoor::ofPage);
            return answer.thenApply(answered -> {
                if (wanted.need() == Need.CHANGE) {
                    behind.audit()
                            .ordered(
                                    verdict.who(),
                                    from(request),
                                    action(wanted),
                                    answered.asked().map(AuditLog::told).orElseGet(() -> firstLine(request)),
                                    answered.outcome());
                }
                return answered.response();
            });
        };
    }

    private static ApiDoor.Answered ofPage(HttpResponse response) {
        int status = response.status().intValue();
        return new ApiDoor.Answered(response, Optional.empty(), status < 300 ? "done" : Integer.toString(status));
    }

    /** Without its query: nobody knows what stands in that. */
    private static String firstLine(HttpRequest request) {
        return request.method().value() + " " + request.getUri().path();
    }

    private static String action(Wanted wanted) {
        return "http " + wanted.action();
    }

    private static String from(HttpRequest request) {
        return request.getAttribute(AttributeKeys.remoteAddress)
                .flatMap(address -> address.getAddress().map(ip -> ip.getHostAddress() + ":" + address.getPort()))
                .orElse("-");
    }

    private static Verdict verdict(HttpRequest request, Wanted wanted, HttpGuard guard) {
        var verdict = guard.judge(request, wanted);
        return verdict.refusal().isPresent() || wanted.need() != Need.CHANGE
                ? verdict
                : new Verdict(verdict.who(), fromAnotherSite(request));
    }

    private static HttpResponse response(Refusal refusal) {
        return ApiDoor.response(ApiProblem.withStatus(
                refusal.status(),
                refusal.status() == 401 ? Code.UNAUTHENTICATED : Code.PERMISSION_DENIED,
                refusal.reason(),
                refusal.message()));
    }

    private static Wanted wanted(HttpRequest request, ApiDoor api) {
        if (ApiDoor.isMeant(request)) {
            return api.wanted(request);
        }
        String path = request.getUri().path();
        boolean isQuestion =
                request.method().equals(HttpMethods.GET) || request.method().equals(HttpMethods.HEAD);
        boolean isOpen = OPEN.contains(path) || path.startsWith(OPEN_BELOW);
        Need need = !isQuestion ? Need.CHANGE : isOpen ? Need.NOTHING : Need.READ;
        return new Wanted(need, path, Optional.empty());
    }

    /** A browser says where the page came from that sends an order; the orders of other sites are not its user's. */
    private static Optional<Refusal> fromAnotherSite(HttpRequest request) {
        String host = request.getHeader("host").map(header -> header.value()).orElse("");
        return request.getHeader("origin")
                .map(header -> header.value().replaceFirst("^[a-z]+://", ""))
                .filter(origin -> !origin.equalsIgnoreCase(host))
                .map(origin -> new Refusal(403, "ANOTHER_SITE", "orders from pages of other sites are not taken"));
    }

    /** Where it listens; the port is the real one if any free one was asked for. */
    public InetSocketAddress address() {
        return binding.localAddress();
    }

    /** @param patience how long requests under way may take; the rest is cut off */
    public CompletionStage<Done> close(Duration patience) {
        return binding.terminate(patience).thenApply(terminated -> Done.getInstance());
    }
}
