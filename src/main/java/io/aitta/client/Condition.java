package io.aitta.client;

import com.google.protobuf.ByteString;

/** What must hold of a key for a write to be done; judged at the moment of the write, so no read is needed before it. Immutable. */
public final class Condition {
    private static final Condition ABSENT = new Condition(
            io.aitta.proto.v1.Condition.newBuilder().setExists(false).build());
    private static final Condition PRESENT = new Condition(
            io.aitta.proto.v1.Condition.newBuilder().setExists(true).build());

    private final io.aitta.proto.v1.Condition message;

    private Condition(io.aitta.proto.v1.Condition message) {
        this.message = message;
    }

    /** The key has no value. */
    public static Condition absent() {
        return ABSENT;
    }

    /** The key has a value. */
    public static Condition present() {
        return PRESENT;
    }

    /** @param version as {@link VersionedValue#version} told it; 0: the key has no value */
    public static Condition hasVersion(long version) {
        if (version < 0) {
            throw new IllegalArgumentException("a version cannot be " + version);
        }
        return new Condition(
                io.aitta.proto.v1.Condition.newBuilder().setVersion(version).build());
    }

    /** The key has a value, and it is this one. */
    public static Condition hasValue(ByteString value) {
        return new Condition(
                io.aitta.proto.v1.Condition.newBuilder().setValue(value).build());
    }

    io.aitta.proto.v1.Condition message() {
        return message;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Condition that && message.equals(that.message);
    }

    @Override
    public int hashCode() {
        return message.hashCode();
    }

    @Override
    public String toString() {
        return switch (message.getKindCase()) {
            case EXISTS -> message.getExists() ? "present" : "absent";
            case VERSION -> "has version " + message.getVersion();
            default -> "has a value of " + message.getValue().size() + " bytes";
        };
    }
}
