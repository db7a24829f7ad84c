package io.aitta.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Makes tokens and hashes them. A token is 256 random bits, so that its plain SHA-256 cannot be turned back by trying: what
 * makes hashes of passwords slow would only slow down every request here.
 */
public final class Tokens {
    /** So that people and scanners for leaked secrets know one when they see it. */
    public static final String PREFIX = "aitta_";

    private static final String SCHEME = "sha256:";
    private static final int RANDOM_BYTES = 32;
    /** Longer ones are not even hashed. */
    static final int MAX_CHARACTERS = 512;

    private Tokens() {}

    /** A new token, which nobody else has. */
    public static String create() {
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /** As it stands in a token file. */
    public static String hashed(String token) {
        return SCHEME + HexFormat.of().formatHex(digest(token));
    }

    static byte[] digest(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    /**
     * Reads what {@link #hashed} writes.
     *
     * @throws IllegalArgumentException if it is anything else; the message does not repeat it, for it may be a token
     */
    static byte[] digestOf(String hashed) {
        if (!hashed.matches(SCHEME + "[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "the hash of a token is '" + SCHEME + "' and 64 hex digits, as 'aitta token hash' prints it");
        }
        return HexFormat.of().parseHex(hashed.substring(SCHEME.length()));
    }
}
