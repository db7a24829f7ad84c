package io.aitta.cli;

import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes in bytes as people write them: {@code 65536}, {@code 64KiB}, {@code 1MiB}. */
final class Sizes {
    private static final Pattern FORM = Pattern.compile("(\\d{1,12})(B|KiB|MiB|GiB)?");
    private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB");

    private Sizes() {}

    /** Empty if it is not a size. */
    static OptionalLong parse(String text) {
        Matcher form = FORM.matcher(text);
        return form.matches()
                ? OptionalLong.of(
                        Long.parseLong(form.group(1)) << 10 * Math.max(0, UNITS.indexOf(String.valueOf(form.group(2)))))
                : OptionalLong.empty();
    }

    /** To one decimal, in the greatest unit of which there is one at least. */
    static String about(long bytes) {
        int unit = 0;
        double count = bytes;
        while (count >= 1_024 && unit < UNITS.size() - 1) {
            count /= 1_024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", count, UNITS.get(unit));
    }

    /** Exact, in the greatest unit that divides it. */
    static String shown(long bytes) {
        int unit = 0;
        long count = bytes;
        while (count != 0 && count % 1024 == 0 && unit < UNITS.size() - 1) {
            count /= 1024;
            unit++;
        }
        return count + UNITS.get(unit);
    }
}
