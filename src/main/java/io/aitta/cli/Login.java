package io.aitta.cli;

import io.aitta.client.AittaClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Over what kind of connection a command talks to the cluster, and whom it speaks for.
 *
 * @param tls whether connections are encrypted; they are if {@code ca} is said, too
 * @param ca a PEM file of the authorities that nodes' certificates are accepted of; empty: those that Java trusts
 * @param tokenFile a file with nothing but a token in it; empty: none. On a command line a token would be seen by everyone
 */
record Login(boolean tls, String ca, String tokenFile) {
    static Login of(Map<String, String> environment) {
        return new Login(
                false, environment.getOrDefault("AITTA_CA", ""), environment.getOrDefault("AITTA_TOKEN_FILE", ""));
    }

    /** Bad input if a file is not what it must be. */
    void applyTo(AittaClient.Builder client) {
        try {
            if (!ca.isBlank()) {
                client.tls(Path.of(ca));
            } else if (tls) {
                client.tls();
            }
        } catch (IllegalArgumentException wrong) {
            throw CommandFailed.badInput("--ca (or AITTA_CA): " + wrong.getMessage());
        }
        if (!tokenFile.isBlank()) {
            client.token(token());
        }
    }

    private String token() {
        try {
            String token = Files.readString(Path.of(tokenFile)).strip();
            if (token.isEmpty() || token.length() > 512 || !token.chars().allMatch(c -> c > ' ' && c < 127)) {
                throw CommandFailed.badInput("--token-file (or AITTA_TOKEN_FILE): " + Values.quoted(tokenFile)
                        + " must hold one token and nothing else");
            }
            return token;
        } catch (IOException e) {
            throw CommandFailed.badInput(
                    "--token-file (or AITTA_TOKEN_FILE): " + Values.quoted(tokenFile) + " cannot be read: " + e);
        }
    }
}
