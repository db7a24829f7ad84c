package io.aitta.security;

import io.aitta.config.ConfigSection;
import io.aitta.config.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The section {@code aitta.security}.
 *
 * @param insecure whether other machines may reach a node that is not protected
 * @param tokens the file of tokens; absent: everyone may do everything
 * @param quotas the file of quotas; absent: there are none
 * @param tls of the doors that clients come to, gRPC and HTTP; absent: in the clear
 * @param nodeTls between nodes; absent: in the clear
 * @param reloadInterval how often the files are looked at
 */
public record SecuritySettings(
        boolean insecure,
        Optional<Path> tokens,
        Optional<Path> quotas,
        Optional<TlsFiles> tls,
        Optional<TlsFiles> nodeTls,
        Duration reloadInterval) {
    private static final String SECTION = "aitta.security";

    /** @throws io.aitta.config.ConfigException naming the key that is wrong */
    public static SecuritySettings read(Settings settings) {
        ConfigSection section = settings.section(SECTION);
        return new SecuritySettings(
                section.flag("insecure"),
                file(section.string("token-file")),
                file(section.string("quota-file")),
                TlsFiles.read(settings.section(SECTION + ".tls"), SECTION + ".tls", false),
                TlsFiles.read(settings.section(SECTION + ".node-tls"), SECTION + ".node-tls", true),
                section.duration("reload-interval", Duration.ofMillis(100), Duration.ofHours(1)));
    }

    private static Optional<Path> file(String name) {
        return name.isEmpty() ? Optional.empty() : Optional.of(Path.of(name));
    }
}
