package io.aitta.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aitta.backup.BackupException.Damaged;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A small JSON file that knows its format's version and its own checksum: {@code {"format":1,"crc32c":"..","content":{..}}}.
 * It is there as a whole or not at all.
 */
final class SealedJson {
    private static final int FORMAT = 1;
    private static final ObjectMapper MAPPER =
            new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private SealedJson() {}

    static void write(Path file, Object content) throws IOException {
        JsonNode tree = MAPPER.valueToTree(content);
        var whole = MAPPER.createObjectNode();
        whole.put("format", FORMAT);
        whole.put("crc32c", checksum(tree));
        whole.set("content", tree);
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try (var out = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            var bytes = ByteBuffer.wrap(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(whole));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        force(file.toAbsolutePath().getParent());
    }

    /** @throws Damaged if there is no such file, or it is not as it was written */
    static <T> T read(Path file, Class<T> type) throws IOException {
        try {
            JsonNode whole = MAPPER.readTree(Files.readAllBytes(file));
            int format = whole.path("format").asInt();
            if (format != FORMAT) {
                throw new Damaged("'" + file + "' has format " + format + "; this release knows " + FORMAT);
            }
            JsonNode content = whole.path("content");
            if (!checksum(content).equals(whole.path("crc32c").asText())) {
                throw new Damaged("'" + file + "' is damaged: its checksum is not that of its content");
            }
            return MAPPER.treeToValue(content, type);
        } catch (NoSuchFileException e) {
            throw new Damaged("'" + file + "' is missing", e);
        } catch (JsonProcessingException e) {
            throw new Damaged("'" + file + "' is damaged: " + e.getOriginalMessage(), e);
        }
    }

    /** What stands in a directory survives a loss of power. */
    static void force(Path directory) throws IOException {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static String checksum(JsonNode content) throws JsonProcessingException {
        var crc = new CRC32C();
        crc.update(MAPPER.writeValueAsBytes(content));
        return Long.toHexString(crc.getValue());
    }
}
