package io.aitta.cli;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Values that come from a file or a pipe, or go to a file. */
final class ValueFiles {
    /** What one request can carry. */
    static final int MAX_BYTES = 16 * 1024 * 1024;

    private ValueFiles() {}

    static ByteString read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, "file " + Values.quoted(file.toString()));
        } catch (NoSuchFileException e) {
            throw CommandFailed.badInput("there is no file " + Values.quoted(file.toString()));
        } catch (IOException e) {
            throw CommandFailed.badInput(
                    "file " + Values.quoted(file.toString()) + " cannot be read: " + e.getMessage());
        }
    }

    static ByteString read(InputStream in, String name) {
        try {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw CommandFailed.badInput(name + " holds more than 16 MiB, the most a value can ever have");
            }
            return ByteString.copyFrom(bytes);
        } catch (IOException e) {
            throw CommandFailed.badInput(name + " cannot be read: " + e.getMessage());
        }
    }

    static void write(Path file, ByteString value) {
        try {
            Files.write(file, value.toByteArray());
        } catch (IOException e) {
            throw CommandFailed.badInput(
                    "file " + Values.quoted(file.toString()) + " cannot be written: " + e.getMessage());
        }
    }
}
