package io.aitta.config;

/**
 * What the operator gave cannot work: a key, a flag, a port, a directory. The message is a sentence for the operator that
 * says what was wrong and what would be right; it is printed as it is, without a stack trace.
 */
public sealed class ConfigException extends RuntimeException permits NotAvailableException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }

    public ConfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
