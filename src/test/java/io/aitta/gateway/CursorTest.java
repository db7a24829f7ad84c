package io.aitta.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.aitta.gateway.RoutingTable.TableRoutes;
import io.aitta.proto.v1.KeyRange;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class CursorTest {
    private static final TableRoutes TABLE = new RoutingTable(FakeTopology.of(3, "default", 16)).table("default");
    private static final RangePart PART = part("");

    @Property
    void a_cursor_leads_where_it_was_made(@ForAll @IntRange(max = 15) int partition, @ForAll byte[] after) {
        var cursor = new Cursor(partition, ByteString.copyFrom(after), "n1/12345");
        assertThat(Cursor.decode(cursor.encode(1, PART), TABLE, PART)).isEqualTo(cursor);
        var beginning = new Cursor(partition, null, "");
        assertThat(Cursor.decode(beginning.encode(1, PART), TABLE, PART)).isEqualTo(beginning);
    }

    @Property
    void bytes_that_are_no_cursor_are_refused(@ForAll byte[] bytes) {
        refuses(bytes, PART);
    }

    @Property
    void a_cursor_that_was_changed_is_refused(
            @ForAll @Size(max = 40) byte[] after, @ForAll int position, @ForAll byte other) {
        byte[] bytes = new Cursor(3, ByteString.copyFrom(after), "n1/12345")
                .encode(1, PART)
                .toByteArray();
        int at = Math.floorMod(position, bytes.length);
        Assume.that(bytes[at] != other);
        bytes[at] = other;
        refuses(bytes, PART);
    }

    @Property
    void a_cursor_that_was_cut_off_is_refused(@ForAll @Size(max = 40) byte[] after, @ForAll int length) {
        byte[] bytes = new Cursor(3, ByteString.copyFrom(after), "n1/12345")
                .encode(1, PART)
                .toByteArray();
        refuses(java.util.Arrays.copyOf(bytes, Math.floorMod(length, bytes.length)), PART);
    }

    @Property(tries = 50)
    void a_cursor_of_another_range_table_or_partition_is_refused(@ForAll @IntRange(min = 16) int beyond) {
        var cursor = new Cursor(3, ByteString.copyFromUtf8("k"), "n1/1");
        refuses(cursor.encode(1, PART).toByteArray(), part("k"));
        refuses(cursor.encode(2, PART).toByteArray(), PART);
        refuses(new Cursor(beyond, null, "").encode(1, PART).toByteArray(), PART);
        refuses(new Cursor(-beyond, null, "").encode(1, PART).toByteArray(), PART);
        refuses(
                new Cursor(3, ByteString.copyFromUtf8("a"), "")
                        .encode(1, part("k"))
                        .toByteArray(),
                part("k"));
    }

    private static void refuses(byte[] bytes, RangePart part) {
        assertThatThrownBy(() -> Cursor.decode(ByteString.copyFrom(bytes), TABLE, part))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().reason()).isEqualTo("BAD_CURSOR"));
    }

    private static RangePart part(String prefix) {
        return RangePart.of(
                KeyRange.newBuilder().setPrefix(ByteString.copyFromUtf8(prefix)).build(), TABLE, OpenDoor.LIMITS);
    }
}
