package io.aitta.security;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.aitta.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * How much of tables may be asked for in a second, of this node; as it was read from a file:
 *
 * <pre>
 * # TABLES   KEYS/S   BYTES/S
 * orders     5000     10MiB
 * logs.*     20000    -
 * </pre>
 *
 * The first line counts that fits a table; those of one line share it. A table that no line fits has no limit. The file can
 * be exchanged at any moment. Thread-safe.
 */
public final class Quotas {
    private static final int MAX_LINES = 1_000;
    private static final long MAX_BYTES = 1 << 20;

    private record Line(Grant tables, Optional<Quota> keys, Optional<Quota> bytes) {}

    private volatile List<Line> lines;

    private Quotas(List<Line> lines) {
        this.lines = lines;
    }

    /** No limit for any table. */
    public static Quotas none() {
        return new Quotas(List.of());
    }

    /** @throws ConfigException if the file cannot be read, naming the line that is wrong */
    public static Quotas read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new ConfigException(file + ": more than " + MAX_BYTES + " bytes are no file of quotas");
            }
            return new Quotas(parse(Files.readAllLines(file), file.toString(), System::nanoTime));
        } catch (IOException failure) {
            throw new ConfigException("the file of quotas " + file + " cannot be read: " + failure, failure);
        }
    }

    /** For tests, whose clock it is. */
    static Quotas of(List<String> lines, LongSupplier nanoTime) {
        return new Quotas(parse(lines, "quotas", nanoTime));
    }

    /** From now on these count; what was taken of the old is forgotten. */
    void replace(Quotas other) {
        lines = other.lines;
    }

    private static List<Line> parse(List<String> text, String file, LongSupplier nanoTime) {
        var lines = new ArrayList<Line>();
        for (int i = 0; i < text.size(); i++) {
            String line = text.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                lines.add(line(line.split("\\s+"), nanoTime));
            } catch (IllegalArgumentException | com.typesafe.config.ConfigException wrong) {
                throw new ConfigException(file + ":" + (i + 1) + ": " + wrong.getMessage(), wrong);
            }
            if (lines.size() > MAX_LINES) {
                throw new ConfigException(file + ": more than " + MAX_LINES + " lines");
            }
        }
        return List.copyOf(lines);
    }

    private static Line line(String[] words, LongSupplier nanoTime) {
        if (words.length != 3) {
            throw new IllegalArgumentException("expected TABLES KEYS/S BYTES/S, such as 'orders 5000 10MiB'");
        }
        return new Line(new Grant(Role.READ_ONLY, words[0]), quota(words[1], nanoTime), quota(words[2], nanoTime));
    }

    /** @return empty: no limit */
    private static Optional<Quota> quota(String word, LongSupplier nanoTime) {
        if (word.equals("-")) {
            return Optional.empty();
        }
        long perSecond = ConfigFactory.empty()
                .withValue("quota", ConfigValueFactory.fromAnyRef(word))
                .getBytes("quota");
        if (perSecond <= 0) {
            throw new IllegalArgumentException("a quota is above 0, or '-' for none, not " + word);
        }
        return Optional.of(new Quota(perSecond, nanoTime));
    }

    /** Whether no table has a limit, so that nobody need count. */
    public boolean isEmpty() {
        return lines.isEmpty();
    }

    /**
     * Takes what a request asks for.
     *
     * @param keys that it is about, at least 1
     * @param bytes of the request
     * @return 0: taken; else nothing was taken, and it can be tried again in so many milliseconds
     */
    public long take(String table, int keys, int bytes) {
        for (Line line : lines) {
            if (line.tables.covers(table)) {
                long wait = Math.max(
                        line.keys.map(Quota::waitMillis).orElse(0L),
                        line.bytes.map(Quota::waitMillis).orElse(0L));
                if (wait == 0) {
                    line.keys.ifPresent(quota -> quota.take(keys));
                    line.bytes.ifPresent(quota -> quota.take(bytes));
                }
                return wait;
            }
        }
        return 0;
    }
}
