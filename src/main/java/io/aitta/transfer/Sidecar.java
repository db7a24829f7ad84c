package io.aitta.transfer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A file beside the data that says how far a transfer is: either as it was before, or as it is now, whatever happens. */
final class Sidecar {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path file;

    Sidecar(Path file) {
        this.file = file;
    }

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** Empty if there is none. */
    Optional<ObjectNode> read() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            if (MAPPER.readTree(Files.readAllBytes(file)) instanceof ObjectNode progress) {
                return Optional.of(progress);
            }
        } catch (JsonProcessingException e) {
            throw new IOException("'" + file + "' does not tell how far it was: " + e.getOriginalMessage(), e);
        }
        throw new IOException("'" + file + "' does not tell how far it was");
    }

    void write(ObjectNode progress) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try (var out = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            var bytes = ByteBuffer.wrap(MAPPER.writeValueAsBytes(progress));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    void delete() throws IOException {
        Files.deleteIfExists(file);
    }
}
