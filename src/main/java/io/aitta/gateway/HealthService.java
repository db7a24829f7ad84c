package io.aitta.gateway;

import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Source;

/**
 * The standard grpc.health.v1.Health: SERVING exactly while the node is ready. All services of the node, and the empty
 * name for the node itself, share one status.
 */
final class HealthService {
    /** How late a watcher may hear of a change. */
    private static final Duration WATCH_INTERVAL = Duration.ofMillis(500);

    private final BooleanSupplier ready;
    private final Set<String> services;

    /** @param ready cheap, and never blocks */
    HealthService(BooleanSupplier ready, Set<String> services) {
        this.ready = ready;
        this.services = services;
    }

    CompletionStage<HealthCheckResponse> check(HealthCheckRequest request, Call call) {
        ServingStatus status = status(request.getService());
        if (status == ServingStatus.SERVICE_UNKNOWN) {
            throw Problem.of(
                            ErrorReason.SERVICE_NOT_FOUND,
                            "there is no service '" + Text.shortened(request.getService()) + "' here; there are "
                                    + String.join(
                                            ", ", services.stream().sorted().toList()))
                    .asException();
        }
        return CompletableFuture.completedFuture(response(status));
    }

    Source<HealthCheckResponse, NotUsed> watch(HealthCheckRequest request, Call call) {
        return Source.tick(Duration.ZERO, WATCH_INTERVAL, request.getService())
                .map(this::status)
                .statefulMapConcat(() -> {
                    var last = new ServingStatus[1];
                    return status -> {
                        boolean isNews = status != last[0];
                        last[0] = status;
                        return isNews ? List.of(response(status)) : List.of();
                    };
                })
                .mapMaterializedValue(tick -> NotUsed.getInstance());
    }

    private ServingStatus status(String service) {
        if (!service.isEmpty() && !services.contains(service)) {
            return ServingStatus.SERVICE_UNKNOWN;
        }
        return ready.getAsBoolean() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    }

    private static HealthCheckResponse response(ServingStatus status) {
        return HealthCheckResponse.newBuilder().setStatus(status).build();
    }
}
