package io.aitta.partition;

import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/** Lets {@link PeerMail.Bundle}s travel between nodes as protobuf. Bound in application.conf. */
public final class PeerBundleSerializer extends SerializerWithStringManifest {
    /** Fixed for ever: it travels with every message. */
    private static final int IDENTIFIER = 74_001;

    private static final String BUNDLE = "b";

    public PeerBundleSerializer(ExtendedActorSystem system) {}

    @Override
    public int identifier() {
        return IDENTIFIER;
    }

    @Override
    public String manifest(Object message) {
        return BUNDLE;
    }

    @Override
    public byte[] toBinary(Object message) {
        if (message instanceof PeerMail.Bundle bundle) {
            return PeerCodec.encode(bundle);
        }
        throw new IllegalArgumentException("no peer bundle: " + message.getClass());
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) {
        if (!BUNDLE.equals(manifest)) {
            throw new IllegalArgumentException("no manifest known here: '" + manifest + "'");
        }
        return PeerCodec.decode(bytes);
    }
}
