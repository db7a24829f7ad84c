package io.aitta.config;

/**
 * Health and administration over HTTP; the section {@code aitta.http}.
 *
 * @param port 0: any free one
 */
public record HttpSettings(int port) {
    static HttpSettings read(ConfigSection section) {
        return new HttpSettings(section.integer("port", 0, 65_535));
    }
}
