package io.aitta.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * H2's file system {@code sealed:}, which makes what H2 has forced survive a power cut: see {@link SealedFile}. It may be
 * put in front of any other of H2's file systems. A number may follow ({@code sealed:3:}): H2 knows databases by their
 * names, and by the number it can tell a database from the same one opened anew. Public, with a public constructor, because H2 makes instances of it.
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
    protected String getPrefix() {
        return name == null ? SCHEME + ":" : name.substring(0, prefixLength(name));
    }

    @Override
    protected FilePath unwrap(String path) {
        return FilePath.get(path.substring(prefixLength(path)));
    }

    private static int prefixLength(String path) {
        int start = SCHEME.length() + 1;
        int end = start;
        while (end < path.length() && Character.isDigit(path.charAt(end))) {
            end++;
        }
        return end > start && end < path.length() && path.charAt(end) == ':' ? end + 1 : start;
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
