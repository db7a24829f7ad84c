package io.aitta.metrics;

import io.aitta.config.ConfigSection;
import io.aitta.config.Settings;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Exports a span for each traced request, and one for each stage of a write, by OTLP over HTTP. Off unless an endpoint is
 * set. Spans are made when the request has ended, so that one that is not traced costs nothing. They wait for being sent
 * in a queue of 2,048; when it is full, further ones are dropped. Thread-safe.
 */
public final class Tracing implements AutoCloseable {
    private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("db.system.name");
    private static final AttributeKey<String> TABLE = AttributeKey.stringKey("db.collection.name");
    private static final AttributeKey<String> OPERATION = AttributeKey.stringKey("db.operation.name");
    private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("aitta.outcome");
    private static final AttributeKey<String> REQUEST = AttributeKey.stringKey("aitta.request_id");
    private static final Duration LAST_SPANS = Duration.ofSeconds(2);

    /** Null: off. */
    private final SdkTracerProvider provider;

    private final Tracer tracer;

    private Tracing(SdkTracerProvider provider) {
        this.provider = provider;
        this.tracer = provider == null ? null : provider.get("io.aitta");
    }

    /** As {@code aitta.tracing} says. */
    public static Tracing of(Settings settings, String node) {
        ConfigSection tracing = settings.section("aitta.tracing");
        String endpoint = tracing.string("otlp-endpoint");
        double sample = tracing.number("sample", 0, 1);
        tracing.require(
                endpoint.isEmpty() || endpoint.matches("https?://[^/]+/?"),
                "otlp-endpoint",
                "empty, or the address of a collector's HTTP port such as \"http://127.0.0.1:4318\"");
        return endpoint.isEmpty()
                ? off()
                : to(
                        OtlpHttpSpanExporter.builder()
                                .setEndpoint(endpoint.replaceFirst("/$", "") + "/v1/traces")
                                .build(),
                        sample,
                        node);
    }

    public static Tracing off() {
        return new Tracing(null);
    }

    static Tracing to(SpanExporter exporter, double sample, String node) {
        return new Tracing(SdkTracerProvider.builder()
                .addSpanProcessor(BatchSpanProcessor.builder(exporter).build())
                // Who comes with a trace has decided already.
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(sample)))
                .setResource(Resource.getDefault().toBuilder()
                        .put("service.name", "aitta")
                        .put("service.instance.id", node)
                        .build())
                .build());
    }

    /** Whether anything is exported at all. */
    public boolean isOn() {
        return provider != null;
    }

    /**
     * A request was answered.
     *
     * @param traceparent of the request, well-formed; null: it has none
     * @param failed whether the cluster failed it
     */
    public void ended(SlowRequest request, String traceparent, boolean failed) {
        long endNanos = TimeUnit.MILLISECONDS.toNanos(request.wallMillis());
        long startNanos = endNanos - request.nanos();
        Span span = tracer.spanBuilder(request.operation())
                .setParent(parent(traceparent))
                .setSpanKind(SpanKind.SERVER)
                .setStartTimestamp(startNanos, TimeUnit.NANOSECONDS)
                .setAttribute(SYSTEM, "aitta")
                .setAttribute(OPERATION, request.operation())
                .setAttribute(TABLE, request.table())
                .setAttribute(OUTCOME, request.outcome())
                .setAttribute(REQUEST, request.requestId())
                .startSpan();
        if (span.isRecording()) {
            Optional.ofNullable(request.stages()).ifPresent(stages -> stages(span, stages, endNanos));
            if (failed) {
                span.setStatus(StatusCode.ERROR, request.outcome());
            }
        }
        span.end(endNanos, TimeUnit.NANOSECONDS);
    }

    /** When they began at the primary is not known: they are put at the request's end, where they were all but done. */
    private void stages(Span request, Stages stages, long endNanos) {
        long at = endNanos - stages.totalNanos();
        at = stage(request, "queue", at, stages.queueNanos());
        at = stage(request, "journal", at, stages.journalNanos());
        at = stage(request, "replication", at, stages.replicationNanos());
        stage(request, "apply", at, stages.applyNanos());
    }

    private long stage(Span request, String name, long startNanos, long nanos) {
        tracer.spanBuilder(name)
                .setParent(Context.root().with(request))
                .setStartTimestamp(startNanos, TimeUnit.NANOSECONDS)
                .startSpan()
                .end(startNanos + nanos, TimeUnit.NANOSECONDS);
        return startNanos + nanos;
    }

    private static Context parent(String traceparent) {
        if (traceparent == null) {
            return Context.root();
        }
        var remote = SpanContext.createFromRemoteParent(
                traceparent.substring(3, 35),
                traceparent.substring(36, 52),
                TraceFlags.fromHex(traceparent, 53),
                TraceState.getDefault());
        return Context.root().with(Span.wrap(remote));
    }

    /** Sends what is left, for two seconds at most. */
    @Override
    public void close() {
        if (provider != null) {
            provider.shutdown().join(LAST_SPANS.toMillis(), TimeUnit.MILLISECONDS);
        }
    }
}
