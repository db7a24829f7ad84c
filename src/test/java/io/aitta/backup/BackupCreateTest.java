package io.aitta.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.aitta.client.Failing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups that do not go smoothly, and what is refused. */
class BackupCreateTest {
    private static final BackupCreate.Options RESUME = new BackupCreate.Options(Optional.empty(), false, true, false);
    private static final BackupCreate.Options DISCARD = new BackupCreate.Options(Optional.empty(), false, false, true);

    @TempDir
    private Path root;

    private final FakeCluster cluster = filled();

    private static FakeCluster filled() {
        var filled = new FakeCluster().make("t", 4);
        for (int i = 0; i < 100; i++) {
            filled.put("t", "key-" + i, "value-" + i);
        }
        return filled;
    }

    /** A kill, as the code under test sees it: from nowhere. */
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private BackupCreate backup(BackupCreate.Options options) {
        return new BackupCreate(
                new BackupDirectory(root),
                cluster,
                options,
                state -> {},
                trouble -> {},
                Clock.systemUTC(),
                new PartitionCopy.Patience(Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofMillis(1)));
    }

    private void restoresAsItIs() throws IOException {
        var other = new FakeCluster();
        new Restore(new BackupDirectory(root), other, Restore.Options.DEFAULT, state -> {}).run();
        assertThat(other.content("t", 0)).isEqualTo(cluster.content("t", 0));
    }

    @Test
    void aReadingThatBreaksIsBegunAgainAndHoldsWhatWasWrittenMeanwhile() throws IOException {
        var breaks = new AtomicInteger(3);
        cluster.trouble = (table, partition, number) -> {
            if (partition == 2 && number == 2 && breaks.getAndDecrement() > 0) {
                cluster.put("t", "written-" + breaks.get(), "meanwhile");
                throw Failing.unavailable("UNREACHABLE", "n1 is gone");
            }
        };
        backup(BackupCreate.Options.DEFAULT).run();
        assertThat(cluster.readings).filteredOn("t/2"::equals).hasSize(4);
        cluster.trouble = (table, partition, number) -> {};
        assertThat(new BackupVerify(new BackupDirectory(root), bytes -> {})
                        .run()
                        .problems())
                .isEmpty();
        var second = backup(BackupCreate.Options.DEFAULT).run();
        assertThat(second.whole()).isFalse();
        restoresAsItIs();
    }

    @Test
    void whatIsRefusedForGoodEndsTheBackupAtOnce() {
        cluster.trouble = (table, partition, number) -> {
            throw Failing.refused("PERMISSION_DENIED", "PERMISSION_DENIED");
        };
        assertThatThrownBy(() -> backup(BackupCreate.Options.DEFAULT).run()).hasMessageContaining("PERMISSION_DENIED");
        assertThat(cluster.readings).hasSizeLessThanOrEqualTo(BackupCreate.PARALLEL);
    }

    @Test
    void anInterruptedBackupIsNoneUntilItIsGoneOnWith() throws IOException {
        var directory = new BackupDirectory(root);
        cluster.trouble = (table, partition, number) -> {
            if (partition == 3 && number == 3) {
                throw new Killed();
            }
        };
        assertThatThrownBy(() -> backup(BackupCreate.Options.DEFAULT).run()).isInstanceOf(Killed.class);
        cluster.trouble = (table, partition, number) -> {};
        assertThat(directory.numbers()).isEmpty();
        assertThat(directory.interrupted()).isPresent();
        assertThatThrownBy(() -> new Restore(directory, new FakeCluster(), Restore.Options.DEFAULT, state -> {}).run())
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("no whole backup");
        assertThatThrownBy(() -> backup(BackupCreate.Options.DEFAULT).run())
                .isInstanceOf(BackupException.class)
                .hasMessageContainingAll("000001.partial", "--resume", "--discard");

        long whole = filesThatAreWhole();
        cluster.readings.clear();
        var manifest = backup(RESUME).run();
        assertThat(cluster.readings).as("what was whole is not read again").hasSize((int) (4 - whole));
        assertThat(manifest.number()).isEqualTo(1);
        assertThat(new BackupVerify(directory, bytes -> {}).run().problems()).isEmpty();
        restoresAsItIs();
    }

