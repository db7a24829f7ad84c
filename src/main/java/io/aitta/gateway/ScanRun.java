package io.aitta.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.aitta.gateway.RoutingTable.TableRoutes;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.PartitionAccess.ScanAnswer;
import io.aitta.partition.PartitionAccess.ScanQuery;
import io.aitta.proto.v1.ScanEntry;
import io.aitta.proto.v1.ScanResponse;
import io.aitta.store.ReplicaStore.Row;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One scan under way, from where a cursor says: one partition after the other, a page at a time, and nothing is read
 * before it is asked for. Pages are asked for one after the other; {@link #giveUp} by any thread.
 */
final class ScanRun {
    /** About how large the keys and values of a page are: what a scan holds in memory. One row more may be in it. */
    static final int PAGE_BYTES = 512 << 10;

    static final int PAGE_ROWS = 8_192;
    /** A page that has not found anything after so many looks says where it stands, instead of looking on for ever. */
    private static final int LOOKS = 64;

    /** What is to be scanned, and how. */
    record Plan(TableRoutes table, RangePart part, ReadFreshness freshness, boolean keysOnly, boolean relaxed) {}

    private final PartitionAccess partitions;
    private final Routing routing;
    private final Plan plan;
    private Cursor cursor;
    private boolean ended;
    private boolean givenUp;

    ScanRun(PartitionAccess partitions, Routing routing, Plan plan, Cursor from) {
        this.partitions = partitions;
        this.routing = routing;
        this.plan = plan;
        this.cursor = from;
    }

    /** Whether there is nothing after the last page. */
    synchronized boolean hasEnded() {
        return ended;
    }

    /** @param maxRows at least 1 */
    CompletionStage<ScanResponse> page(long maxRows, int maxBytes, long deadlineNanos) {
        var page = new Page((int) Math.min(maxRows, PAGE_ROWS), Math.min(maxBytes, PAGE_BYTES), deadlineNanos);
        page.look();
        return page.whole;
    }

    /** Nothing more will be asked for: what was kept for going on need be kept no longer. */
    synchronized void giveUp() {
        givenUp = true;
        if (!cursor.moment().isEmpty()) {
            partitions.giveUp(plan.table().id(cursor.partition()), cursor.moment());
        }
    }

    private synchronized void moveTo(Cursor next) {
        cursor = next;
        ended = next.partition() > plan.part().last();
        if (givenUp) {
            giveUp();
        }
    }

    /** One page on its way: a few looks at partitions, one after the other. */
    private final class Page {
        final CompletableFuture<ScanResponse> whole = new CompletableFuture<>();
        private final ScanResponse.Builder response = ScanResponse.newBuilder();
        private final Map<Integer, Long> positions = new TreeMap<>();
        private final long deadlineNanos;
        private int rowsLeft;
        private int bytesLeft;
        private int looks;

        Page(int maxRows, int maxBytes, long deadlineNanos) {
            this.rowsLeft = maxRows;
            this.bytesLeft = maxBytes;
            this.deadlineNanos = deadlineNanos;
        }

        void look() {
            Cursor from = cursor;
            looks++;
            var query = new ScanQuery(
                    plan.part().span(),
                    plan.part().tag(),
                    from.after(),
                    rowsLeft,
                    bytesLeft,
                    plan.keysOnly(),
                    from.moment(),
                    plan.relaxed(),
                    false);
            partitions
                    .scan(
                            plan.table().id(from.partition()),
                            query,
                            plan.freshness().of(from.partition()),
                            deadlineNanos)
                    .whenComplete((answer, failure) -> {
                        try {
                            if (answer instanceof ScanAnswer.Page page) {
                                take(from, page);
                            } else {
                                stop(answer, failure);
                            }
                        } catch (RuntimeException fault) {
                            whole.completeExceptionally(fault);
                        }
                    });
        }

        private void take(Cursor from, ScanAnswer.Page page) {
            for (Row row : page.rows().rows()) {
                response.addEntries(entry(row));
                rowsLeft--;
                bytesLeft -= row.key().size() + row.value().bytes().length;
            }
            positions.merge(from.partition(), page.index(), Math::max);
            ByteString next = page.rows().next();
            moveTo(
                    next == null
                            ? new Cursor(from.partition() + 1, null, "")
                            : new Cursor(from.partition(), next, page.moment()));
            boolean isCut = next != null && response.getEntriesCount() > 0;
            if (ended || isCut || rowsLeft <= 0 || bytesLeft <= 0 || looks >= LOOKS) {
                finish();
            } else {
                look();
            }
        }

        /** What was found before is worth having; the same trouble will come again with the next page, or not. */
        private void stop(ScanAnswer answer, Throwable failure) {
            if (looks > 1) {
                finish();
            } else if (answer instanceof ScanAnswer.Refused refused) {
                whole.completeExceptionally(Prepared.problem(refused.refusal()).asException());
            } else {
                whole.completeExceptionally(failure);
            }
        }

        private void finish() {
            response.setHeader(routing.now()
                    .header(positions.entrySet().stream()
                            .map(stood -> RoutingTable.position(plan.table().id(stood.getKey()), stood.getValue()))
                            .toList()));
            if (!ended) {
                response.setCursor(cursor.encode(plan.table().tableEpoch(), plan.part()));
            }
            whole.complete(response.build());
        }
    }

    private static ScanEntry entry(Row row) {
        var entry = ScanEntry.newBuilder()
                .setKey(row.key())
                .setValue(UnsafeByteOperations.unsafeWrap(row.value().bytes()))
                .setVersion(row.value().version());
        Times.remainingMillis(row.value().expiresAtMillis()).ifPresent(entry::setRemainingMillis);
        return entry.build();
    }
}
