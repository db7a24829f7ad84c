package io.aitta.orchestrator;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.aitta.core.topology.Conductor;
import io.aitta.core.topology.TopologyCommand.TableDefaults;
import io.aitta.core.topology.TopologyState;
import java.time.Duration;

/**
 * The keys of this package, parsed and checked once. What each means stands in reference.conf.
 *
 * @param settle how long nodes are waited for once one remembered a cluster
 * @param duplicateGrace how long a running node of the same id may take to be gone
 * @param conductor how replicas are moved
 */
public record OrchestratorSettings(
        int expectNodes,
        int metaReplicas,
        TableDefaults tableDefaults,
        Duration helloInterval,
        Duration settle,
        Duration duplicateGrace,
        int maxQueued,
        Duration reportWindow,
        Duration writeTimeout,
        Duration retryAfter,
        Conductor.Settings conductor) {
    /** @throws ConfigException if a key is missing or its value is out of range; the key is named */
    public static OrchestratorSettings from(Config config) {
        int metaReplicas = within(config, "aitta.meta.replicas", 1, TopologyState.MAX_REPLICAS);
        if (metaReplicas % 2 == 0) {
            throw new ConfigException.BadValue(
                    "aitta.meta.replicas", metaReplicas + " is even; an odd number survives as many losses with fewer");
        }
        return new OrchestratorSettings(
                within(config, "aitta.bootstrap.expect-nodes", 1, 1_000),
                metaReplicas,
                new TableDefaults(
                        within(config, "aitta.table.default-partitions", 1, TopologyState.MAX_PARTITIONS),
                        within(config, "aitta.table.default-replicas", 1, TopologyState.MAX_REPLICAS)),
                config.getDuration("aitta.bootstrap.hello-interval"),
                config.getDuration("aitta.bootstrap.settle"),
                config.getDuration("aitta.bootstrap.duplicate-grace"),
                within(config, "aitta.orchestrator.max-queued", 1, 1_000_000),
                config.getDuration("aitta.orchestrator.report-window"),
                config.getDuration("aitta.orchestrator.write-timeout"),
                config.getDuration("aitta.orchestrator.retry-after"),
                conductor(config.getConfig("aitta.orchestrator")));
    }

    private static Conductor.Settings conductor(Config config) {
        return new Conductor.Settings(
                within(config, "moves-at-once", 1, 1_000),
                within(config, "moves-of-node", 1, 1_000),
                within(config, "transfers-at-once", 1, 1_000),
                config.getDuration("repair-after").toNanos(),
                config.getDuration("return-primary-after").toNanos(),
                config.getDuration("target-patience").toNanos(),
                config.getDuration("slow-down-after").toNanos(),
                config.getBoolean("auto-balance"));
    }

    private static int within(Config config, String key, int least, int most) {
        int value = config.getInt(key);
        if (value < least || value > most) {
            throw new ConfigException.BadValue(key, value + " is not " + least + " to " + most);
        }
        return value;
    }
}
