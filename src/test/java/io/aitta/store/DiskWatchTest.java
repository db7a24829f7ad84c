package io.aitta.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.aitta.core.PartitionId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that takes no writes, as the store meets it and as those hear of it who ask for the node's health. */
class DiskWatchTest {
    private static final long CACHE = 1 << 20;

    @TempDir
    Path dir;

    @Test
    void of_a_disk_that_is_well_there_is_nothing_to_tell() {
        try (var store = open(dir.resolve("store"));
                var watch = DiskWatch.start(store, List.of(dir), 0)) {
            fill(store, 10);
            store.flush();
            assertThat(watch.trouble()).isEmpty();
            assertThat(watch.needsReopening()).isFalse();
        }
    }

    @Test
    void too_little_room_is_told_with_how_much_is_left() {
        try (var store = open(dir.resolve("store"));
                var watch = DiskWatch.start(store, List.of(dir), Long.MAX_VALUE)) {
            await("little room", () -> watch.trouble().isPresent());
            assertThat(watch.trouble().orElseThrow()).contains("the disk of " + dir + " is full", "bytes are left");
            assertThat(watch.needsReopening()).isFalse();
        }
    }

    /** The store's files are gone: what it wants to write has no place, as with a disk that was lost. */
    @Test
    void a_disk_that_cannot_be_written_to_any_more_is_told_until_the_store_is_opened_anew() throws IOException {
        Path there = dir.resolve("store");
        Path elsewhere = dir.resolve("elsewhere");
        var store = open(there);
        try (var watch = DiskWatch.start(store, List.of(dir), 0)) {
            fill(store, 10);
            Files.move(there, elsewhere);
            assertThatThrownBy(store::flush).isInstanceOf(StoreException.class);
            assertThat(watch.trouble().orElseThrow()).contains("the store cannot write to its disk");
            assertThat(watch.needsReopening()).isTrue();
            Files.move(elsewhere, there);
        }
        assertThatThrownBy(store::close).isInstanceOf(StoreException.class);
        try (var again = open(there);
                var watch = DiskWatch.start(again, List.of(dir), 0)) {
            fill(again, 10);
            again.flush();
            assertThat(watch.trouble()).isEmpty();
        }
    }

    @Test
    void a_full_disk_is_told_until_there_is_room_again() throws Exception {
        try (var small = SmallDisk.mount(dir.resolve("disk"), "6m")) {
            Path filler = small.path().resolve("filler");
            try (var store = open(small.path().resolve("store"));
                    var watch = DiskWatch.start(store, List.of(small.path()), 0)) {
                fill(store, 10);
                store.flush();
                small.fill(filler);
                fill(store, 100);
                assertThatThrownBy(store::flush)
                        .isInstanceOf(StoreException.class)
                        .hasMessageContaining("No space left on device");
                assertThat(watch.trouble().orElseThrow()).contains("No space left on device");
                assertThat(watch.needsReopening()).isFalse();
                Files.delete(filler);
                await("room again", () -> watch.trouble().isEmpty());
                store.flush();
            }
        }
    }

    private static void fill(RocksStore store, int entries) {
        var replica = store.replica(new PartitionId("t", 1, 0));
        var random = new Random(7);
        for (int i = 0; i < entries; i++) {
            byte[] value = new byte[1_000];
            random.nextBytes(value);
            Writes.apply(replica, Writes.set("key-" + i, value));
        }
    }

    private static RocksStore open(Path directory) {
        return RocksStore.open(directory, CACHE, CACHE);
    }

    private static void await(String what, BooleanSupplier condition) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(until);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    /** A file system in memory of a few megabytes. */
    private record SmallDisk(Path path) implements AutoCloseable {
        static SmallDisk mount(Path path, String size) throws Exception {
            Files.createDirectories(path);
            int status = run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", path.toString());
            assumeThat(status).as("a small file system cannot be mounted here").isZero();
            return new SmallDisk(path);
        }

        void fill(Path file) throws IOException {
            byte[] some = new byte[4096];
            new Random(1).nextBytes(some);
            try (var out = Files.newOutputStream(file)) {
                while (true) {
                    out.write(some);
                }
            } catch (IOException full) {
                assertThat(full).hasMessageContaining("No space left on device");
            }
        }

        private static int run(String... words) throws Exception {
            var process = new ProcessBuilder(words).redirectErrorStream(true).start();
            process.getInputStream().readAllBytes();
            return process.waitFor();
        }

        @Override
        public void close() throws Exception {
            assertThat(run("umount", path.toString())).isZero();
        }
    }
}
