package io.aitta.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Optional;

/** All that one life of a node counts, and how Prometheus gets it. Thread-safe. */
public final class Metrics implements AutoCloseable {
    /** What {@link #scrape} gives. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final RequestMetrics requests;
    private final JournalMetrics journal;
    private final ReplicaMetrics replicas;
    private final SlowLog slowLog;
    private final Tracing tracing;
    private final int problemsPerSecond;

    /** @param tracing closed with this */
    public Metrics(MetricsSettings settings, Tracing tracing, String node) {
        Gauge.builder("aitta.build.info", () -> 1)
                .description("Always 1; the labels say which node and which build this is")
                .tag("node", node)
                .tag(
                        "version",
                        Optional.ofNullable(Metrics.class.getPackage().getImplementationVersion())
                                .orElse("unknown"))
                .register(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        collections.bindTo(registry);
        requests = new RequestMetrics(registry, settings.tables());
        journal = new JournalMetrics(registry);
        replicas = new ReplicaMetrics(registry);
        slowLog = new SlowLog(settings, registry);
        problemsPerSecond = settings.problemsPerSecond();
        this.tracing = tracing;
    }

    /** For what is better looked up than counted. */
    public MeterRegistry registry() {
        return registry;
    }

    public RequestMetrics requests() {
        return requests;
    }

    public JournalMetrics journal() {
        return journal;
    }

    public ReplicaMetrics replicas() {
        return replicas;
    }

    public SlowLog slowLog() {
        return slowLog;
    }

    public Tracing tracing() {
        return tracing;
    }

    /** How many requests that were answered by an error are logged one by one. */
    public int problemsPerSecond() {
        return problemsPerSecond;
    }

    /** Everything as it stands, in the text format of Prometheus, see {@link #CONTENT_TYPE}. */
    public String scrape() {
        requests.forgetGone();
        return registry.scrape();
    }

    @Override
    public void close() {
        tracing.close();
        collections.close();
        registry.close();
    }
}
