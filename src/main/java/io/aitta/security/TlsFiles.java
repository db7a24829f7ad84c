package io.aitta.security;

import io.aitta.config.ConfigException;
import io.aitta.config.ConfigSection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where the certificate of one kind of connection is, in PEM format.
 *
 * @param certificate the node's own, then those between it and the authority, if any
 * @param key the certificate's, in PKCS #8, without a password
 * @param authorities whose certificates are accepted of the other side; absent: the other side shows none
 */
public record TlsFiles(Path certificate, Path key, Optional<Path> authorities) {
    /** @return empty if the section says nothing */
    static Optional<TlsFiles> read(ConfigSection section, String name, boolean mutual) {
        String certificate = section.string("certificate");
        String key = section.string("key");
        String authorities = mutual ? section.string("authorities") : "";
        if (certificate.isEmpty() && key.isEmpty() && authorities.isEmpty()) {
            return Optional.empty();
        }
        if (certificate.isEmpty() || key.isEmpty() || mutual && authorities.isEmpty()) {
            throw new ConfigException(name + " must say all of certificate, key" + (mutual ? " and authorities" : "")
                    + ", or none of them");
        }
        return Optional.of(new TlsFiles(
                Path.of(certificate), Path.of(key), mutual ? Optional.of(Path.of(authorities)) : Optional.empty()));
    }

    List<Path> all() {
        var all = new ArrayList<Path>(List.of(certificate, key));
        authorities.ifPresent(all::add);
        return all;
    }
}
