package io.aitta.transfer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.aitta.client.AittaException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Writes the rows of a file into a table: a limited number at once, those of one key one after the other, so that the last
 * of them stays. Writing a row twice does no harm, so that one whose outcome is unknown is written again. Of one thread,
 * but for {@link #stop}.
 */
public final class TableImport {
    private static final int MOST_ROWS = 512;
    private static final long MOST_BYTES = 16L << 20;
    private static final int TRIES = 5;
    private static final long MARK_NANOS = Duration.ofSeconds(1).toNanos();
    private static final String ROWS = "rows";
    private static final String WHAT = "what";

    /** Where rows go. */
    @FunctionalInterface
    public interface Writer {
        /** @return whether the row was written: false if the key was there and is to stay as it is */
        CompletionStage<Boolean> write(Row row);
    }

    /**
     * A row that could not be taken over.
     *
     * @param line where it begins, from 1
     * @param problem what is wrong with it
     * @param failure what the cluster said; empty if it was not asked
     */
    public record Failure(long line, String problem, Optional<AittaException> failure) {}

    /**
     * What it came to.
     *
     * @param rows of the file that are done with, from the first on; those of before a resumption included
     * @param whole whether the file's end was reached
     */
    public record Result(long rows, long written, long kept, long failed, boolean whole) {}

    private record Pending(Row row, long line, CompletionStage<Boolean> outcome) {}

    private final Writer writer;
    private final boolean skipping;
    private final Sidecar sidecar;
    private final String what;
    private final Consumer<Failure> failures;
    private final Consumer<Long> told;
    private final ArrayDeque<Pending> window = new ArrayDeque<>();
    private final Set<ByteString> keys = new HashSet<>();
    private long windowBytes;
    private long rows;
    private long written;
    private long kept;
    private long failed;
    private long marked = System.nanoTime();
    private boolean ending;
    private volatile boolean stopped;

    /**
     * @param skipping whether to go on after a row that cannot be taken over
     * @param sidecar where to note how far it is; empty: nowhere
     * @param what names the table: only into the same one can it be gone on with
     * @param failures told of each such row, in the order of the file
     * @param told how many rows are done with, now and then
     */
    public TableImport(
            Writer writer,
            boolean skipping,
            Optional<Path> sidecar,
            String what,
            Consumer<Failure> failures,
            Consumer<Long> told) {
        this.writer = writer;
        this.skipping = skipping;
        this.sidecar = sidecar.map(Sidecar::new).orElse(null);
        this.what = what;
        this.failures = failures;
        this.told = told;
    }

    /** Where the sidecar of a file's import is; that of an export has another name. */
    public static Path sidecarOf(Path file) {
        return file.resolveSibling(file.getFileName() + ".import.progress");
    }

    /** Ends it before the next row, so that it can be gone on with. From any thread. */
    public void stop() {
        stopped = true;
    }

    /**
     * Runs it.
     *
     * @param resume whether to leave out the rows that an import before was done with
     * @throws IOException if the file cannot be read, or is not of its format at all; rows before are taken over
     */
    public Result run(InputStream in, RowFormat format, boolean resume) throws IOException {
        long before = resume ? rowsBefore() : 0;
        RowReader reader = null;
        boolean whole = false;
        try {
            reader = format.read(in);
            whole = readAll(reader, before);
        } catch (CharacterCodingException e) {
            throw new IOException("after line " + line(reader) + ": not UTF-8", e);
        } catch (IOException e) {
            throw new IOException("after line " + line(reader) + ": " + e.getMessage(), e);
        } finally {
            while (!window.isEmpty()) {
                settleFirst();
            }
            if (sidecar != null && (!whole || ending)) {
                mark();
            }
        }
        whole &= !ending;
        if (whole && sidecar != null) {
            sidecar.delete();
        }
        return new Result(rows, written, kept, failed, whole);
    }

    private static long line(RowReader reader) {
        return reader == null ? 0 : reader.line();
    }

    private long rowsBefore() throws IOException {
        var before = sidecar == null ? Optional.<ObjectNode>empty() : sidecar.read();
        if (before.isPresent() && !before.get().path(WHAT).asText().equals(what)) {
            throw new IOException("this file was being imported into "
                    + before.get().path(WHAT).asText() + ", and cannot be gone on with into " + what);
        }
        return before.map(progress -> progress.path(ROWS).asLong()).orElse(0L);
    }

    /** @return whether the end was reached */
    private boolean readAll(RowReader reader, long before) throws IOException {
        while (!stopped && !ending) {
            try {
                Row row = reader.next();
                if (row == null) {
                    return true;
                }
                if (rows < before) {
                    rows++;
                } else {
                    take(row, reader.line());
                }
            } catch (Row.BadRow e) {
                if (rows < before) {
                    rows++;
                } else {
                    settleAll();
                    if (!ending) {
                        fail(new Failure(reader.line(), e.getMessage(), Optional.empty()));
                    }
                }
            }
            settleDone();
            if (System.nanoTime() - marked >= MARK_NANOS) {
                mark();
            }
        }
        return false;
    }

    private void take(Row row, long line) {
        while (!window.isEmpty()
                && (window.size() >= MOST_ROWS || windowBytes + row.bytes() > MOST_BYTES || keys.contains(row.key()))) {
            settleFirst();
        }
        if (ending) {
            return;
        }
        keys.add(row.key());
        windowBytes += row.bytes();
        window.add(new Pending(row, line, writer.write(row)));
    }

    private void settleAll() {
        while (!window.isEmpty()) {
            settleFirst();
        }
    }

    private void settleDone() {
        while (!window.isEmpty() && isDone(window.peek().outcome())) {
            settleFirst();
        }
    }

    private static boolean isDone(CompletionStage<?> stage) {
        return stage instanceof CompletableFuture<?> future
                ? future.isDone()
                : stage.toCompletableFuture().isDone();
    }

    /** Waits for the first row of the window. Rows are done with in the order of the file. */
    private void settleFirst() {
        Pending first = window.peek();
        AittaException failure = null;
        for (int tries = 1; tries <= TRIES; tries++) {
            try {
                boolean applied = Waiting.await(tries == 1 ? first.outcome() : writer.write(first.row()));
                written += applied ? 1 : 0;
                kept += applied ? 0 : 1;
                failure = null;
                break;
            } catch (AittaException e) {
                failure = e;
                if (e instanceof AittaException.Refused) {
                    break;
                }
            }
        }
        window.remove();
        keys.remove(first.row().key());
        windowBytes -= first.row().bytes();
        if (failure != null) {
            fail(new Failure(first.line(), failure.getMessage(), Optional.of(failure)));
        } else if (!ending) {
            rows++;
        }
    }

    /** The rows that are done with end before the first one that is not skipped. */
    private void fail(Failure failure) {
        failed++;
        failures.accept(failure);
        if (skipping) {
            rows++;
        } else {
            ending = true;
        }
    }

    private void mark() throws IOException {
        marked = System.nanoTime();
        told.accept(rows);
        if (sidecar != null) {
            sidecar.write(Sidecar.object().put(WHAT, what).put(ROWS, rows));
        }
    }
}
