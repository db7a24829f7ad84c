package io.aitta.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.aitta.config.ConfigException;
import io.aitta.config.TestSettings;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TracingTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PARENT = "b7ad6b7169203331";

    private final List<SpanData> spans = new CopyOnWriteArrayList<>();
    private final SpanExporter exporter = new SpanExporter() {
        @Override
        public CompletableResultCode export(Collection<SpanData> batch) {
            spans.addAll(batch);
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    };

    private static SlowRequest request(Stages stages) {
        return new SlowRequest(
                1_700_000_000_000L, "set", "users", 3, "k", 9_000_000, "NO_QUORUM", stages, "r-1", TRACE);
    }

    @Test
    void aRequestOfATraceIsASpanOfItWithItsStagesBelow() {
        try (var tracing = Tracing.to(exporter, 0, "n1")) {
            tracing.ended(request(new Stages(1, 2, 3, 4)), "00-" + TRACE + "-" + PARENT + "-01", true);
        }
        assertThat(spans)
                .extracting(SpanData::getName)
                .containsExactlyInAnyOrder("set", "queue", "journal", "replication", "apply");
        assertThat(spans).allMatch(span -> span.getTraceId().equals(TRACE));
        var set = spans.stream()
                .filter(span -> span.getName().equals("set"))
                .findFirst()
                .orElseThrow();
        assertThat(set.getParentSpanId()).isEqualTo(PARENT);
        assertThat(set.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(set.getEndEpochNanos() - set.getStartEpochNanos()).isEqualTo(9_000_000);
        assertThat(spans).filteredOn(span -> !span.getName().equals("set")).allMatch(span -> span.getParentSpanId()
                .equals(set.getSpanId()));
    }

    @Test
    void whoSaysThatItsTraceIsNotSampledIsHeard() {
        try (var tracing = Tracing.to(exporter, 1, "n1")) {
            tracing.ended(request(null), "00-" + TRACE + "-" + PARENT + "-00", false);
        }
        assertThat(spans).isEmpty();
    }

    @Test
    void ofRequestsWithoutATraceTheShareThatIsSetBeginsOne() {
        try (var tracing = Tracing.to(exporter, 1, "n1")) {
            tracing.ended(request(null), null, false);
        }
        assertThat(spans).hasSize(1);
        try (var tracing = Tracing.to(exporter, 0, "n1")) {
            tracing.ended(request(null), null, false);
        }
        assertThat(spans).hasSize(1);
    }

    @Test
    void itIsOffUnlessAnEndpointIsSet() {
        assertThat(Tracing.of(TestSettings.with(Map.of()), "n1").isOn()).isFalse();
    }

    @Test
    void whatIsNoEndpointIsRefused() {
        assertThatThrownBy(() ->
                        Tracing.of(TestSettings.with(Map.of("aitta.tracing.otlp-endpoint", "localhost:4318")), "n1"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("aitta.tracing.otlp-endpoint");
    }

    @Test
    void spansReachACollector() throws Exception {
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        var collector = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            received.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
        try {
            String endpoint = "http://127.0.0.1:" + collector.getAddress().getPort();
            try (var tracing = Tracing.of(TestSettings.with(Map.of("aitta.tracing.otlp-endpoint", endpoint)), "n7")) {
                tracing.ended(request(null), "00-" + TRACE + "-" + PARENT + "-01", false);
            }
            assertThat(received.poll(20, TimeUnit.SECONDS)).contains("aitta", "n7", "users", "set");
        } finally {
            collector.stop(0);
        }
    }
}
