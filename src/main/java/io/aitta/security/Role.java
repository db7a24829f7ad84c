package io.aitta.security;

import java.util.Locale;
import java.util.Optional;

/** What a token is good for; each role includes those before it. */
public enum Role {
    /** To read keys and to watch them. */
    READ_ONLY,
    /** To write them too. */
    READ_WRITE,
    /** To make, alter and drop tables too; and, if it is given for all tables, to rule the cluster. */
    ADMIN;

    /** As it is written in a token file. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    boolean includes(Role other) {
        return compareTo(other) >= 0;
    }

    static Optional<Role> of(String word) {
        for (Role role : values()) {
            if (role.word().equals(word)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }
}
