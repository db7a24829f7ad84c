package io.aitta.cli;

import io.aitta.client.AittaClient;
import io.aitta.client.Endpoint;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What holds when a command line does not say otherwise.
 *
 * @param endpoints where the cluster is; as text, checked when it is first used
 */
record Defaults(String endpoints, Login login, String table, Output output, Duration timeout) {
    static final String TABLE = "default";

    static Defaults of(Map<String, String> environment) {
        String endpoints = environment.getOrDefault("AITTA_ENDPOINTS", "");
        return new Defaults(
                endpoints.isBlank() ? "127.0.0.1:7400" : endpoints,
                Login.of(environment),
                TABLE,
                Output.TEXT,
                AittaClient.DEFAULT_DEADLINE);
    }

    List<Endpoint> parsedEndpoints() {
        try {
            return Endpoint.parseList(endpoints);
        } catch (IllegalArgumentException e) {
            throw CommandFailed.badInput("--endpoints (or AITTA_ENDPOINTS): " + e.getMessage());
        }
    }
}
