package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.aitta.config.DataDirectory;
import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Batches;
import io.aitta.core.kv.Operations;
import io.aitta.core.replication.BinlogEvent;
import io.aitta.core.replication.Command;
import io.aitta.core.replication.Entry;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.Term;
import io.aitta.journal.BinlogCodec;
import io.aitta.journal.OfflineJournal;
import io.aitta.store.RocksStore;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data directory with one replica, whose log has five entries, all of them applied. */
class InspectCommandTest {
    private static final NodeId N1 = new NodeId("n1");
    private static final PartitionId P = new PartitionId("users", 3, 0);
    private static final String ID = "n1|users@3/0";

    @TempDir
    private Path dir;

    private final Shell shell = new Shell("127.0.0.1:1");
    private Path journal;

    @BeforeEach
    void fill() throws Exception {
        DataDirectory.open(dir, Optional.of(N1)).close();
        journal = dir.resolve("journal");
        var events = new ArrayList<BinlogEvent>();
        events.add(new BinlogEvent.Founded(Membership.ofVoters(N1)));
        events.add(new BinlogEvent.BallotCast(new Term(1), Optional.of(N1)));
        events.add(appended(1, Command.NOOP));
        try (var store = RocksStore.open(dir.resolve("store"), 8 << 20, 4 << 20)) {
            store.replica(P).skip(1, 1, Membership.ofVoters(N1));
            for (int i = 2; i <= 5; i++) {
                var batch = Batches.encode(
                        i,
                        List.of(Operations.set(
                                ByteString.copyFromUtf8("key " + i), ByteString.copyFromUtf8("value"), 60_000, null)));
                events.add(appended(i, new Command.Data(batch)));
                store.replica(P).apply(i, 1, batch);
            }
        }
        OfflineJournal.write(
                journal, ID, 1, events.stream().map(BinlogCodec::encode).toList());
    }

    private static BinlogEvent appended(long index, Command command) {
        return new BinlogEvent.Appended(List.of(new Entry(new LogIndex(index), new Term(1), command)));
    }

    private Shell.Result binlog(String... more) {
        var words = new ArrayList<>(List.of("inspect", "binlog", dir.toString()));
        words.addAll(List.of(more));
        return shell.run(words.toArray(String[]::new));
    }

    @Test
    void soundDataIsToldAsSuch() throws Exception {
        var before = Files.readAllBytes(journal.resolve("journal.mv.db"));
        var binlog = binlog();
        assertThat(binlog.out())
                .contains("users@3/0     7")
                .contains("1..5     1        5")
                .endsWith("sound: 1 binlogs\n");
        assertThat(binlog.status()).isZero();
        assertThat(Files.readAllBytes(journal.resolve("journal.mv.db")))
                .as("nothing is written")
                .isEqualTo(before);
        var store = shell.run("inspect", "store", dir.toString());
        assertThat(store.out()).contains("users@3/0        5").endsWith("sound: 1 replicas\n");
        assertThat(store.status()).isZero();
        var json = new ObjectMapper()
                .readTree(shell.run(
                                "-o",
                                "json",
                                "inspect",
                                "store",
                                dir.resolve("store").toString())
                        .out());
        assertThat(json.at("/sound").asBoolean()).isTrue();
        assertThat(json.at("/replicas/0/values").asInt()).isEqualTo(4);
        assertThat(json.at("/replicas/0/expiry").asInt()).isEqualTo(4);
    }

    @Test
    void entriesAreShownWithWhatTheyDo() throws Exception {
        var dump =
                binlog("--partition", "users/0", "--from", "3", "--limit", "2").out();
        assertThat(dump)
                .contains("  5      3     1  data  set 'key 3' to 5 bytes")
                .contains("set 'key 4' to 5 bytes")
                .doesNotContain("key 2", "key 5");
        var json = new ObjectMapper()
                .readTree(shell.run(
                                "-o",
                                "json",
                                "inspect",
                                "binlog",
                                dir.toString(),
                                "--partition",
                                "users/0",
                                "--limit",
                                "3")
                        .out());
        assertThat(json.at("/entries/0/kind").asText()).isEqualTo("founded");
        assertThat(json.at("/entries/1/what/0").asText()).isEqualTo("voted for n1");
        assertThat(json.at("/entries/2/kind").asText()).isEqualTo("noop");
        assertThat(binlog("--partition", "users/7").status()).isEqualTo(1);
    }

