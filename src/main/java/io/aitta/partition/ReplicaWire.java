package io.aitta.partition;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.aitta.journal.JournalFormatException;
import io.aitta.metrics.Stages;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/**
 * How requests to replicas and their answers are written as bytes, between nodes: fields one after the other, numbers as
 * varints, byte strings after their length. The manifest names the kind of message and the version of its layout, so
 * a changed layout gets another manifest. Bound in application.conf.
 */
public final class ReplicaWire extends SerializerWithStringManifest {
    /** Travels by this serializer. */
    interface Message {}

    /** About how many bytes of operations go in one message to another node. A frame holds twice as many. */
    static final int MESSAGE_BYTES = 1 << 20;

    /** Fixed for ever: it travels with every message. */
    private static final int IDENTIFIER = 74_002;

    private static final String WRITE = "w1";
    private static final String READ = "r1";
    private static final String WRITTEN = "d1";
    /** The same with where its time went: only what took a while. */
    private static final String WRITTEN_SLOWLY = "d2";

    private static final String ORDERED = "o1";
    private static final String VALUES = "v1";
    private static final String REFUSED = "n1";
    private static final String UNKNOWN = "u1";

    private static final int STRONG = 0;
    private static final int SESSION = 1;
    private static final int EVENTUAL = 2;

    /** What stands before the bytes of a message's parts hardly takes more. */
    private static final int ROOM = 160;

    private final ExtendedActorSystem system;
    private ActorRefResolver refs;

    public ReplicaWire(ExtendedActorSystem system) {
        this.system = system;
    }

    @Override
    public int identifier() {
        return IDENTIFIER;
    }

    @Override
    public String manifest(Object message) {
        if (message instanceof Replica.Write) {
            return WRITE;
        } else if (message instanceof Replica.Read) {
            return READ;
        } else if (message instanceof Replica.Written written) {
            return written.stages() == null ? WRITTEN : WRITTEN_SLOWLY;
        } else if (message instanceof Replica.Ordered) {
            return ORDERED;
        } else if (message instanceof Replica.ReadValues) {
            return VALUES;
        } else if (message instanceof Replica.Refused) {
            return REFUSED;
        } else if (message instanceof Replica.OutcomesUnknown) {
            return UNKNOWN;
        }
        throw new IllegalArgumentException("no message to or from a replica: " + message.getClass());
    }

