package io.aitta.cli;

import io.aitta.client.AittaClient;
import io.aitta.client.Endpoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The clients of one session, one for each list of endpoints and login, so that a prompt connects once. Not thread-safe. */
final class Clients implements AutoCloseable {
    private record Key(List<Endpoint> endpoints, Login login) {}

    private final Map<Key, AittaClient> clients = new HashMap<>();

    AittaClient of(List<Endpoint> endpoints, Login login) {
        return clients.computeIfAbsent(new Key(endpoints, login), key -> {
            var builder = AittaClient.builder().endpoints(endpoints);
            login.applyTo(builder);
            return builder.build();
        });
    }

    @Override
    public void close() {
        clients.values().forEach(AittaClient::close);
        clients.clear();
    }
}
