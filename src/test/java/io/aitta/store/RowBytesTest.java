package io.aitta.store;

import static io.aitta.store.Writes.open;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Batches;
import io.aitta.core.kv.Operations;
import io.aitta.core.replication.Membership;
import io.aitta.proto.record.v1.SessionStamp;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** The bytes on disk and on the wire. A change here breaks the stores that are out there: raise the format instead. */
class RowBytesTest {
    @TempDir
    Path directory;

    @Test
    void theRowsOnDiskNeverChange() throws RocksDBException {
        try (var store = open(directory)) {
            write(store.replica(new PartitionId("tab", 3, 4)));
        }
        assertThat(rowsOnDisk())
                .containsExactly(
                        // format 1, next slot 2, tab@3/4 has slot 1
                        Map.entry("0000000000", "00000001"),
                        Map.entry("0000000001", "00000002"),
                        Map.entry("0000000002" + "74616240332f34", "00000001"),
                        // mark: version 1, index 2, term 5, voter n1, time 1000, revision 2
                        Map.entry("0000000100", "0801" + "1002" + "1805" + "22040a026e31" + "30e807" + "3802"),
                        // session of client c: used at 1000, acknowledged below 1, begun at 300;
                        // outcome of sequence 2, item 1, with the checksum of its key, is version 2
                        Map.entry(
                                "0000000101" + "00000000" + "01" + "63",
                                "08e807" + "1001" + "1a0f" + "0802" + "1001" + "1d" + "0be85958" + "2204" + "0a020802"
                                        + "20ac02"),
                        // "j" is "w", version 2; "k" is "v", version 1, expires at 1060
                        Map.entry("0000000101" + "00000000" + "02" + "6a", "0a0177" + "1002"),
                        Map.entry("0000000101" + "00000000" + "02" + "6b", "0a0176" + "1001" + "18a408"),
                        // "k" expires at 1060
                        Map.entry("0000000101" + "00000000" + "03" + "0000000000000424" + "6b", ""),
                        // entry 2, version 1, at 1000: "k" set to "v", version 1, expires at 1060; "j" to "w", version
                        // 2
                        Map.entry(
                                "0000000101" + "00000000" + "04" + "0000000000000002",
                                "0801" + "10e807" + "1a0d" + "0801" + "12016b" + "1a0176" + "2001" + "28a408" + "1a0a"
                                        + "0801" + "12016a" + "1a0177" + "2002"));
    }

    @Test
    void theBytesOfAChunkNeverChange() {
        try (var store = open(directory)) {
            var replica = store.replica(new PartitionId("tab", 3, 4));
            replica.apply(1, 1, Batches.encode(1000, List.of(Operations.set(utf8("j"), utf8("w"), null))));
            try (var snapshot = replica.snapshot()) {
                var chunk = snapshot.next(null, 1000);
                // version 1; two rows: value "j", "w" at version 1; changes of entry 1
                assertThat(HexFormat.of().formatHex(chunk.rows()))
                        .isEqualTo("0801" + "120b" + "0a02026a" + "1205" + "0a01771001" + "121e" + "0a09"
                                + "040000000000000001" + "1211" + "0801" + "10e807" + "1a0a" + "0801" + "12016a"
                                + "1a0177" + "2001");
                assertThat(HexFormat.of().formatHex(chunk.lastRow())).isEqualTo("040000000000000001");
                assertThat(Integer.toHexString(chunk.checksum())).isEqualTo("97bf3fbb");
            }
        }
    }

    private static void write(ReplicaStore replica) {
        replica.skip(1, 5, Membership.ofVoters(new NodeId("n1")));
        var session = SessionStamp.newBuilder()
                .setClientId(utf8("c"))
                .setSequence(2)
                .setAcknowledgedBelow(1)
                .setStartedMillis(300)
                .setItem(1)
                .build();
        replica.apply(
                2,
                5,
                Batches.encode(
                        1000,
                        List.of(
                                Operations.set(utf8("k"), utf8("v"), 60, null),
                                Operations.set(utf8("j"), utf8("w"), session))));
    }

    private Map<String, String> rowsOnDisk() throws RocksDBException {
        var rows = new TreeMap<String, String>();
        RocksDB.loadLibrary();
        try (var db = RocksDB.openReadOnly(directory.toString());
                var all = db.newIterator()) {
            for (all.seekToFirst(); all.isValid(); all.next()) {
                rows.put(HexFormat.of().formatHex(all.key()), HexFormat.of().formatHex(all.value()));
            }
            all.status();
        }
        return rows;
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
