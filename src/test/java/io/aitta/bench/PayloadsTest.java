package io.aitta.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class PayloadsTest {
    @Property(tries = 200)
    void aValueIsKnownAsThatOfItsKeyAndOfNoOther(
            @ForAll @LongRange(min = 0) long number,
            @ForAll long stamp,
            @ForAll @IntRange(min = Payloads.HEADER_BYTES, max = 3_000) int bytes) {
        ByteString value = new Payloads(bytes).value(number, stamp);
        assertThat(value.size()).isEqualTo(bytes);
        var reader = new Payloads(100);
        assertThat(reader.isOf(number, value)).isTrue();
        assertThat(reader.isOf(number + 1, value)).isFalse();
    }

    @Property(tries = 200)
    void anyChangeOfAValueIsSeen(
            @ForAll long stamp,
            @ForAll @IntRange(min = 0, max = 99) int at,
            @ForAll @IntRange(min = 1, max = 255) int by) {
        var payloads = new Payloads(100);
        byte[] bytes = payloads.value(5, stamp).toByteArray();
        bytes[at] ^= (byte) by;
        // The stamp chooses among 65,536 beginnings, by its lowest bits; above them it is only there to differ.
        boolean onlyTheStamp = at >= Long.BYTES && at < Payloads.HEADER_BYTES - 2;
        assertThat(payloads.isOf(5, ByteString.copyFrom(bytes))).isEqualTo(onlyTheStamp);
    }

    @Property(tries = 20)
    void valuesTooShortToTellAreOfTheLengthAskedForAllTheSame(@ForAll @IntRange(min = 0, max = 15) int bytes) {
        var payloads = new Payloads(bytes);
        assertThat(payloads.value(1, 2).size()).isEqualTo(bytes);
        assertThat(payloads.isOf(1, payloads.value(1, 2))).isFalse();
    }
}
