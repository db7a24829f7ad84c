package io.aitta.transfer;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaException;
import io.aitta.client.ScanEntry;
import io.aitta.client.ScanPage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Writes the rows of a scan to a file, page by page; while one is written the next is fetched, and no more is held. Of
 * one thread, but for {@link #stop}.
 */
public final class TableExport {
    /** Between two notes of how far it is. */
    private static final long MARK_NANOS = Duration.ofSeconds(1).toNanos();

    /** Of a page that cannot be had at the moment, each as long as the table's deadline. */
    private static final int TRIES = 5;

    /** Pages of a scan that goes on at a later moment when one is gone; see {@link io.aitta.client.AittaTable#scanPage}. */
    @FunctionalInterface
    public interface Pages {
        CompletionStage<ScanPage> after(ByteString cursor);
    }

    private final Pages pages;
    private final RowFormat format;
    private final ExportFile file;
    private final Consumer<Transferred> told;
    private final long markNanos;
    private volatile boolean stopped;

    /** @param told how far it is, after each page */
    public TableExport(Pages pages, RowFormat format, ExportFile file, Consumer<Transferred> told) {
        this(pages, format, file, told, MARK_NANOS);
    }

    TableExport(Pages pages, RowFormat format, ExportFile file, Consumer<Transferred> told, long markNanos) {
        this.pages = pages;
        this.format = format;
        this.file = file;
        this.told = told;
        this.markNanos = markNanos;
    }

    /** Ends it after the page under way, so that it can be gone on with. From any thread. */
    public void stop() {
        stopped = true;
    }

    /**
     * Runs it.
     *
     * @return whether all is there; false if it was stopped
     * @throws AittaException if a page cannot be had; what came before it is in the file, and can be gone on with
     * @throws IOException if the file cannot be written
     */
    public boolean run() throws IOException {
        long rows = file.rows();
        if (file.offset() == 0) {
            file.write(format.header());
        }
        ByteString cursor = file.cursor();
        long marked = System.nanoTime();
        CompletionStage<ScanPage> coming = pages.after(cursor);
        while (true) {
            ScanPage page = page(coming, rows, cursor);
            if (!page.isLast()) {
                coming = pages.after(page.cursor());
            }
            file.write(text(page));
            rows += page.entries().size();
            cursor = page.cursor();
            told.accept(new Transferred(rows, file.offset()));
            if (page.isLast()) {
                file.complete();
                return true;
            }
            if (stopped || System.nanoTime() - marked >= markNanos) {
                file.mark(rows, cursor);
                marked = System.nanoTime();
            }
            if (stopped) {
                return false;
            }
        }
    }

    private ScanPage page(CompletionStage<ScanPage> coming, long rows, ByteString cursor) throws IOException {
        CompletionStage<ScanPage> asked = coming;
        for (int tries = 1; ; tries++) {
            try {
                return Waiting.await(asked);
            } catch (AittaException e) {
                if (e instanceof AittaException.Refused || tries == TRIES || stopped) {
                    file.mark(rows, cursor);
                    throw e;
                }
                asked = pages.after(cursor);
            }
        }
    }

    private byte[] text(ScanPage page) throws IOException {
        var text = new ByteArrayOutputStream();
        for (ScanEntry entry : page.entries()) {
            var value = entry.value();
            var rest = value.timeToLive().map(Duration::toMillis).map(OptionalLong::of);
            format.write(new Row(entry.key(), value.bytes(), rest.orElse(OptionalLong.empty())), text);
        }
        return text.toByteArray();
    }
}
