package io.aitta;

import io.aitta.config.ServeOptions;

/** Starts one node in this process. */
public final class Main {
    private Main() {}

    /**
     * Runs a node until it is told to stop.
     *
     * @return the exit status of the process
     */
    public static int run(ServeOptions options) {
        throw new IllegalStateException("this build has no server: " + options);
    }
}
