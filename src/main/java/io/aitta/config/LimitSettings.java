package io.aitta.config;

/**
 * What one request, and all requests of a node together, may ask for; the section {@code aitta.limits}. Each limit has
 * its answer, a status with a reason of its own: reference.conf says which.
 */
public record LimitSettings(
        int keyBytes,
        int valueBytes,
        int keysPerRequest,
        int requestBytes,
        int responseBytes,
        int inFlightRequests,
        int inFlightBytes,
        int watchStreams,
        int pipelineStreams,
        int pipelineCalls,
        int pipelineBytes) {
    static LimitSettings read(ConfigSection section, GrpcSettings grpc) {
        var limits = new LimitSettings(
                section.bytes("key-bytes", 1, 32 << 10),
                section.bytes("value-bytes", 0, 512 << 10),
                section.integer("keys-per-request", 1, 1_000_000),
                section.bytes("request-bytes", 1, 256 << 20),
                section.bytes("response-bytes", 1, 256 << 20),
                section.integer("in-flight-requests", 1, 1_000_000),
                section.bytes("in-flight-bytes", 1, Integer.MAX_VALUE),
                section.integer("watch-streams", 0, 1_000_000),
                section.integer("pipeline-streams", 0, 1_000_000),
                section.integer("pipeline-calls", 1, 1_000_000),
                section.bytes("pipeline-bytes", 1, Integer.MAX_VALUE));
        section.require(
                limits.keyBytes + limits.valueBytes <= limits.requestBytes,
                "request-bytes",
                "at least key-bytes and value-bytes together");
        section.require(limits.valueBytes <= limits.responseBytes, "response-bytes", "at least value-bytes");
        section.require(
                limits.requestBytes <= grpc.maxMessageBytes(),
                "request-bytes",
                "at most aitta.grpc.max-message-bytes (" + grpc.maxMessageBytes() + ")");
        section.require(
                grpc.maxMessageBytes() <= limits.inFlightBytes,
                "in-flight-bytes",
                "at least aitta.grpc.max-message-bytes (" + grpc.maxMessageBytes() + ")");
        return limits;
    }
}
