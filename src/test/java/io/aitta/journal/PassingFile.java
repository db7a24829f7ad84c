package io.aitta.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import org.h2.store.fs.FileBaseDefault;

/** A file of H2's that has all done by another one, but for what a test does itself. */
public class PassingFile extends FileBaseDefault {
    private final FileChannel disk;

    public PassingFile(FileChannel disk) {
        this.disk = disk;
    }

    @Override
    public int read(ByteBuffer destination, long position) throws IOException {
        return disk.read(destination, position);
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
        return disk.write(source, position);
    }

    @Override
    public void force(boolean metaData) throws IOException {
        disk.force(metaData);
    }

    @Override
    protected void implTruncate(long size) throws IOException {
        disk.truncate(size);
    }

    @Override
    public long size() throws IOException {
        return disk.size();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
        return disk.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
        disk.close();
    }
}
