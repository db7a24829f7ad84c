package io.aitta.security;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** One line of a token file: who holds a token, and what it is good for. Immutable. */
public final class Holder {
    private final String name;
    private final byte[] digest;
    private final List<Grant> grants;

    Holder(String name, byte[] digest, List<Grant> grants) {
        this.name = name;
        this.digest = digest.clone();
        this.grants = List.copyOf(grants);
    }

    public String name() {
        return name;
    }

    boolean may(Role role, String table) {
        for (Grant grant : grants) {
            if (grant.role().includes(role) && grant.covers(table)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a role for all tables includes {@code role}. */
    boolean mayEverywhere(Role role) {
        for (Grant grant : grants) {
            if (grant.role().includes(role) && grant.coversAll()) {
                return true;
            }
        }
        return false;
    }

    /** @param hashed as {@link Tokens#hashed} gives it */
    String line(String hashed) {
        return name + " " + hashed + " " + grants();
    }

    private String grants() {
        return grants.stream().map(Grant::toString).collect(Collectors.joining(" "));
    }

    /** Takes as long for a digest that differs late as for one that differs at once. */
    boolean has(byte[] presented) {
        return MessageDigest.isEqual(digest, presented);
    }

    boolean hasDigestOf(Holder other) {
        return Arrays.equals(digest, other.digest);
    }

    /** Without the digest: even that is nobody's business. */
    @Override
    public String toString() {
        return name + " (" + grants() + ")";
    }
}
