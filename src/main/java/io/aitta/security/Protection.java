package io.aitta.security;

import java.util.Optional;

/**
 * What stands between a door and those who come to it.
 *
 * @param tls absent: connections are in the clear
 */
public record Protection(Access access, AuditLog audit, Optional<Tls> tls) {
    /** Nothing: for a door that only this machine can reach. */
    public static final Protection NONE = new Protection(Access.OPEN, new AuditLog(), Optional.empty());
}
