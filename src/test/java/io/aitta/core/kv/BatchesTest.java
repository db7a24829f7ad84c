package io.aitta.core.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.proto.record.v1.AppendOperation;
import io.aitta.proto.record.v1.Batch;
import io.aitta.proto.record.v1.Compare;
import io.aitta.proto.record.v1.Condition;
import io.aitta.proto.record.v1.ExpireOperation;
import io.aitta.proto.record.v1.GetOperation;
import io.aitta.proto.record.v1.IncrementOperation;
import io.aitta.proto.record.v1.SessionStamp;
import io.aitta.proto.record.v1.TransactionOperation;
import io.aitta.proto.record.v1.TransactionWrite;
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

    @Test
    void theBytesOfOperationsNeverChange() {
        var present = Condition.newBuilder().setExists(true).build();
        var none = Condition.newBuilder().setVersion(0).build();
        var value = ByteString.copyFromUtf8("v");
        assertThat(hex(Operations.set(KEY, value, 0, present, true, null)))
                .isEqualTo("0a0c" + "0a016b" + "120176" + "22020801" + "2801");
        assertThat(hex(Operations.delete(KEY, none, true, null))).isEqualTo("1209" + "0a016b" + "12021000" + "1801");
        assertThat(hex(Operations.append(KEY, value, 1000, 512, null)))
                .isEqualTo("220c" + "0a016b" + "120176" + "18e807" + "208004");
        assertThat(hex(Operations.increment(KEY, -2, 1000, null))).isEqualTo("2a08" + "0a016b" + "1003" + "18e807");
        assertThat(hex(Operations.expire(KEY, 1000, null))).isEqualTo("3206" + "0a016b" + "10e807");
        assertThat(hex(Operations.deleteRange(new KeySpan(KEY, value), null))).isEqualTo("3a06" + "0a016b" + "120176");
        assertThat(hex(Operations.removeExpired(256))).isEqualTo("4203" + "088002");
    }

    @Test
    void theBytesOfATransactionNeverChange() {
        var transaction = TransactionOperation.newBuilder()
                .addCompares(Compare.newBuilder().setKey(KEY).setVersion(3))
                .addThenWrites(TransactionWrite.newBuilder()
                        .setGet(GetOperation.newBuilder().setKey(KEY)))
                .addThenWrites(TransactionWrite.newBuilder()
                        .setExpire(ExpireOperation.newBuilder().setKey(KEY).setTimeToLiveMillis(9)))
                .addElseWrites(TransactionWrite.newBuilder()
                        .setIncrement(
                                IncrementOperation.newBuilder().setKey(KEY).setAmount(1)))
                .addElseWrites(TransactionWrite.newBuilder()
                        .setAppend(AppendOperation.newBuilder().setKey(KEY).setMaxValueBytes(9)))
                .build();
        assertThat(hex(Operations.transaction(transaction, null)))
                .isEqualTo("1a29" + "0a05" + "0a016b" + "1803" + "1205" + "3203" + "0a016b" + "1207" + "2a05" + "0a016b"
                        + "1009" + "1a07" + "2205" + "0a016b" + "1002" + "1a07" + "1a05" + "0a016b" + "2009");
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
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
