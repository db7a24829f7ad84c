package io.aitta.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * H2's file system {@code sealed:}, which makes what H2 has forced survive a power cut: see {@link SealedFile}. It may be
 * put in front of any other of H2's file systems. Public, with a public constructor, because H2 makes instances of it.
 */
public final class SealedFilePath extends FilePathWrapper {
    static final String SCHEME = "sealed";

    /** Makes {@code sealed:} known to H2. May be called any number of times. */
    static void register() {
        FilePath.register(new SealedFilePath());
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        FileChannel file = getBase().open(mode);
        if (!name.endsWith(".mv.db")) {
            return file;
        }
        return new SealedFile(getBase().toString(), file);
    }
}
