package io.aitta.client;

import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How connections are kept from others, and whom they speak for. Immutable; tells nobody the token. */
final class Credentials {
    static final Credentials NONE = new Credentials(null, null);

    /** Null: connections are in the clear. */
    private final SslContext tls;
    /** Null: none. */
    private final String token;

    private Credentials(SslContext tls, String token) {
        this.tls = tls;
        this.token = token;
    }

    /** @param trusted PEM file of certificates; null: what this Java trusts */
    Credentials withTls(Path trusted) {
        try {
            var context = GrpcSslContexts.forClient();
            if (trusted == null) {
                return new Credentials(context.build(), token);
            }
            try (var certificates = Files.newInputStream(trusted)) {
                return new Credentials(context.trustManager(certificates).build(), token);
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "no certificates to trust in " + trusted + ", expected a file in PEM format: " + e, e);
        }
    }

    Credentials withToken(String token) {
        if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new IllegalArgumentException("a token consists of printable ASCII characters without blanks");
        }
        return new Credentials(tls, token);
    }

    void applyTo(NettyChannelBuilder channel) {
        if (tls == null) {
            channel.usePlaintext();
        } else {
            channel.sslContext(tls);
        }
        if (token != null) {
            var headers = new Metadata();
            headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
            channel.intercept(MetadataUtils.newAttachHeadersInterceptor(headers));
        }
    }

    @Override
    public String toString() {
        return (tls == null ? "in the clear" : "TLS") + (token == null ? "" : ", with a token");
    }
}
