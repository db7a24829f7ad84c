package io.aitta.security;

import io.aitta.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The tokens that a node knows, as they were read from a file:
 *
 * <pre>
 * # NAME    HASH            ROLE[:TABLE[,TABLE..]] ..
 * alice     sha256:9f86..   admin
 * orders    sha256:60303..  read-write:orders,orders.* read-only:catalog
 * </pre>
 *
 * Of tokens only the hashes. A name may stand on several lines, so that a new token can be brought in before the old one
 * goes. Immutable.
 */
public final class TokenFile {
    /** Every token that is presented is compared with all of them. */
    static final int MAX_TOKENS = 1_000;

    private static final long MAX_BYTES = 1 << 20;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9@._-]{0,63}");

    private final List<Holder> holders;

    private TokenFile(List<Holder> holders) {
        this.holders = List.copyOf(holders);
    }

    /** @throws ConfigException if the file cannot be read, naming the line that is wrong, but never what a hash is */
    public static TokenFile read(Path file) {
        List<String> lines;
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new ConfigException(file + ": more than " + MAX_BYTES + " bytes are no file of tokens");
            }
            lines = Files.readAllLines(file);
        } catch (IOException failure) {
            throw new ConfigException("the file of tokens " + file + " cannot be read: " + failure, failure);
        }
        return parse(lines, file.toString());
    }

    static TokenFile parse(List<String> lines, String file) {
        var holders = new ArrayList<Holder>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                var holder = holder(line);
                if (holders.stream().anyMatch(holder::hasDigestOf)) {
                    throw new IllegalArgumentException("the token of '" + holder.name() + "' stands here twice");
                }
                holders.add(holder);
            } catch (IllegalArgumentException wrong) {
                throw new ConfigException(file + ":" + (i + 1) + ": " + wrong.getMessage(), wrong);
            }
            if (holders.size() > MAX_TOKENS) {
                throw new ConfigException(file + ": more than " + MAX_TOKENS + " tokens");
            }
        }
        if (holders.isEmpty()) {
            throw new ConfigException(
                    file + " has no tokens, so nobody could do anything; make one with 'aitta token create'");
        }
        return new TokenFile(holders);
    }

    private static Holder holder(String line) {
        String[] words = line.split("\\s+");
        if (words.length < 3) {
            throw new IllegalArgumentException("expected NAME HASH ROLE[:TABLE,..], as 'aitta token create' prints it");
        }
        var grants = new ArrayList<Grant>();
        for (int i = 2; i < words.length; i++) {
            grants.addAll(grants(words[i]));
        }
        return new Holder(named(words[0]), Tokens.digestOf(words[1]), grants);
    }

    private static String named(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a holder's name has 1 to 64 letters, digits, '@', '.', '_' and '-', beginning with a letter or digit");
        }
        return name;
    }

    /**
     * Reads {@code ROLE} or {@code ROLE:TABLE,TABLE}.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static List<Grant> grants(String text) {
        int colon = text.indexOf(':');
        String word = colon < 0 ? text : text.substring(0, colon);
        Role role = Role.of(word)
                .orElseThrow(() -> new IllegalArgumentException(
                        "'" + word + "' is no role; there are admin, read-write and read-only"));
        if (colon < 0) {
            return List.of(new Grant(role, Grant.ALL));
        }
        var grants = new ArrayList<Grant>();
        for (String tables : text.substring(colon + 1).split(",", -1)) {
            grants.add(new Grant(role, tables));
        }
        return grants;
    }

    /**
     * A line of a token file, as {@link #read} reads it.
     *
     * @throws IllegalArgumentException if nobody can have such a name
     */
    public static String line(String name, String token, List<Grant> grants) {
        return new Holder(named(name), Tokens.digest(token), grants).line(Tokens.hashed(token));
    }

    /** Looks at all of them, so that how long it takes says nothing of whose token it nearly was. */
    Optional<Holder> holderOf(byte[] digest) {
        Holder found = null;
        for (Holder holder : holders) {
            if (holder.has(digest)) {
                found = holder;
            }
        }
        return Optional.ofNullable(found);
    }
}
