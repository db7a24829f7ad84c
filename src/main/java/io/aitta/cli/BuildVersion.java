package io.aitta.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version Maven wrote into the jar. */
final class BuildVersion implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
        try (InputStream file =
                BuildVersion.class.getResourceAsStream("/META-INF/maven/io.aitta/aitta/pom.properties")) {
            var properties = new Properties();
            if (file != null) {
                properties.load(file);
            }
            return new String[] {"aitta " + properties.getProperty("version", "(not packaged)")};
        }
    }
}
