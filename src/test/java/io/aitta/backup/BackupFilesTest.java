package io.aitta.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to files on a disk, and what is said of it. */
class BackupFilesTest {
    @TempDir
    private Path root;

    private final FakeCluster cluster = new FakeCluster().make("t", 2).make("u", 1);

    @BeforeEach
    void backUpTwice() throws IOException {
        for (int i = 0; i < 20; i++) {
            cluster.put("t", "key-" + i, "value-" + i);
            cluster.put("u", "key-" + i, "value-" + i);
        }
        create();
        cluster.put("t", "key-1", "again");
        cluster.put("u", "key-1", "again");
        create();
    }

    private Manifest create() throws IOException {
        return new BackupCreate(
                        new BackupDirectory(root), cluster, BackupCreate.Options.DEFAULT, state -> {}, trouble -> {})
                .run();
    }

    private List<String> problems() throws IOException {
        return new BackupVerify(new BackupDirectory(root), bytes -> {}).run().problems();
    }

    private void restoreIsRefusedNaming(Path file) {
        var other = new FakeCluster();
        assertThatThrownBy(
                        () -> new Restore(new BackupDirectory(root), other, Restore.Options.DEFAULT, state -> {}).run())
                .isInstanceOf(BackupException.Damaged.class)
                .hasMessageContaining(file.toString());
        assertThat(other.topology().getTablesList()).as("nothing was written").noneMatch(table -> table.getName()
                .equals("t"));
    }

    private List<Path> files(String suffix) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
        }
    }

    @Test
    void allIsWellAsLongAsNothingHappens() throws IOException {
        assertThat(problems()).isEmpty();
        assertThat(files(".pieces")).hasSize(6);
        assertThat(new BackupDirectory(root).manifest(2).whole()).isFalse();
    }

    @Test
    void anyByteThatIsNotWhatItWasIsFoundAndItsFileNamed() throws IOException {
        var random = new Random(5);
        for (Path file : files(".pieces")) {
            byte[] before = Files.readAllBytes(file);
            for (int tries = 0; tries < 60; tries++) {
                byte[] damaged = before.clone();
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
                Files.write(file, damaged);
                assertThat(problems()).singleElement().asString().contains(file.toString());
            }
            restoreIsRefusedNaming(file);
            Files.write(file, before);
        }
        assertThat(problems()).isEmpty();
    }

    @Test
    void aFileThatIsCutOffOrTooLongIsNamed() throws IOException {
        Path file = files(".pieces").get(0);
        byte[] before = Files.readAllBytes(file);
        for (int length = 0; length < before.length; length++) {
            Files.write(file, Arrays.copyOf(before, length));
            assertThat(problems()).singleElement().asString().contains(file.toString(), "ends at byte " + length);
        }
        Files.write(file, Arrays.copyOf(before, before.length + 1));
        assertThat(problems()).singleElement().asString().contains(file.toString(), "follows after its end");
    }

    @Test
    void aFileThatIsMissingOrAnotherOneIsNamed() throws IOException {
        Path file = files("00000.pieces").get(0);
        Path other = files("00001.pieces").get(0);
        byte[] before = Files.readAllBytes(file);
        Files.copy(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThat(problems()).singleElement().asString().contains(file.toString(), "another partition's");
        Files.delete(file);
        assertThat(problems()).singleElement().asString().contains(file.toString(), "is missing");
        restoreIsRefusedNaming(file);
        Files.write(file, before);
        assertThat(problems()).isEmpty();
    }

    @Test
    void aWholeFileOfAnEarlierTimeIsNotTakenForThisOne() throws IOException {
        Path file = root.resolve("000001/u.3/00000.pieces");
        Path elsewhere = root.resolveSibling(root.getFileName() + "-elsewhere");
        try {
            cluster.put("u", "key-2", "later");
            new BackupCreate(
                            new BackupDirectory(elsewhere),
                            cluster,
                            new BackupCreate.Options(Optional.of("u"), false, false, false),
                            state -> {},
                            trouble -> {})
                    .run();
            Files.copy(
                    elsewhere.resolve("000001/u.3/00000.pieces"),
                    file,
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            assertThat(problems()).singleElement().asString().contains(file.toString(), "manifest");
        } finally {
            new BackupDirectory(elsewhere).discard(elsewhere);
        }
    }

    @Test
    void aDamagedOrMissingManifestIsNamed() throws IOException {
        Path file = root.resolve("000002/manifest.json");
        String before = Files.readString(file);
        Files.writeString(file, before.replaceFirst("\"events\" : \\d+", "\"events\" : 77"));
        assertThat(problems()).singleElement().asString().contains(file.toString(), "checksum");
        restoreIsRefusedNaming(file);
        Files.writeString(file, before.substring(0, before.length() / 2));
        assertThat(problems()).singleElement().asString().contains(file.toString());
        Files.writeString(file, before.replaceFirst("\"format\" : 1", "\"format\" : 9"));
        assertThat(problems()).singleElement().asString().contains(file.toString(), "format 9");
        Files.delete(file);
        assertThat(problems()).singleElement().asString().contains(file.toString(), "missing");
    }

    @Test
    void changesWithoutWhatTheyGoOnFromAreOfNoUse() throws IOException {
        var directory = new BackupDirectory(root);
        directory.discard(root.resolve("000001"));
        assertThat(problems()).hasSize(3).allMatch(problem -> problem.contains("goes on from backup 1"));
        assertThatThrownBy(() -> new Restore(directory, new FakeCluster(), Restore.Options.DEFAULT, state -> {}).run())
                .isInstanceOf(BackupException.Damaged.class)
                .hasMessageContaining("goes on from backup 1");
        var next = new BackupCreate(
                        directory,
                        cluster,
                        new BackupCreate.Options(Optional.empty(), true, false, false),
                        state -> {},
                        trouble -> {})
                .run();
        assertThat(next.number()).isEqualTo(3);
        assertThat(next.whole()).isTrue();
        var other = new FakeCluster();
        new Restore(directory, other, Restore.Options.DEFAULT, state -> {}).run();
        assertThat(other.content("t", 0)).isEqualTo(cluster.content("t", 0));
        assertThat(other.content("u", 0)).containsKey(ByteString.copyFromUtf8("key-1"));
    }
}
