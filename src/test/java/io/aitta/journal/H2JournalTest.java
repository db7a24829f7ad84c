package io.aitta.journal;

import com.typesafe.config.Config;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class H2JournalTest extends JournalContract {
    @TempDir
    Path directory;

    @Override
    Config config() {
        return Rig.h2(directory);
    }

    @Override
    void removeAll() {
        // The directory goes as a whole.
    }
}
