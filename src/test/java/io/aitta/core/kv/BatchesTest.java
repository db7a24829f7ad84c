package io.aitta.core.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.proto.record.v1.Batch;
import io.aitta.proto.record.v1.SessionStamp;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BatchesTest {
    private static final ByteString KEY = ByteString.copyFromUtf8("k");

    @Test
    void theBytesOfABatchNeverChange() {
        var stamp = SessionStamp.newBuilder()
                .setClientId(ByteString.copyFromUtf8("c"))
                .setSequence(7)
                .setAcknowledgedBelow(5)
                .setStartedMillis(300)
                .setItem(2)
                .build();
        var batch = Batches.encode(
                1000,
                List.of(
                        Operations.set(KEY, ByteString.copyFromUtf8("v"), 60_000, stamp),
                        Operations.delete(KEY, null)));
        assertThat(HexFormat.of().formatHex(batch))
                .isEqualTo("0802" + "10e807"
                        + "1a1a" + "0a0a" + "0a016b" + "120176" + "18e0d403" + "7a0c" + "0a0163" + "1007" + "1805"
                        + "20ac02" + "2802"
                        + "1a05" + "1203" + "0a016b");
    }

    @Property
    void whatIsEncodedIsDecodedAndFitsTheOverheadPromised(
            @ForAll long timestamp, @ForAll @Size(max = 20) List<byte[]> operations)
            throws InvalidProtocolBufferException {
        var bytes = Batches.encode(timestamp, operations);
        int own = operations.stream().mapToInt(operation -> operation.length).sum();
        assertThat(bytes.length).isLessThanOrEqualTo(own + Batches.overheadBytes(operations.size()));

        var batch = Batches.decode(bytes);
        assertThat(batch.getTimestampMillis()).isEqualTo(timestamp);
        assertThat(batch.getOperationsList().stream().map(ByteString::toByteArray))
                .containsExactlyElementsOf(operations);
        assertThat(Batch.parseFrom(bytes)).isEqualTo(batch);
    }

    @Test
    void aBatchOfANewerReleaseStopsTheNode() {
        var newer = Batch.newBuilder().setRecordVersion(3).build().toByteArray();
        assertThatThrownBy(() -> Batches.decode(newer))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("record version 3 needs a newer release");
    }

    @Test
    void aBatchOfTheFirstReleaseIsStillRead() throws InvalidProtocolBufferException {
        var first = HexFormat.of().parseHex("0801" + "10e807" + "1a05" + "1203" + "0a016b");
        assertThat(Batches.decode(first).getOperationsList())
                .containsExactly(ByteString.copyFrom(Operations.delete(KEY, null)));
    }

    @Test
    void aBatchWithoutAVersionIsNoBatch() {
        assertThatThrownBy(() -> Batches.decode(new byte[0])).isInstanceOf(InvalidProtocolBufferException.class);
    }
}
