package io.aitta.security;

import io.aitta.config.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates and keys in PEM format. What is wrong with a file is a {@link ConfigException} that names it. */
final class Pem {
    private static final long MAX_BYTES = 1 << 20;
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "EdDSA");

    private Pem() {}

    /** At least one; of a chain the first is the own one. */
    static List<X509Certificate> certificates(Path file) {
        checkSize(file);
        try (InputStream in = Files.newInputStream(file)) {
            var certificates = CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .map(X509Certificate.class::cast)
                    .toList();
            if (certificates.isEmpty()) {
                throw new ConfigException(file + " has no certificate; expected PEM, '-----BEGIN CERTIFICATE-----'");
            }
            return certificates;
        } catch (IOException failure) {
            throw unreadable(file, failure);
        } catch (CertificateException wrong) {
            throw new ConfigException(file + " is no file of certificates in PEM format: " + wrong.getMessage(), wrong);
        }
    }

    static PrivateKey key(Path file) {
        checkSize(file);
        Matcher pem;
        try {
            pem = KEY.matcher(Files.readString(file));
        } catch (IOException failure) {
            throw unreadable(file, failure);
        }
        if (!pem.find()) {
            throw new ConfigException(file + " has no key in PKCS #8, '-----BEGIN PRIVATE KEY-----' without a password;"
                    + " 'openssl pkcs8 -topk8 -nocrypt' makes one of other keys");
        }
        byte[] bytes;
        try {
            bytes = Base64.getMimeDecoder().decode(pem.group(1));
        } catch (IllegalArgumentException wrong) {
            throw new ConfigException(file + ": the key is damaged");
        }
        return key(file, new PKCS8EncodedKeySpec(bytes));
    }

    private static PrivateKey key(Path file, PKCS8EncodedKeySpec spec) {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException anotherKind) {
                continue;
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException("every Java has " + algorithm, impossible);
            }
        }
        throw new ConfigException(file + ": the key is damaged, or none of " + String.join(", ", ALGORITHMS));
    }

    private static void checkSize(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new ConfigException(file + ": more than " + MAX_BYTES + " bytes are no certificate or key");
            }
        } catch (IOException failure) {
            throw unreadable(file, failure);
        }
    }

    private static ConfigException unreadable(Path file, IOException failure) {
        return new ConfigException(file + " cannot be read: " + failure, failure);
    }
}
