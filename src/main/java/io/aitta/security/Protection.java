package io.aitta.security;

import java.util.Optional;

/**
 * What stands between a door and those who come to it.
 *
 * @param tls absent: connections are in the clear
 * @param quotas of tables
 */
public record Protection(Access access, AuditLog audit, Optional<Tls> tls, Quotas quotas) {
    /** Nothing: for a door that only this machine can reach. */
    public static final Protection NONE = new Protection(Access.OPEN, new AuditLog(), Optional.empty(), Quotas.none());

    /** Whether there are no tokens, so that everyone may do everything. */
    public boolean isOpen() {
        return access == Access.OPEN;
    }
}
