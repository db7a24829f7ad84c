package io.aitta.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The files that people begin from are such as a node takes. */
class DeployedConfigTest {
    @ParameterizedTest
    @CsvSource({"node.conf, H2", "node-postgres.conf, POSTGRES"})
    void aNodeTakesTheFilesUnderDeploy(String file, String backend) {
        var settings = Settings.load(new ServeOptions(
                Optional.of(Path.of("deploy", file)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                java.util.List.of(),
                Optional.empty(),
                OptionalInt.empty(),
                Map.of()));

        assertThat(settings.node().seeds()).hasSize(3);
        assertThat(settings.config().getInt("aitta.bootstrap.expect-nodes")).isEqualTo(3);
        assertThat(settings.config().getString("aitta.journal.backend")).isEqualToIgnoringCase(backend);
    }
}
