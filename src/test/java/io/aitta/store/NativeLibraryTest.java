package io.aitta.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {
    @TempDir
    Path dir;

    /** A process that uses the library and then ends as if it were killed. */
    static final class Killed {
        private Killed() {}

        public static void main(String[] directory) {
            RocksStore.open(Path.of(directory[0]), 1 << 20, 1 << 20);
            Runtime.getRuntime().halt(7);
        }
    }

    @Test
    void aProcessThatIsKilledLeavesNothingInTheTemporaryDirectory() throws Exception {
        var temporary = Files.createDirectory(dir.resolve("tmp"));
        var process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Killed.class.getName(),
                        dir.resolve("store").toString()))
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("output").toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s", dir.resolve("output")).isEqualTo(7);
        assertThat(temporary).isEmptyDirectory();
    }
}
