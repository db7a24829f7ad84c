package io.aitta.security;

import io.aitta.config.ConfigException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** The rule that a node is not opened to other machines by accident. */
final class SafeBinding {
    private SafeBinding() {}

    /**
     * @param host what the ports bind to; a name that cannot be resolved passes, as it cannot be bound to either
     * @throws ConfigException if other machines could reach the node, something is missing that would protect it, and it
     *     was not said that this is meant
     */
    static void check(String host, SecuritySettings settings) {
        List<String> missing = missing(settings);
        if (missing.isEmpty() || settings.insecure() || isLoopback(host)) {
            return;
        }
        throw new ConfigException("aitta.node.host = " + host + " can be reached from other machines, and there is no "
                + String.join(", no ", missing)
                + ": set them (docs/SECURITY.md says how), bind to 127.0.0.1, or say --insecure if the network is yours"
                + " alone");
    }

    private static List<String> missing(SecuritySettings settings) {
        var missing = new ArrayList<String>();
        if (settings.tls().isEmpty()) {
            missing.add("TLS for clients (aitta.security.tls)");
        }
        if (settings.nodeTls().isEmpty()) {
            missing.add("TLS between nodes (aitta.security.node-tls)");
        }
        if (settings.tokens().isEmpty()) {
            missing.add("file of tokens (aitta.security.token-file)");
        }
        return missing;
    }

    private static boolean isLoopback(String host) {
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (!address.isLoopbackAddress()) {
                    return false;
                }
            }
            return true;
        } catch (UnknownHostException unresolved) {
            return true;
        }
    }
}
