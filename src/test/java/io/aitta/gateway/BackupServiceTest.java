package io.aitta.gateway;

import static io.aitta.gateway.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaClient;
import io.aitta.client.AittaException;
import io.aitta.core.hash.KeyHash;
import io.aitta.core.kv.Value;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.partition.PartitionAccess.Refusal;
import io.aitta.partition.PartitionAccess.ScanAnswer;
import io.aitta.proto.record.v1.Change;
import io.aitta.proto.record.v1.StoredChanges;
import io.aitta.proto.v1.BackupGrpc;
import io.aitta.proto.v1.BackupPiece;
import io.aitta.proto.v1.BackupPosition;
import io.aitta.proto.v1.Event;
import io.aitta.proto.v1.ReadPartitionRequest;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Readings of a partition as a client sees them, over fakes: its scans are as of log index 7, of term 2. */
@Timeout(60)
class BackupServiceTest {
    private static final int PARTITION = 3;

    private final OpenDoor open = new OpenDoor();
    private final FakeScans scans = open.partitions.scans;

    @AfterEach
    void close() throws Exception {
        open.close();
    }

    private List<String> put(int count) {
        var keys = new ArrayList<String>();
        for (int i = 0; keys.size() < count; i++) {
            if (KeyHash.partitionOf(("k" + i).getBytes(java.nio.charset.StandardCharsets.UTF_8), 16) == PARTITION) {
                scans.put("k" + i, "v" + i);
                keys.add("k" + i);
            }
        }
        keys.sort(null);
        return keys;
    }

    private static BackupPosition position(long index, long term) {
        return BackupPosition.newBuilder()
                .setTableEpoch(1)
                .setIndex(index)
                .setTerm(term)
                .build();
    }

    private List<BackupPiece> read(Optional<BackupPosition> after) {
        var request = ReadPartitionRequest.newBuilder().setTable("default").setPartition(PARTITION);
        after.ifPresent(request::setAfter);
        var pieces = new ArrayList<BackupPiece>();
        BackupGrpc.newBlockingStub(open.channel)
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .readPartition(request.build())
                .forEachRemaining(pieces::add);
        assertThat(pieces.get(0).hasBegin()).isTrue();
        assertThat(pieces.get(0).getBegin().getPartition()).isEqualTo(PARTITION);
        assertThat(pieces.get(0).getBegin().getTableEpoch()).isEqualTo(1);
        var end = pieces.get(pieces.size() - 1);
        assertThat(end.hasEnd()).isTrue();
        assertThat(end.getEnd().getPosition()).isEqualTo(position(7, 2));
        assertThat(end.getEnd().getTimestampMillis()).isEqualTo(1_000);
        assertThat(end.getEnd().getEvents()).isEqualTo(events(pieces).size());
        Eventually.holds(() ->
                assertThat(scans.moments).as("moments that are still kept").isEmpty());
        return pieces;
    }

    private static List<Event> events(List<BackupPiece> pieces) {
        return pieces.stream()
                .flatMap(piece -> piece.getEvents().getEventsList().stream())
                .toList();
    }

    private static boolean isWhole(List<BackupPiece> pieces) {
        return pieces.get(0).getBegin().getWhole();
    }

    @Test
    void theWholeIsEveryKeyAsOfOneMomentThatWasReadStrongly() {
        var keys = put(50);
        scans.put(keys.get(4), new Value(new byte[] {1}, 9, 12_345));
        scans.pageRows = 7;
        var pieces = read(Optional.empty());
        assertThat(isWhole(pieces)).isTrue();
        assertThat(events(pieces))
                .extracting(event -> event.getKey().toStringUtf8())
                .containsExactlyElementsOf(keys);
        assertThat(events(pieces)).allMatch(event -> event.getKind() == Event.Kind.SET);
        assertThat(events(pieces).get(4).getExpiresAtMillis())
                .as("its time is over, and it is there all the same")
                .isEqualTo(12_345);
        assertThat(scans.asked.get(0).level()).isEqualTo(ReadLevel.STRONG);
        assertThat(scans.asked)
                .allMatch(ask -> ask.query().expired() && !ask.query().relaxed());
        assertThat(scans.asked.stream().skip(1))
                .noneMatch(ask -> ask.query().moment().isEmpty());
    }

    @Test
    void anEmptyPartitionIsABeginAndAnEnd() {
        var pieces = read(Optional.empty());
        assertThat(events(pieces)).isEmpty();
        assertThat(isWhole(pieces)).isTrue();
    }

    private void change(int fromIndex, int toIndex) {
        for (long index = fromIndex; index <= toIndex; index++) {
            scans.changed.put(
                    index,
                    StoredChanges.newBuilder()
                            .setTimestampMillis(1_000 + index)
                            .addChanges(Change.newBuilder()
                                    .setKind(Change.Kind.SET)
                                    .setKey(ByteString.copyFromUtf8("changed-" + index)))
                            .build());
        }
    }

    @Test
    void whatChangedSinceAnEarlierReadingIsToldUpToTheMoment() {
        put(20);
        change(1, 7);
        var pieces = read(Optional.of(position(4, 2)));
        assertThat(isWhole(pieces)).isFalse();
        assertThat(pieces.get(0).getBegin().getAfterIndex()).isEqualTo(4);
        assertThat(events(pieces)).extracting(Event::getIndex).containsExactly(5L, 6L, 7L);
        assertThat(events(pieces)).allMatch(event -> event.getTimestampMillis() == 1_000 + event.getIndex());
        assertThat(scans.asked).isEmpty();
    }

