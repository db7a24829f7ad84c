package io.aitta.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What is done, and how often: the core workloads of YCSB, and two of only one kind. Parts are of a hundred. */
public enum Workload {
    /** Session store. */
    A("half reads, half updates", Distribution.ZIPFIAN, 50, 50, 0, 0, 0),
    /** Photo tagging. */
    B("95 % reads, 5 % updates", Distribution.ZIPFIAN, 95, 5, 0, 0, 0),
    /** Profile cache. */
    C("only reads", Distribution.ZIPFIAN, 100, 0, 0, 0, 0),
    /** Status updates. */
    D("95 % reads of the latest, 5 % inserts", Distribution.LATEST, 95, 0, 5, 0, 0),
    /** Threaded conversations. */
    E("95 % short scans, 5 % inserts", Distribution.ZIPFIAN, 0, 0, 5, 95, 0),
    /** User records. */
    F("half reads, half read-modify-writes", Distribution.ZIPFIAN, 50, 0, 0, 0, 50),
    WRITE("only updates, keys at random", Distribution.UNIFORM, 0, 100, 0, 0, 0),
    READ("only reads, keys at random", Distribution.UNIFORM, 100, 0, 0, 0, 0);

    private final String description;
    private final Distribution distribution;
    /** By ordinal of {@link Kind}: what a roll below it comes to. */
    private final int[] below = new int[Kind.values().length];

    private final boolean reading;

    Workload(String description, Distribution distribution, int... parts) {
        this.description = description;
        this.distribution = distribution;
        int sum = 0;
        for (int i = 0; i < below.length; i++) {
            sum += parts[i];
            below[i] = sum;
        }
        if (sum != 100) {
            throw new IllegalStateException("the parts of workload " + name() + " come to " + sum);
        }
        this.reading = parts[Kind.UPDATE.ordinal()] + parts[Kind.INSERT.ordinal()] < 100;
    }

    /** One operation. */
    public enum Kind {
        READ,
        UPDATE,
        /** Of a key that was not there. */
        INSERT,
        /** Of a few entries, from a key on. */
        SCAN,
        /** A write under the condition that nobody wrote since the read, tried until it holds. */
        READ_MODIFY_WRITE;

        /** As it is called in reports. */
        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** The one of this name, in letters of any case. */
    public static Optional<Workload> named(String name) {
        return Arrays.stream(values())
                .filter(workload -> workload.name().equalsIgnoreCase(name))
                .findFirst();
    }

    /** As they are named on a command line. */
    public static List<String> names() {
        return Arrays.stream(values()).map(Workload::word).toList();
    }

    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    public String description() {
        return description;
    }

    /** Of the keys, unless another is asked for. */
    public Distribution distribution() {
        return distribution;
    }

    /** Whether the keys have to be there for it to mean anything. */
    public boolean isReading() {
        return reading;
    }

    boolean has(Kind kind) {
        int i = kind.ordinal();
        return below[i] > (i == 0 ? 0 : below[i - 1]);
    }

    /** @param roll 0 to 99 */
    Kind kind(int roll) {
        int i = 0;
        while (roll >= below[i]) {
            i++;
        }
        return Kind.values()[i];
    }
}
