package io.aitta.metrics;

import static org.apache.pekko.http.javadsl.server.Directives.complete;
import static org.apache.pekko.http.javadsl.server.Directives.get;
import static org.apache.pekko.http.javadsl.server.Directives.path;

import java.nio.charset.StandardCharsets;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.server.Route;

/** {@code GET /metrics}, as Prometheus scrapes it. */
public final class MetricsRoute {
    private static final ContentType TEXT = ContentTypes.parse(Metrics.CONTENT_TYPE);

    private MetricsRoute() {}

    public static Route of(Metrics metrics) {
        return path(
                "metrics",
                () -> get(() -> complete(HttpResponse.create()
                        .withEntity(HttpEntities.create(TEXT, metrics.scrape().getBytes(StandardCharsets.UTF_8))))));
    }
}
