package io.aitta.security;

import io.aitta.config.ConfigException;
import io.aitta.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that protects one life of a node, read from its files, and read again when those change. A file that turns out wrong
 * then is complained about once, and what was in force stays so. Has a thread of its own, for reading files may block.
 */
public final class Security implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Security.class);
    /** From here on it is said now and then that a certificate is about to expire. */
    private static final Duration WARN_BEFORE = Duration.ofDays(14);

    private static final Duration WARN_INTERVAL = Duration.ofHours(6);

    private final Protection protection;
    private final Optional<NodeTls> nodeTls;
    private final List<Watched> watched = new ArrayList<>();
    private final List<Tls> certificates = new ArrayList<>();
    private final ScheduledExecutorService timer;

    private final boolean insecure;

    private Security(SecuritySettings settings) {
        insecure = settings.insecure();
        var access = settings.tokens().map(this::tokens);
        var tls = settings.tls().map(this::tls);
        var quotas = settings.quotas().map(this::quotas).orElseGet(Quotas::none);
        protection = new Protection(access.map(Access.class::cast).orElse(Access.OPEN), new AuditLog(), tls, quotas);
        nodeTls = settings.nodeTls().map(this::tls).map(NodeTls::new);
        timer = Executors.newSingleThreadScheduledExecutor(work -> {
            var thread = new Thread(work, "aitta-security");
            thread.setDaemon(true);
            return thread;
        });
        long interval = settings.reloadInterval().toMillis();
        timer.scheduleWithFixedDelay(this::look, interval, interval, TimeUnit.MILLISECONDS);
        timer.scheduleWithFixedDelay(this::warn, 0, WARN_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Reads what is set.
     *
     * @throws ConfigException if a file is wrong; or if other machines could reach this node unprotected, and it was not
     *     said that this is meant
     */
    public static Security open(Settings settings) {
        var security = SecuritySettings.read(settings);
        SafeBinding.check(settings.node().host(), security);
        return new Security(security);
    }

    /** Of the doors that clients come to. */
    public Protection protection() {
        return protection;
    }

    /** Absent: nodes talk in the clear. */
    public Optional<NodeTls> nodeTls() {
        return nodeTls;
    }

    /** Whether it was said that all machines that reach this one are as good as it. */
    public boolean isInsecure() {
        return insecure;
    }

    private TokenAccess tokens(Path file) {
        var access = new TokenAccess(TokenFile.read(file));
        watched.add(new Watched("the tokens", List.of(file), () -> access.replace(TokenFile.read(file))));
        return access;
    }

    private Quotas quotas(Path file) {
        var quotas = Quotas.read(file);
        watched.add(new Watched("the quotas", List.of(file), () -> quotas.replace(Quotas.read(file))));
        return quotas;
    }

    private Tls tls(TlsFiles files) {
        var tls = Tls.load(files);
        certificates.add(tls);
        watched.add(new Watched("the certificate " + files.certificate(), files.all(), tls::reload));
        return tls;
    }

    private void look() {
        watched.forEach(Watched::look);
    }

    private void warn() {
        for (Tls tls : certificates) {
            if (Instant.now().plus(WARN_BEFORE).isAfter(tls.validUntil())) {
                log.warn(
                        "The certificate {} is valid until {} only", tls.files().certificate(), tls.validUntil());
            }
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    /** Files that belong together, and what is to be done when one of them has changed. */
    private static final class Watched {
        private final String what;
        private final List<Path> files;
        private final Runnable reload;
        private String stamp;

        Watched(String what, List<Path> files, Runnable reload) {
            this.what = what;
            this.files = files;
            this.reload = reload;
            this.stamp = stamp();
        }

        void look() {
            String now = stamp();
            if (now.equals(stamp)) {
                return;
            }
            stamp = now;
            try {
                reload.run();
                log.info("Read {} anew", what);
            } catch (ConfigException wrong) {
                log.error("What was changed is not taken, the old stays in force: {}", wrong.getMessage());
            } catch (RuntimeException unforeseen) {
                log.error("Reading {} anew failed, the old stays in force", what, unforeseen);
            }
        }

        /** Differs when a file was written, or another one was put in its place. */
        private String stamp() {
            return files.stream().map(Watched::stamp).collect(Collectors.joining(" "));
        }

        private static String stamp(Path file) {
            try {
                var attributes = Files.readAttributes(file, BasicFileAttributes.class);
                return attributes.lastModifiedTime() + "/" + attributes.size() + "/" + attributes.fileKey();
            } catch (IOException gone) {
                return "gone";
            }
        }
    }
}