    @Override
    public byte[] toBinary(Object message) {
        var bytes = new ByteArrayOutputStream(ROOM + size(message));
        var out = CodedOutputStream.newInstance(bytes);
        try {
            write(message, out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) {
        var in = CodedInputStream.newInstance(bytes);
        try {
            var message = read(in, manifest);
            if (!in.isAtEnd()) {
                throw new JournalFormatException("a message of kind " + manifest + " has bytes left over");
            }
            return message;
        } catch (IOException e) {
            throw new JournalFormatException("a message of kind " + manifest + " and " + bytes.length
                    + " bytes does not decode: " + e.getMessage());
        }
    }

    private static int size(Object message) {
        if (message instanceof Replica.Write write) {
            return sizeOf(write.operations());
        } else if (message instanceof Replica.Read read) {
            return sizeOf(read.keys());
        } else if (message instanceof Replica.Written written) {
            return written.outcomes().stream()
                    .mapToInt(run -> 20 + sizeOf(run.outcomes()))
                    .sum();
        }
        return ROOM;
    }

    private static int sizeOf(List<byte[]> all) {
        int size = 0;
        for (var bytes : all) {
            size += 3 + bytes.length;
        }
        return size;
    }

    // ---- writing ------------------------------------------------------------------------------------------------

    private void write(Object message, CodedOutputStream out) throws IOException {
        if (message instanceof Replica.Write write) {
            out.writeUInt64NoTag(write.group());
            out.writeUInt32NoTag(write.first());
            out.writeBoolNoTag(write.fast());
            out.writeSInt64NoTag(write.remainingMillis());
            write(write.replyTo(), out);
            out.writeUInt32NoTag(write.hops());
            write(write.operations(), out);
        } else if (message instanceof Replica.Read read) {
            write(read.level(), out);
            out.writeSInt64NoTag(read.remainingMillis());
            write(read.replyTo(), out);
            out.writeUInt64NoTag(read.correlation());
            out.writeUInt32NoTag(read.hops());
            write(read.keys(), out);
        } else if (message instanceof Replica.Written written) {
            if (written.stages() != null) {
                write(written.stages(), out);
            }
            out.writeUInt64NoTag(written.index());
            out.writeUInt32NoTag(written.outcomes().size());
            for (var run : written.outcomes()) {
                out.writeUInt64NoTag(run.group());
                out.writeUInt32NoTag(run.first());
                write(run.outcomes(), out);
            }
        } else if (message instanceof Replica.Ordered ordered) {
            out.writeUInt64NoTag(ordered.index());
            writeRanges(ordered.ranges(), out);
        } else if (message instanceof Replica.ReadValues values) {
            out.writeUInt64NoTag(values.correlation());
            out.writeUInt64NoTag(values.index());
            out.writeBoolNoTag(values.strong());
            out.writeUInt32NoTag(values.values().size());
            for (var value : values.values()) {
                write(value, out);
            }
        } else if (message instanceof Replica.Refused refused) {
            out.writeStringNoTag(refused.reason().name());
            out.writeStringNoTag(refused.message());
            writeRanges(refused.ranges(), out);
        } else if (message instanceof Replica.OutcomesUnknown unknown) {
            out.writeStringNoTag(unknown.message());
            writeRanges(unknown.ranges(), out);
        }
    }

    private static void write(Stages stages, CodedOutputStream out) throws IOException {
        out.writeUInt64NoTag(stages.queueNanos());
        out.writeUInt64NoTag(stages.journalNanos());
        out.writeUInt64NoTag(stages.replicationNanos());
        out.writeUInt64NoTag(stages.applyNanos());
    }

    private static void write(List<byte[]> all, CodedOutputStream out) throws IOException {
        out.writeUInt32NoTag(all.size());
        for (var bytes : all) {
            out.writeByteArrayNoTag(bytes);
        }
    }

    private static void writeRanges(List<Replica.Range> ranges, CodedOutputStream out) throws IOException {
        out.writeUInt32NoTag(ranges.size());
        for (var range : ranges) {
            out.writeUInt64NoTag(range.request());
            out.writeUInt32NoTag(range.first());
            out.writeUInt32NoTag(range.count());
        }
    }

    private static void write(Replica.ReadValue value, CodedOutputStream out) throws IOException {
        out.writeBoolNoTag(value.bytes() != null);
        if (value.bytes() != null) {
            out.writeByteArrayNoTag(value.bytes());
            out.writeUInt64NoTag(value.version());
            out.writeSInt64NoTag(value.expiresAtMillis());
        }
    }

    private static void write(ReadLevel level, CodedOutputStream out) throws IOException {
        if (level instanceof ReadLevel.Session session) {
            out.writeUInt32NoTag(SESSION);
            out.writeUInt64NoTag(session.index());
        } else if (level instanceof ReadLevel.Eventual eventual) {
            out.writeUInt32NoTag(EVENTUAL);
            out.writeUInt64NoTag(eventual.maxStalenessMillis());
        } else {
            out.writeUInt32NoTag(STRONG);
        }
    }

    private void write(ActorRef<?> ref, CodedOutputStream out) throws IOException {
        out.writeStringNoTag(refs().toSerializationFormat(ref));
    }

    // ---- reading ------------------------------------------------------------------------------------------------

    private Object read(CodedInputStream in, String manifest) throws IOException {
        return switch (manifest) {
            case WRITE -> readWrite(in);
            case READ -> readRead(in);
            case WRITTEN -> readWritten(in, null);
            case WRITTEN_SLOWLY ->
                readWritten(in, new Stages(in.readUInt64(), in.readUInt64(), in.readUInt64(), in.readUInt64()));
            case ORDERED -> new Replica.Ordered(in.readUInt64(), readRanges(in));
            case VALUES -> readValues(in);
            case REFUSED -> readRefused(in);
            case UNKNOWN -> readUnknown(in);
            default -> throw new JournalFormatException("no kind of message known here: '" + manifest + "'");
        };
    }

    private static Replica.Written readWritten(CodedInputStream in, Stages stages) throws IOException {
        long index = in.readUInt64();
        int count = in.readUInt32();
        var runs = new ArrayList<Replica.Outcomes>();
        for (int i = 0; i < count; i++) {
            runs.add(new Replica.Outcomes(in.readUInt64(), in.readUInt32(), readList(in)));
        }
        return new Replica.Written(index, runs, stages);
    }

    private Replica.Write readWrite(CodedInputStream in) throws IOException {
        long group = in.readUInt64();
        int first = in.readUInt32();
        boolean fast = in.readBool();
        long remainingMillis = in.readSInt64();
        var replyTo = readRef(in);
        int hops = in.readUInt32();
        return new Replica.Write(group, first, readList(in), fast, remainingMillis, replyTo, hops);
    }

    private Replica.Read readRead(CodedInputStream in) throws IOException {
        var level = readLevel(in);
        long remainingMillis = in.readSInt64();
        var replyTo = readRef(in);
        long correlation = in.readUInt64();
        int hops = in.readUInt32();
        return new Replica.Read(readList(in), level, remainingMillis, replyTo, correlation, hops);
    }

    private static Replica.ReadValues readValues(CodedInputStream in) throws IOException {
        long correlation = in.readUInt64();
        long index = in.readUInt64();
        boolean strong = in.readBool();
        int count = in.readUInt32();
        var values = new ArrayList<Replica.ReadValue>();
        for (int i = 0; i < count; i++) {
            values.add(
                    in.readBool()
                            ? new Replica.ReadValue(in.readByteArray(), in.readUInt64(), in.readSInt64())
                            : new Replica.ReadValue(null, 0, 0));
        }
        return new Replica.ReadValues(correlation, values, index, strong);
    }

    private static Replica.Refused readRefused(CodedInputStream in) throws IOException {
        var reason = Reason.valueOf(in.readString());
        var message = in.readString();
        return new Replica.Refused(readRanges(in), reason, message);
    }

    private static Replica.OutcomesUnknown readUnknown(CodedInputStream in) throws IOException {
        var message = in.readString();
        return new Replica.OutcomesUnknown(readRanges(in), message);
    }

    private static ReadLevel readLevel(CodedInputStream in) throws IOException {
        int kind = in.readUInt32();
        return switch (kind) {
            case STRONG -> ReadLevel.STRONG;
            case SESSION -> new ReadLevel.Session(in.readUInt64());
            case EVENTUAL -> new ReadLevel.Eventual(in.readUInt64());
            default -> throw new JournalFormatException("no level of reading known here: " + kind);
        };
    }

    private static List<byte[]> readList(CodedInputStream in) throws IOException {
        int count = in.readUInt32();
        var all = new ArrayList<byte[]>();
        for (int i = 0; i < count; i++) {
            all.add(in.readByteArray());
        }
        return all;
    }

    private static List<Replica.Range> readRanges(CodedInputStream in) throws IOException {
        int count = in.readUInt32();
        var ranges = new ArrayList<Replica.Range>();
        for (int i = 0; i < count; i++) {
            ranges.add(new Replica.Range(in.readUInt64(), in.readUInt32(), in.readUInt32()));
        }
        return ranges;
    }

    private ActorRef<Replica.Answer> readRef(CodedInputStream in) throws IOException {
        return refs().resolveActorRef(in.readString());
    }

    /** Not to be had while the actor system is still being made, and with it its serializers. */
    private ActorRefResolver refs() {
        if (refs == null) {
            refs = ActorRefResolver.get(Adapter.toTyped(system));
        }
        return refs;
    }
}
