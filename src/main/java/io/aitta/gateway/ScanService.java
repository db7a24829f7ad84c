package io.aitta.gateway;

import io.aitta.config.LimitSettings;
import io.aitta.partition.PartitionAccess;
import io.aitta.proto.v1.ScanRequest;
import io.aitta.proto.v1.ScanResponse;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Source;

/**
 * Scans: as a stream of pages, each read when the client has taken the one before, and page by page. What a scan holds
 * here is one page; the moments it reads at are the partitions' own.
 */
final class ScanService {
    /** A page of a stream is held twice while a client does not take it: as rows, and as the bytes on their way to it. */
    private static final int STREAM_PAGE_BYTES = 128 << 10;

    private final PartitionAccess partitions;
    private final Routing routing;
    private final LimitSettings limits;

    ScanService(PartitionAccess partitions, TopologySource topology, LimitSettings limits) {
        this.partitions = partitions;
        this.routing = new Routing(topology);
        this.limits = limits;
    }

    /** The call's deadline is each page's; how long the whole may last is the client's affair. */
    Source<ScanResponse, NotUsed> scan(ScanRequest request, Call call) {
        return Source.unfoldResourceAsync(
                () -> {
                    try {
                        return CompletableFuture.completedFuture(
                                new Stream(begin(request), limit(request), call.remainingNanos()));
                    } catch (RuntimeException refused) {
                        return CompletableFuture.failedFuture(refused);
                    }
                },
                Stream::next,
                stream -> {
                    stream.run.giveUp();
                    return CompletableFuture.completedFuture(Done.getInstance());
                });
    }

    /** One page; the answer's cursor leads to the next. */
    CompletionStage<ScanResponse> scanPage(ScanRequest request, Call call) {
        return begin(request).page(limit(request), limits.responseBytes(), call.deadlineNanos());
    }

    private ScanRun begin(ScanRequest request) {
        var table = routing.now().table(request.getTable());
        var part = RangePart.of(request.getRange(), table, limits);
        var plan = new ScanRun.Plan(
                table,
                part,
                ReadFreshness.of(request.getConsistency(), request.getMaxStalenessMillis(), request.getHeader(), table),
                request.getKeysOnly(),
                request.getRelaxed());
        Cursor from = request.getCursor().isEmpty()
                ? Cursor.atBeginningOf(part)
                : Cursor.decode(request.getCursor(), table, part);
        return new ScanRun(partitions, routing, plan, from);
    }

    /** Unsigned: what looks negative is more than there can be. */
    private static long limit(ScanRequest request) {
        return request.getLimit() <= 0 ? Long.MAX_VALUE : request.getLimit();
    }

    /** A scan with the rows it may still give. */
    private final class Stream {
        private final ScanRun run;
        private final long pageNanos;
        private long left;

        Stream(ScanRun run, long limit, long pageNanos) {
            this.run = run;
            this.left = limit;
            this.pageNanos = pageNanos;
        }

        CompletionStage<Optional<ScanResponse>> next() {
            if (run.hasEnded() || left <= 0) {
                return CompletableFuture.completedFuture(Optional.empty());
            }
            return run.page(left, Math.min(limits.responseBytes(), STREAM_PAGE_BYTES), System.nanoTime() + pageNanos)
                    .thenApply(page -> {
                        left -= page.getEntriesCount();
                        return Optional.of(page);
                    });
        }
    }
}
