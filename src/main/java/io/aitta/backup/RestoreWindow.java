package io.aitta.backup;

import io.aitta.client.AittaException;
import io.aitta.proto.v1.Event;
import io.aitta.transfer.Waiting;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/**
 * Writes rows, a limited number at once. No key comes twice, so their order does not matter, and writing one twice does no
 * harm: one whose outcome is unknown is written again. Of one thread.
 */
final class RestoreWindow {
    private static final int MOST_ROWS = 2_048;
    private static final long MOST_BYTES = 16L << 20;
    /** Each takes up to a call's deadline, within which the client has tried often. */
    private static final int TRIES = 10;

    private record Pending(String table, Event row, CompletionStage<?> outcome) {
        long bytes() {
            return row.getKey().size() + row.getValue().size();
        }
    }

    private final RestoreTarget target;
    private final Clock clock;
    private final ArrayDeque<Pending> window = new ArrayDeque<>();
    private long windowBytes;
    private long rows;
    private long bytes;
    private long expired;

    RestoreWindow(RestoreTarget target, Clock clock) {
        this.target = target;
        this.clock = clock;
    }

    long rows() {
        return rows;
    }

    long bytes() {
        return bytes;
    }

    long expired() {
        return expired;
    }

    void take(String table, Event row) {
        long size = row.getKey().size() + row.getValue().size();
        while (!window.isEmpty() && (window.size() >= MOST_ROWS || windowBytes + size > MOST_BYTES)) {
            settleFirst();
        }
        var outcome = write(table, row);
        if (outcome == null) {
            expired++;
            return;
        }
        window.add(new Pending(table, row, outcome));
        windowBytes += size;
    }

    /** All that was taken is written. */
    void settle() {
        while (!window.isEmpty()) {
            settleFirst();
        }
    }

    /** Null if its time is over. */
    private CompletionStage<?> write(String table, Event row) {
        if (!row.hasExpiresAtMillis()) {
            return target.set(table, row.getKey(), row.getValue(), OptionalLong.empty());
        }
        long left = row.getExpiresAtMillis() - clock.millis();
        return left <= 0 ? null : target.set(table, row.getKey(), row.getValue(), OptionalLong.of(left));
    }

    private void settleFirst() {
        Pending first = window.remove();
        windowBytes -= first.bytes();
        var outcome = first.outcome();
        for (int tries = 1; outcome != null; tries++) {
            try {
                Waiting.await(outcome);
                rows++;
                bytes += first.bytes();
                return;
            } catch (AittaException failure) {
                boolean hopeless = failure instanceof AittaException.Refused refused
                        && refused.kind() != AittaException.Refused.Kind.EXHAUSTED;
                if (hopeless || tries >= TRIES) {
                    throw failure;
                }
                outcome = write(first.table(), first.row());
            }
        }
        // Its time was over before it could be written again.
        expired++;
    }
}
