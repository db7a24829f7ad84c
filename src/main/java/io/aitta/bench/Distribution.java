package io.aitta.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Which of the keys an operation is about. */
public enum Distribution {
    /** Each as often as any other. */
    UNIFORM {
        @Override
        long choose(Zipf zipf, long keys, RandomGenerator random) {
            return random.nextLong(keys);
        }
    },
    /** A few very often, most hardly ever; the popular ones lie all over the key space. */
    ZIPFIAN {
        @Override
        long choose(Zipf zipf, long keys, RandomGenerator random) {
            return Long.remainderUnsigned(scramble(zipf.rank(random) - 1), keys);
        }
    },
    /** As zipfian, the newest most often. */
    LATEST {
        @Override
        long choose(Zipf zipf, long keys, RandomGenerator random) {
            return keys - zipf.rank(random);
        }
    };

    /**
     * @param zipf over as many ranks as there are keys
     * @param keys above 0
     * @return 0 to {@code keys} less one
     */
    abstract long choose(Zipf zipf, long keys, RandomGenerator random);

    public static Optional<Distribution> named(String name) {
        return Arrays.stream(values())
                .filter(distribution -> distribution.name().equalsIgnoreCase(name))
                .findFirst();
    }

    /** As they are named on a command line. */
    public static List<String> names() {
        return Arrays.stream(values()).map(Distribution::word).toList();
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Spreads neighbours: FNV-1a over the eight bytes, as YCSB has it. */
    static long scramble(long number) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < Long.BYTES; i++) {
            hash ^= number & 0xff;
            hash *= 0x100000001b3L;
            number >>>= 8;
        }
        return hash;
    }
}