    @Test
    void aDamagedRowIsNamed() {
        // A byte of a value: what it says still makes sense.
        OfflineJournal.change(journal, ID, 5, payload -> {
            var damaged = payload.clone();
            damaged[damaged.length - 1] ^= 1;
            return damaged;
        });
        var result = binlog();
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out())
                .contains("damaged: users@3/0, row 5: binlog record of ")
                .contains("does not have the checksum with which it was written");
        assertThat(result.err()).isEmpty();
    }

    @Test
    void everyFlippedByteOfARowIsFound() {
        for (int at = 0; at < 60; at += 7) {
            int byteAt = at;
            OfflineJournal.change(journal, ID, 6, payload -> {
                var damaged = payload.clone();
                damaged[byteAt % damaged.length] ^= 0x10;
                return damaged;
            });
            assertThat(binlog().out()).as("byte %d", at).contains("damaged: users@3/0, row 6: ");
            OfflineJournal.change(journal, ID, 6, payload -> {
                var whole = payload.clone();
                whole[byteAt % whole.length] ^= 0x10;
                return whole;
            });
        }
        assertThat(binlog().status()).isZero();
    }

    @Test
    void rowsOfTheReleaseBeforeThatHaveNoChecksumAreSound() {
        OfflineJournal.change(journal, ID, 6, payload -> java.util.Arrays.copyOfRange(payload, 5, payload.length));
        assertThat(binlog().status()).isZero();
    }

    @Test
    void aMissingRowIsNamed() {
        OfflineJournal.remove(journal, ID, 4);
        assertThat(binlog().out()).contains("damaged: users@3/0, row 5: rows 4 to 4 before it are missing");
    }

    @Test
    void aLogThatLacksWhatTheStoreHasAppliedIsFound() {
        OfflineJournal.remove(journal, ID, 7);
        assertThat(binlog().out())
                .contains("damaged: users@3/0, binlog: the store has applied entry 5, and the log ends at 4");
    }

    @Test
    void aDamagedFileIsNamedAndNotAStackTrace() throws Exception {
        try (var file = FileChannel.open(journal.resolve("journal.mv.db"), StandardOpenOption.WRITE)) {
            file.truncate(file.size() * 2 / 3);
        }
        var result = binlog();
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out()).contains("damaged: binlog: the journal file ").doesNotContain("at org.h2");
        assertThat(result.err()).isEmpty();
    }

    @Test
    void aDamagedBlockOfTheStoreIsNamed() throws Exception {
        try (var files = Files.list(dir.resolve("store"))) {
            Path data = files.filter(file -> file.toString().endsWith(".sst"))
                    .findFirst()
                    .orElseThrow();
            var bytes = Files.readAllBytes(data);
            bytes[20] ^= 1;
            Files.write(data, bytes);
        }
        var result = shell.run("inspect", "store", dir.toString());
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out())
                .contains("damaged: ")
                .contains("checksum mismatch")
                .contains(".sst");
        assertThat(result.err()).isEmpty();
    }

    @Test
    void aDirectoryThatIsInUseIsRefused() throws Exception {
        try (var running = DataDirectory.open(dir, Optional.empty())) {
            var result = binlog();
            assertThat(result.status()).isEqualTo(3);
            assertThat(result.err()).contains("is in use by a running node; stop it first");
        }
    }

    @Test
    void aDirectoryThatHasNothingToLookAtIsBadInput() throws Exception {
        Path empty = Files.createDirectory(dir.resolve("empty"));
        assertThat(shell.run("inspect", "binlog", empty.toString()).err()).contains("PostgreSQL");
        assertThat(shell.run("inspect", "store", empty.toString()).status()).isEqualTo(2);
        assertThat(shell.run("inspect", "store", dir.resolve("nosuch").toString())
                        .err())
                .contains("there is no directory");
        assertThat(binlog("--limit", "0").status()).isEqualTo(2);
    }
}
