package io.aitta.config;

import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;

/** Why a port cannot be listened on, as a sentence for the operator. */
public final class BindFailures {
    private BindFailures() {}

    /** @param flag the one that chooses the port */
    public static ConfigException explained(String host, int port, String flag, Throwable failure) {
        String where = "cannot listen on " + host + ":" + port + ": ";
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage());
            if (cause instanceof BindException && message.contains("in use")) {
                return new NotAvailableException(
                        where + "another process has this port; stop it, or choose another with " + flag, failure);
            }
            if (cause instanceof BindException && message.contains("ermission denied")) {
                return new NotAvailableException(
                        where + "ports below 1024 need privileges; choose another with " + flag, failure);
            }
            if (cause instanceof BindException
                    || cause instanceof UnknownHostException
                    || cause instanceof UnresolvedAddressException) {
                return new ConfigException(
                        where + "no network interface of this machine has this name or address; choose another with"
                                + " --host",
                        failure);
            }
        }
        return new ConfigException(where + failure.getMessage() + "; choose another port with " + flag, failure);
    }
}
