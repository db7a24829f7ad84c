package io.aitta.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Random;

/**
 * Messages of any type, filled at random: mostly with what a request might hold, so that many get far, and now and then
 * with the smallest, the largest, the empty, the unknown or too many. And bytes of messages with damages.
 */
final class RandomMessages {
    private static final List<String> KEYS = List.of("a", "b", "{t}a", "{t}b", "{t}c", "{u}a", "{}x", "x{");
    private static final List<String> VALUES = List.of("", "7", "-3", "9223372036854775807", "abc", "0");
    private static final List<Long> NUMBERS =
            List.of(0L, 1L, 2L, 3L, 100L, -1L, 1L << 31, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE);

    private final Random random;

    private RandomMessages(Random random) {
        this.random = random;
    }

    static Message of(Descriptor type, Random random) {
        return new RandomMessages(random).message(type);
    }

    /** One bit other, one byte other, some left out, some twice, or the end missing. */
    static byte[] mutated(byte[] bytes, Random random) {
        if (bytes.length == 0) {
            return new byte[] {(byte) random.nextInt()};
        }
        int at = random.nextInt(bytes.length);
        int end = at + 1 + random.nextInt(Math.min(bytes.length - at, 12));
        byte[] copy = bytes.clone();
        return switch (random.nextInt(5)) {
            case 0 -> {
                copy[at] ^= (byte) (1 << random.nextInt(8));
                yield copy;
            }
            case 1 -> {
                copy[at] = (byte) random.nextInt();
                yield copy;
            }
            case 2 -> joined(bytes, at, bytes, end);
            case 3 -> joined(bytes, end, bytes, at);
            default -> joined(bytes, at, bytes, bytes.length);
        };
    }

    /** The one up to a place, the other from a place on. */
    private static byte[] joined(byte[] head, int to, byte[] tail, int from) {
        byte[] joined = new byte[to + tail.length - from];
        System.arraycopy(head, 0, joined, 0, to);
        System.arraycopy(tail, from, joined, to, tail.length - from);
        return joined;
    }

    private Message message(Descriptor type) {
        var message = DynamicMessage.newBuilder(type);
        for (var choice : type.getRealOneofs()) {
            if (!once(20)) {
                var field = any(choice.getFields());
                message.setField(field, value(field));
            }
        }
        for (FieldDescriptor field : type.getFields()) {
            if (field.getRealContainingOneof() != null) {
                continue;
            }
            if (field.isRepeated()) {
                int count = once(200) ? 101 : random.nextInt(4);
                for (int i = 0; i < count; i++) {
                    message.addRepeatedField(field, value(field));
                }
            } else if (!once(isNeeded(field) ? 20 : 2)) {
                message.setField(field, value(field));
            }
        }
        return message.build();
    }

    private static boolean isNeeded(FieldDescriptor field) {
        return List.of("table", "name", "key", "client_id", "sequence", "condition")
                .contains(field.getName());
    }

    private Object value(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case INT -> (int) number();
            case LONG -> number();
            case FLOAT -> random.nextFloat();
            case DOUBLE -> random.nextDouble();
            case BOOLEAN -> random.nextBoolean();
            case STRING -> once(15) ? text() : "default";
            case BYTE_STRING -> field.getName().equals("client_id") && !once(15) ? clientId() : bytes();
            case ENUM ->
                once(15)
                        ? field.getEnumType().findValueByNumberCreatingIfUnknown(77)
                        : any(field.getEnumType().getValues());
            case MESSAGE -> message(field.getMessageType());
        };
    }

    private long number() {
        return once(4) ? any(NUMBERS) : random.nextInt(5);
    }

    private String text() {
        return any(List.of("", "_meta", "other", "a/b", "\0", "\ud83d\ude00", "x".repeat(5_000)));
    }

    private ByteString clientId() {
        return ByteString.copyFrom(
                new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, (byte) random.nextInt(3)});
    }

    private ByteString bytes() {
        if (once(40)) {
            return ByteString.copyFrom(new byte[any(List.of(1_024, 1_025, 300_000, 524_288, 524_289))]);
        }
        if (once(10)) {
            byte[] noise = new byte[random.nextInt(40)];
            random.nextBytes(noise);
            return ByteString.copyFrom(noise);
        }
        return ByteString.copyFromUtf8(any(once(3) ? VALUES : KEYS));
    }

    /** True once in so many times. */
    private boolean once(int times) {
        return random.nextInt(times) == 0;
    }

    private <T> T any(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }
}
