package io.aitta.security;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.apache.pekko.remote.artery.tcp.SSLEngineProvider;
import scala.Option;

/**
 * TLS between nodes, as Artery asks for it: mutual, so that who has no certificate of the cluster's authorities can neither
 * join nor listen.
 */
public final class NodeTls implements SSLEngineProvider {
    private final Tls tls;

    /** @param tls with authorities */
    public NodeTls(Tls tls) {
        if (tls.files().authorities().isEmpty()) {
            throw new IllegalArgumentException("TLS between nodes needs authorities");
        }
        this.tls = tls;
    }

    @Override
    public SSLEngine createServerSSLEngine(String hostname, int port) {
        return tls.serverEngine();
    }

    @Override
    public SSLEngine createClientSSLEngine(String hostname, int port) {
        return tls.clientEngine(hostname, port);
    }

    /** The handshake has checked all there is. */
    @Override
    public Option<Throwable> verifyClientSession(String hostname, SSLSession session) {
        return Option.empty();
    }

    @Override
    public Option<Throwable> verifyServerSession(String hostname, SSLSession session) {
        return Option.empty();
    }
}
