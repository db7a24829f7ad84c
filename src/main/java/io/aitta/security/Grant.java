package io.aitta.security;

import java.util.regex.Pattern;

/**
 * A role for some tables.
 *
 * @param tables a table's name; or the beginning of names, then {@code *}; or {@code *} alone: all tables
 */
public record Grant(Role role, String tables) {
    static final String ALL = "*";
    private static final Pattern TABLES = Pattern.compile("[A-Za-z0-9_.-]{1,64}\\*?|\\*");

    public Grant {
        if (!TABLES.matcher(tables).matches()) {
            throw new IllegalArgumentException("'" + tables
                    + "' names no tables; expected a table's name, the beginning of names and '*', or '*' alone");
        }
    }

    boolean covers(String table) {
        return tables.endsWith(ALL) ? table.startsWith(tables.substring(0, tables.length() - 1)) : table.equals(tables);
    }

    boolean coversAll() {
        return tables.equals(ALL);
    }

    @Override
    public String toString() {
        return coversAll() ? role.word() : role.word() + ":" + tables;
    }
}
