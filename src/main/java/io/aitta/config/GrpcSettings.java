package io.aitta.config;

import java.time.Duration;

/**
 * The gRPC door; the section {@code aitta.grpc}.
 *
 * @param port 0: any free one
 * @param defaultDeadline of a request that names none
 * @param maxDeadline what a longer one is cut to
 * @param idleTimeout after which a connection is closed over which nothing comes or goes
 * @param maxMessageBytes the largest request message that is read at all
 */
public record GrpcSettings(
        int port, Duration defaultDeadline, Duration maxDeadline, Duration idleTimeout, int maxMessageBytes) {
    static GrpcSettings read(ConfigSection section) {
        Duration longest = Duration.ofHours(1);
        var settings = new GrpcSettings(
                section.integer("port", 0, 65_535),
                section.duration("default-deadline", Duration.ofMillis(1), longest),
                section.duration("max-deadline", Duration.ofMillis(1), longest),
                section.duration("idle-timeout", Duration.ofSeconds(1), Duration.ofDays(1)),
                section.bytes("max-message-bytes", 4 << 10, 256 << 20));
        section.require(
                settings.defaultDeadline.compareTo(settings.maxDeadline) <= 0,
                "default-deadline",
                "no longer than aitta.grpc.max-deadline");
        return settings;
    }
}
