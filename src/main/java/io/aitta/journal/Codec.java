package io.aitta.journal;

import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.Serializers;

/** Pekko serialization as the journal's rows keep it: the serializer's number, its manifest, its bytes. Thread-safe. */
final class Codec {
    private final Serialization serialization;

    Codec(Serialization serialization) {
        this.serialization = serialization;
    }

    record Encoded(int serializerId, String manifest, byte[] bytes) {}

    Encoded encode(Object object) {
        Serializer serializer = serialization.findSerializerFor(object);
        byte[] bytes = (byte[]) serialization.serialize(object).get();
        return new Encoded(serializer.identifier(), Serializers.manifestFor(serializer, object), bytes);
    }

    Object decode(byte[] bytes, int serializerId, String manifest) {
        return serialization.deserialize(bytes, serializerId, manifest).get();
    }
}
