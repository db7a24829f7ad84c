package io.aitta.core.kv;

import com.google.protobuf.ByteString;
import java.util.OptionalLong;

/**
 * Numbers as values hold them: an optional '-' and decimal digits, within a signed 64-bit number. Zeros in front are read
 * and never written; a '+', blanks and anything else are no number.
 */
final class Decimal {
    private Decimal() {}

    /** Empty if the text is no number, or none within 64 bits. */
    static OptionalLong parse(ByteString text) {
        boolean negative = !text.isEmpty() && text.byteAt(0) == '-';
        int first = negative ? 1 : 0;
        if (first == text.size()) {
            return OptionalLong.empty();
        }
        // Below zero there is one number more than above.
        long sum = 0;
        for (int i = first; i < text.size(); i++) {
            int digit = text.byteAt(i) - '0';
            if (digit < 0 || digit > 9 || sum < Long.MIN_VALUE / 10) {
                return OptionalLong.empty();
            }
            sum = sum * 10 - digit;
            if (sum > 0) {
                return OptionalLong.empty();
            }
        }
        return negative ? OptionalLong.of(sum) : sum == Long.MIN_VALUE ? OptionalLong.empty() : OptionalLong.of(-sum);
    }

    static ByteString format(long number) {
        return ByteString.copyFromUtf8(Long.toString(number));
    }
}
