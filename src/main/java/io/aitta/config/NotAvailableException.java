package io.aitta.config;

/**
 * What the operator asked for may be right, but this machine does not give it now: a port or a directory that another
 * process has, a directory that cannot be written or is damaged.
 */
public final class NotAvailableException extends ConfigException {
    private static final long serialVersionUID = 1L;

    public NotAvailableException(String message) {
        super(message);
    }

    public NotAvailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
