package io.aitta.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.CountDownLatch;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/** H2's file system {@code faulty:}: a disk that is full, cannot force or hangs, when the test says so. */
public final class FaultyFilePath extends FilePathWrapper {
    static volatile boolean full;
    static volatile boolean cannotForce;
    /** Writes wait until this is counted down; null: they do not. */
    static volatile CountDownLatch hanging;

    static void register() {
        full = false;
        cannotForce = false;
        hanging = null;
        FilePath.register(new FaultyFilePath());
    }

    @Override
    public String getScheme() {
        return "faulty";
    }

    private static void awaitAnswer() throws IOException {
        var latch = hanging;
        try {
            if (latch != null) {
                latch.await();
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        return new PassingFile(getBase().open(mode)) {
            @Override
            public int write(ByteBuffer source, long position) throws IOException {
                awaitAnswer();
                if (full) {
                    // A part of it still fits.
                    ByteBuffer part = source.duplicate();
                    part.limit(part.position() + part.remaining() / 2);
                    super.write(part, position);
                    throw new IOException("No space left on device");
                }
                return super.write(source, position);
            }

            @Override
            public void force(boolean metaData) throws IOException {
                if (cannotForce) {
                    throw new IOException("Input/output error");
                }
                super.force(metaData);
            }
        };
    }
}
