package io.aitta.client;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a node's gRPC door is.
 *
 * @param host a name or an address; an IPv6 address without its brackets
 * @param port 1 to 65,535
 */
public record Endpoint(String host, int port) {
    public Endpoint {
        if (host.isBlank() || port < 1 || port > 65_535) {
            throw new IllegalArgumentException("no endpoint: '" + host + ":" + port + "', expected HOST:PORT");
        }
    }

    /**
     * Reads {@code host:port} or {@code [ipv6]:port}.
     *
     * @throws IllegalArgumentException if it is not of that form; the message says what was wrong
     */
    public static Endpoint parse(String text) {
        String trimmed = text.strip();
        int colon = trimmed.lastIndexOf(':');
        String host = colon < 0 ? trimmed : trimmed.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw notAnEndpoint(text);
        }
        try {
            return new Endpoint(host, Integer.parseInt(trimmed.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            throw notAnEndpoint(text);
        }
    }

    /** Reads one or more endpoints with commas between. */
    public static List<Endpoint> parseList(String text) {
        var endpoints = new ArrayList<Endpoint>();
        for (String part : text.split(",", -1)) {
            endpoints.add(parse(part));
        }
        return endpoints;
    }

    private static IllegalArgumentException notAnEndpoint(String text) {
        return new IllegalArgumentException(
                "'" + text.strip() + "' is not an endpoint; expected HOST:PORT with a port of 1 to 65535");
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
