package io.aitta;

import io.aitta.config.ConfigException;
import io.aitta.config.DataDirectory;
import io.aitta.config.NotAvailableException;
import io.aitta.config.ServeOptions;
import io.aitta.config.Settings;
import io.aitta.journal.JournalException;
import io.aitta.store.StoreException;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs one node in this process, from the command line's words to the exit status. */
public final class Main {
    /** Exit statuses, as everywhere on the command line. */
    private static final int DONE = 0;

    private static final int BAD_INPUT = 2;
    private static final int REFUSED = 3;

    private static final Set<String> LOG_FORMATS = Set.of("plain", "json");

    private static final Logger log = LoggerFactory.getLogger(Main.class);

    private Main() {}

    /**
     * Runs a node until the process is told to stop (SIGTERM, SIGINT), or until it cannot go on.
     *
     * @return the exit status: 0 stopped as told; 2 a setting is wrong; 3 refused, or something it needs is not to be had.
     *     What went wrong has been said on standard error
     */
    public static int run(ServeOptions options) {
        try {
            checkLogFormat(System.getenv("AITTA_LOG_FORMAT"));
            var settings = Settings.load(options);
            try (var directory = DataDirectory.open(
                    settings.node().dataDir(), settings.node().id())) {
                return serve(settings, directory);
            }
        } catch (NotAvailableException refused) {
            return fail(REFUSED, refused);
        } catch (ConfigException | com.typesafe.config.ConfigException wrong) {
            return fail(BAD_INPUT, wrong);
        } catch (JournalException | StoreException | IllegalStateException | IOException refused) {
            return fail(REFUSED, refused);
        }
    }

    /** logback.xml takes it by itself, and would log nothing at all if it knew no such layout. */
    static void checkLogFormat(String format) {
        if (format != null && !LOG_FORMATS.contains(format)) {
            throw new ConfigException(
                    "AITTA_LOG_FORMAT is '" + format + "' in the environment; it can be plain (the default) or json");
        }
    }

    private static int fail(int status, Exception cause) {
        log.debug("The node ends", cause);
        System.err.println("aitta: " + cause.getMessage());
        return status;
    }

    /** A node that the others have given up, because it was paused or cut off, comes back as if it had been restarted. */
    private static int serve(Settings settings, DataDirectory directory) {
        var told = new AtomicBoolean();
        var running = new AtomicReference<Node>();
        var stopped = new CountDownLatch(1);
        var hook = new Thread(() -> stopByHook(told, running, stopped), "aitta-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            while (true) {
                try (var node = Node.start(settings, directory)) {
                    running.set(node);
                    if (told.get()) {
                        // While the node was being started the hook had nobody to tell.
                        node.stop();
                    }
                    var end = node.awaitEnd();
                    if (end instanceof Node.End.Rejected rejected) {
                        throw new IllegalStateException(rejected.message());
                    }
                    if (end instanceof Node.End.Stopped) {
                        return DONE;
                    }
                    log.warn("The other nodes have given this one up; it joins them again");
                }
            }
        } finally {
            running.set(null);
            stopped.countDown();
            removeHook(hook);
        }
    }

    private static void stopByHook(AtomicBoolean told, AtomicReference<Node> running, CountDownLatch stopped) {
        told.set(true);
        var node = running.get();
        if (node != null) {
            node.stop();
        }
        try {
            // The process ends when its hooks have: store and journal must be closed by then.
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyStopping) {
            log.debug("The process is stopping; its hook stays");
        }
    }
}
