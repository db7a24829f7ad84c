package io.aitta.gateway;

import com.google.protobuf.ByteString;
import io.aitta.config.LimitSettings;
import io.aitta.partition.PartitionAccess;
import io.aitta.proto.v1.BrowseKeysRequest;
import io.aitta.proto.v1.BrowseKeysResponse;
import io.aitta.proto.v1.BrowsedKey;
import io.aitta.proto.v1.KeyRange;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.ScanEntry;
import io.aitta.proto.v1.ScanRequest;
import io.aitta.proto.v1.ScanResponse;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The keys of a table for people to look at: a scan page by page, of whatever the replicas at hand have applied, with
 * values cut short. Thread-safe.
 */
public final class KeyBrowser {
    private static final int MAX_KEYS = 100;
    private static final int VALUE_BYTES = 128;
    private static final int KEY_BYTES = 32 << 10;

    private final ScanService scans;

    public KeyBrowser(PartitionAccess partitions, TopologySource topology, LimitSettings limits) {
        this.scans = new ScanService(partitions, topology, limits);
    }

    /**
     * @param deadlineNanos on {@link System#nanoTime()}'s clock
     * @return fails with {@link CallRefused} if it was refused; never throws
     */
    public CompletionStage<BrowseKeysResponse> page(BrowseKeysRequest request, long deadlineNanos) {
        CompletionStage<ScanResponse> page;
        try {
            page = scans.scanPage(scan(request), Call.inside(deadlineNanos));
        } catch (RuntimeException refused) {
            return CompletableFuture.failedFuture(CallRefused.of(inOwnWords(refused)));
        }
        return page.<CompletionStage<BrowseKeysResponse>>handle((answer, failure) -> failure == null
                        ? CompletableFuture.completedFuture(shown(answer))
                        : CompletableFuture.failedFuture(CallRefused.of(failure)))
                .thenCompose(result -> result);
    }

    /** What a scan calls a cursor is here what leads to the next page. */
    private static RuntimeException inOwnWords(RuntimeException failure) {
        return failure instanceof ProblemException refused
                        && refused.problem().reason().equals(ErrorReason.BAD_CURSOR.name())
                ? badAfter()
                : failure;
    }

    private static ProblemException badAfter() {
        return Problem.inField(
                        ErrorReason.BAD_CURSOR,
                        "after",
                        "this is not the next of a page of the same table and prefix; leave it out to begin anew")
                .asException();
    }

    private static ScanRequest scan(BrowseKeysRequest request) {
        if (Integer.compareUnsigned(request.getLimit(), MAX_KEYS) > 0) {
            throw AdminChecks.badOption("limit", "a page has 1 to " + MAX_KEYS + " keys");
        }
        return ScanRequest.newBuilder()
                .setTable(request.getTable())
                .setRange(KeyRange.newBuilder().setPrefix(KeyText.read(request.getPrefix(), "prefix")))
                .setLimit(request.getLimit() == 0 ? MAX_KEYS : request.getLimit())
                .setConsistency(ReadConsistency.EVENTUAL)
                .setCursor(cursor(request.getAfter()))
                .setRelaxed(true)
                .build();
    }

    private static ByteString cursor(String after) {
        try {
            return ByteString.copyFrom(Base64.getUrlDecoder().decode(after));
        } catch (IllegalArgumentException garbage) {
            throw badAfter();
        }
    }

    private static BrowseKeysResponse shown(ScanResponse page) {
        var keys = BrowseKeysResponse.newBuilder()
                .setNext(Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(page.getCursor().toByteArray()));
        page.getEntriesList().forEach(entry -> keys.addKeys(shown(entry)));
        return keys.build();
    }

    private static BrowsedKey shown(ScanEntry entry) {
        var key = BrowsedKey.newBuilder()
                .setKey(KeyText.write(entry.getKey(), KEY_BYTES))
                .setValue(KeyText.write(entry.getValue(), VALUE_BYTES))
                .setValueSize(entry.getValue().size())
                .setShortened(entry.getValue().size() > VALUE_BYTES)
                .setVersion(entry.getVersion());
        if (entry.hasRemainingMillis()) {
            key.setRemainingMillis(entry.getRemainingMillis());
        }
        return key.build();
    }
}
