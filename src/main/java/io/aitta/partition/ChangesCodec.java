package io.aitta.partition;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.aitta.proto.record.v1.StoredChanges;
import io.aitta.store.ReplicaStore.Changed;
import io.aitta.store.ReplicaStore.Changes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;

/** Changes as they go from node to node: up to where was looked, then each entry's index and record. Never empty. */
final class ChangesCodec {
    private ChangesCodec() {}

    static byte[] encode(Changes changes) {
        var bytes = new ByteArrayOutputStream();
        var out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeUInt64NoTag(changes.lookedAtTo());
            for (var entry : changes.entries()) {
                out.writeUInt64NoTag(entry.index());
                out.writeMessageNoTag(entry.changes());
            }
            out.flush();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    /** @throws IllegalArgumentException if {@code bytes} are none of {@link #encode} */
    static Changes decode(byte[] bytes) {
        var in = CodedInputStream.newInstance(bytes);
        try {
            long lookedAtTo = in.readUInt64();
            var entries = new ArrayList<Changed>();
            while (!in.isAtEnd()) {
                long index = in.readUInt64();
                int limit = in.pushLimit(in.readRawVarint32());
                var changes = StoredChanges.parseFrom(in);
                in.popLimit(limit);
                entries.add(new Changed(index, changes));
            }
            return new Changes(entries, lookedAtTo);
        } catch (IOException damaged) {
            throw new IllegalArgumentException("these changes do not decode", damaged);
        }
    }
}