    /** A new primary's first entry changes nothing, and neither does a change of the group. */
    @Test
    void whereTheLogWentOnAndNothingChangedTheReadingEndsAtOnce() {
        put(20);
        change(1, 3);
        for (long after : List.of(4L, 7L)) {
            var pieces = read(Optional.of(position(after, 2)));
            assertThat(isWhole(pieces)).isFalse();
            assertThat(pieces).hasSize(2);
        }
        assertThat(scans.asked).isEmpty();
        assertThat(scans.changesAsked).isEqualTo(2);
    }

    @Test
    void changesThatAreNotKeptAnyMoreAreReplacedByTheWhole() {
        var keys = put(20);
        scans.changesAfter = 5;
        var pieces = read(Optional.of(position(4, 2)));
        assertThat(isWhole(pieces)).isTrue();
        assertThat(pieces.get(0).getBegin().getAfterIndex()).isZero();
        assertThat(events(pieces))
                .extracting(event -> event.getKey().toStringUtf8())
                .containsExactlyElementsOf(keys);
    }

    @Test
    void aPositionOfAnotherHistoryIsOfNoUse() {
        put(3);
        change(1, 7);
        assertThat(isWhole(read(Optional.of(position(4, 2))))).isFalse();
        assertThat(isWhole(read(
                        Optional.of(position(4, 2).toBuilder().setTableEpoch(2).build()))))
                .as("of another table of this name")
                .isTrue();
        assertThat(isWhole(read(Optional.of(position(9, 2)))))
                .as("of what was never there")
                .isTrue();
        assertThat(isWhole(read(Optional.of(position(-1, 2))))).isTrue();
        scans.term = 1_000_000_002L;
        var request = ReadPartitionRequest.newBuilder()
                .setTable("default")
                .setPartition(PARTITION)
                .setAfter(position(4, 2));
        assertThat(BackupGrpc.newBlockingStub(open.channel)
                        .readPartition(request.build())
                        .next()
                        .getBegin()
                        .getWhole())
                .as("of before a recovery by force")
                .isTrue();
    }

    @Test
    void whatTheDoorCannotDoItRefuses() {
        var stub = BackupGrpc.newBlockingStub(open.channel);
        refused(() -> stub.readPartition(ReadPartitionRequest.newBuilder()
                                .setTable("nope")
                                .build())
                        .next())
                .with(Code.NOT_FOUND, "TABLE_NOT_FOUND");
        refused(() -> stub.readPartition(ReadPartitionRequest.newBuilder()
                                .setTable("default")
                                .setPartition(16)
                                .build())
                        .next())
                .with(Code.INVALID_ARGUMENT, "BAD_PARTITIONS");
        refused(() -> stub.readPartition(ReadPartitionRequest.newBuilder()
                                .setTable("default")
                                .setPartition(-1)
                                .build())
                        .next())
                .with(Code.INVALID_ARGUMENT, "BAD_PARTITIONS");
        scans.onScan = ask -> new ScanAnswer.Refused(new Refusal(Reason.NO_PRIMARY, "nobody"));
        refused(() -> stub.readPartition(ReadPartitionRequest.newBuilder()
                                .setTable("default")
                                .build())
                        .next())
                .with(Code.UNAVAILABLE, "NO_PRIMARY");
    }

    @Test
    void aReadingThatIsLeftKeepsNoMoment() {
        put(100);
        scans.pageRows = 2;
        try (var client = AittaClient.builder()
                .endpoints("127.0.0.1:" + open.door.address().getPort())
                .build()) {
            var stream = client.readPartition("default", PARTITION, Optional.empty());
            assertThat(stream.next(Duration.ofSeconds(10)).orElseThrow().hasBegin())
                    .isTrue();
            Eventually.holds(() -> assertThat(scans.moments).hasSize(1));
            stream.close();
            Eventually.holds(() -> assertThat(scans.moments).isEmpty());
        }
    }

    @Test
    void aClientSeesABrokenReadingAsSuchAndTheEndAsTheEnd() {
        put(10);
        scans.pageRows = 2;
        try (var client = AittaClient.builder()
                .endpoints("127.0.0.1:" + open.door.address().getPort())
                .build()) {
            try (var stream = client.readPartition("default", PARTITION, Optional.empty())) {
                var pieces = new ArrayList<BackupPiece>();
                for (var next = stream.next(Duration.ofSeconds(10));
                        next.isPresent();
                        next = stream.next(Duration.ofSeconds(10))) {
                    pieces.add(next.get());
                }
                assertThat(events(pieces)).hasSize(10);
                assertThat(pieces.get(pieces.size() - 1).hasEnd()).isTrue();
            }
            scans.onScan = ask -> ask.query().moment().isEmpty()
                    ? null
                    : new ScanAnswer.Refused(new Refusal(Reason.SCAN_EXPIRED, "too slow"));
            try (var stream = client.readPartition("default", PARTITION, Optional.empty())) {
                assertThatThrownBy(() -> {
                            while (stream.next(Duration.ofSeconds(10)).isPresent()) {
                                // The end never comes.
                            }
                        })
                        .isInstanceOf(AittaException.Refused.class)
                        .hasMessageContaining("too slow");
            }
        }
    }
}
