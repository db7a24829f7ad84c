package io.aitta.core;

import java.util.regex.Pattern;

/**
 * The stable name of a node. It lives in the node's data directory and outlives its addresses.
 *
 * @param value 1 to 40 characters: a to z, 0 to 9 and '-', beginning with a letter or a digit
 */
public record NodeId(String value) implements Comparable<NodeId> {
    private static final Pattern LEGAL = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");

    /** @throws IllegalArgumentException if {@code value} is not of the form above; the message says what is. */
    public NodeId {
        if (!LEGAL.matcher(value).matches()) {
            throw new IllegalArgumentException("node id '" + value
                    + "' is not 1 to 40 characters of a-z, 0-9 and '-', beginning with a letter or a digit");
        }
    }

    @Override
    public int compareTo(NodeId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
