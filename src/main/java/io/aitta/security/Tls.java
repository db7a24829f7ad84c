package io.aitta.security;

import io.aitta.config.ConfigException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * Makes the engines of TLS connections from files that may be exchanged while the node runs: connections that are made
 * after {@link #reload()} use the new ones, those that are open keep what they have. With authorities it is mutual: both
 * sides show a certificate of one of them, and who calls another node checks that it is the one it meant. TLS 1.3 and 1.2
 * only. Thread-safe.
 */
public final class Tls {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private final TlsFiles files;
    private volatile Loaded loaded;

    private record Loaded(SSLContext context, X509Certificate certificate) {}

    private Tls(TlsFiles files) {
        this.files = files;
        reload();
    }

    /** @throws ConfigException naming the file that is wrong */
    public static Tls load(TlsFiles files) {
        return new Tls(files);
    }

    public TlsFiles files() {
        return files;
    }

    /**
     * Reads the files again.
     *
     * @throws ConfigException naming the file that is wrong; what was loaded before stays in force
     */
    public void reload() {
        List<X509Certificate> chain = Pem.certificates(files.certificate());
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(keyManagers(chain), trustManagers(), null);
            loaded = new Loaded(context, chain.get(0));
        } catch (GeneralSecurityException | IOException wrong) {
            throw new ConfigException(
                    files.certificate() + " and " + files.key() + " do not go together: " + wrong.getMessage(), wrong);
        }
    }

    private KeyManager[] keyManagers(List<X509Certificate> chain) throws GeneralSecurityException, IOException {
        var own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        var key = Pem.key(files.key());
        checkPair(key, chain.get(0));
        own.setKeyEntry("node", key, new char[0], chain.toArray(X509Certificate[]::new));
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(own, new char[0]);
        return factory.getKeyManagers();
    }

    /** Java would take any two, and fail every handshake without saying why. */
    private static void checkPair(PrivateKey key, X509Certificate certificate) throws GeneralSecurityException {
        String algorithm = key.getAlgorithm().equals("RSA")
                ? "SHA256withRSA"
                : key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : key.getAlgorithm();
        byte[] sample = {1, 2, 3};
        var signing = Signature.getInstance(algorithm);
        signing.initSign(key);
        signing.update(sample);
        byte[] signature = signing.sign();
        var checking = Signature.getInstance(algorithm);
        checking.initVerify(certificate.getPublicKey());
        checking.update(sample);
        if (!checking.verify(signature)) {
            throw new GeneralSecurityException("the key is not the certificate's");
        }
    }

    /** Null: what this Java trusts, which is never asked, as the other side shows nothing. */
    private TrustManager[] trustManagers() throws GeneralSecurityException, IOException {
        if (files.authorities().isEmpty()) {
            return null;
        }
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        for (X509Certificate authority : Pem.certificates(files.authorities().get())) {
            trusted.setCertificateEntry("authority-" + trusted.size(), authority);
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        return factory.getTrustManagers();
    }

    /** When the own certificate is over. */
    public Instant validUntil() {
        return loaded.certificate().getNotAfter().toInstant();
    }

    /** For one connection that somebody else opens. */
    public SSLEngine serverEngine() {
        SSLEngine engine = loaded.context().createSSLEngine();
        engine.setUseClientMode(false);
        engine.setEnabledProtocols(PROTOCOLS);
        engine.setNeedClientAuth(files.authorities().isPresent());
        return engine;
    }

    /** For one connection to another node, whose certificate must be for {@code host}. */
    SSLEngine clientEngine(String host, int port) {
        SSLEngine engine = loaded.context().createSSLEngine(host, port);
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(PROTOCOLS);
        var parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        engine.setSSLParameters(parameters);
        return engine;
    }
}
