package io.aitta.cli;

import io.aitta.client.AittaClient;
import io.aitta.client.Endpoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The clients of one session, one for each list of endpoints, so that a prompt connects once. Not thread-safe. */
final class Clients implements AutoCloseable {
    private final Map<List<Endpoint>, AittaClient> clients = new HashMap<>();

    AittaClient of(List<Endpoint> endpoints) {
        return clients.computeIfAbsent(
                endpoints, list -> AittaClient.builder().endpoints(list).build());
    }

    @Override
    public void close() {
        clients.values().forEach(AittaClient::close);
        clients.clear();
    }
}