    private long filesThatAreWhole() throws IOException {
        try (var all = Files.walk(root)) {
            return all.filter(file -> file.toString().endsWith(".pieces")).count();
        }
    }

    @Test
    void whatWasInterruptedIsGoneOnWithOnTheSameBase() throws IOException {
        backup(BackupCreate.Options.DEFAULT).run();
        cluster.put("t", "key-1", "again");
        cluster.trouble = (table, partition, number) -> {
            if (partition == 3) {
                throw new Killed();
            }
        };
        assertThatThrownBy(() -> backup(BackupCreate.Options.DEFAULT).run()).isInstanceOf(Killed.class);
        cluster.trouble = (table, partition, number) -> {};
        var manifest = backup(RESUME).run();
        assertThat(manifest.number()).isEqualTo(2);
        assertThat(manifest.tables().get(0).files()).allMatch(file -> file.base() == 1);
        restoresAsItIs();
    }

    @Test
    void whatWasInterruptedMayBeDiscarded() throws IOException {
        cluster.trouble = (table, partition, number) -> {
            throw new Killed();
        };
        assertThatThrownBy(() -> backup(BackupCreate.Options.DEFAULT).run()).isInstanceOf(Killed.class);
        cluster.trouble = (table, partition, number) -> {};
        cluster.drop("t");
        cluster.make("t", 2);
        assertThatThrownBy(() -> backup(RESUME).run())
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("--discard");
        cluster.put("t", "new", "table");
        assertThat(backup(DISCARD).run().tables().get(0).partitions()).isEqualTo(2);
        restoresAsItIs();
    }

    @Test
    void aTableThatWasMadeAnewIsBackedUpAsAWhole() throws IOException {
        backup(BackupCreate.Options.DEFAULT).run();
        cluster.drop("t");
        cluster.make("t", 2);
        cluster.put("t", "new", "table");
        assertThat(backup(BackupCreate.Options.DEFAULT).run().whole()).isTrue();
        restoresAsItIs();
    }

    @Test
    void twoBackupsAtOnceInOneDirectoryAreRefused() {
        cluster.trouble = (table, partition, number) -> assertThatThrownBy(
                        () -> backup(BackupCreate.Options.DEFAULT).run())
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("another backup is being made");
        assertThat(org.assertj.core.api.Assertions.catchThrowable(
                        () -> backup(BackupCreate.Options.DEFAULT).run()))
                .isNull();
    }

    @Test
    void aTableWithDataIsNotOverwrittenUnlessTold() throws IOException {
        backup(BackupCreate.Options.DEFAULT).run();
        var before = cluster.content("t", 0);
        cluster.put("t", "later", "x");
        assertThatThrownBy(() -> restore(cluster, Optional.empty(), false))
                .isInstanceOf(BackupException.class)
                .hasMessageContainingAll("'t' has data", "--overwrite");
        assertThat(cluster.content("t", 0)).containsKey(ByteString.copyFromUtf8("later"));

        restore(cluster, Optional.of("copy"), false);
        assertThat(cluster.content("copy", 0)).isEqualTo(before);
        assertThat(cluster.table("copy").orElseThrow().getReplicas())
                .as("as many as there are nodes")
                .isEqualTo(2);

        restore(cluster, Optional.empty(), true);
        assertThat(cluster.content("t", 0)).isEqualTo(before);
    }

    private Restore.Result restore(FakeCluster into, Optional<String> as, boolean overwrite) throws IOException {
        var options = new Restore.Options(
                Optional.of("t"), as, OptionalInt.empty(), OptionalLong.empty(), OptionalInt.empty(), overwrite);
        return new Restore(new BackupDirectory(root), into, options, state -> {}).run();
    }

    @Test
    void whatIsNotThereIsSaid() throws IOException {
        assertThatThrownBy(() -> backup(new BackupCreate.Options(Optional.of("nope"), false, false, false))
                        .run())
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("'nope'");
        backup(BackupCreate.Options.DEFAULT).run();
        var options = new Restore.Options(
                Optional.of("nope"),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalLong.empty(),
                OptionalInt.empty(),
                false);
        assertThatThrownBy(() -> new Restore(new BackupDirectory(root), cluster, options, state -> {}).run())
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("'nope'");
    }
}
