package io.aitta.gateway;

import com.google.protobuf.ByteString;
import io.aitta.core.PartitionId;
import io.aitta.core.hash.KeyHash;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.Value;
import io.aitta.partition.PartitionAccess.ChangesAnswer;
import io.aitta.partition.PartitionAccess.CountAnswer;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.partition.PartitionAccess.Refusal;
import io.aitta.partition.PartitionAccess.ScanAnswer;
import io.aitta.partition.PartitionAccess.ScanQuery;
import io.aitta.proto.record.v1.StoredChanges;
import io.aitta.proto.record.v1.StoredValue;
import io.aitta.store.ReplicaStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Partitions to be scanned: sorted maps, with copies of them for moments. All on one lock. */
final class FakeScans {
    record Asked(PartitionId partition, ScanQuery query, ReadLevel level) {}

    final List<Asked> asked = new CopyOnWriteArrayList<>();
    final Set<String> moments = ConcurrentHashMap.newKeySet();
    /** Asked first; null: do as usual. */
    volatile Function<Asked, ScanAnswer> onScan = ask -> null;

    /** No page has more, whatever is asked for. */
    volatile int pageRows = Integer.MAX_VALUE;

    volatile Function<PartitionId, CountAnswer> onCount = partition -> null;

    private final Map<Integer, TreeMap<ByteString, Value>> rows = new HashMap<>();
    private final Map<String, TreeMap<ByteString, Value>> copies = new HashMap<>();
    private int partitions = 16;
    private long last;
    /** What changed, by log index. */
    final TreeMap<Long, StoredChanges> changed = new TreeMap<>();

    long changesAfter;
    int changesAsked;
    long term = 2;

    synchronized void put(String key, String value) {
        put(key, new Value(value.getBytes(java.nio.charset.StandardCharsets.UTF_8), ++last, 0));
    }

    synchronized void put(String key, Value value) {
        var bytes = ByteString.copyFromUtf8(key);
        rows(KeyHash.partitionOf(bytes.toByteArray(), partitions)).put(bytes, value);
    }

    synchronized void remove(String key) {
        var bytes = ByteString.copyFromUtf8(key);
        rows(KeyHash.partitionOf(bytes.toByteArray(), partitions)).remove(bytes);
    }

    /** All that a partition holds from now on. */
    synchronized void hold(PartitionId partition, Map<ByteString, StoredValue> stored) {
        var held = rows(partition.partition());
        held.clear();
        stored.forEach((key, value) -> held.put(
                key, new Value(value.getValue().toByteArray(), value.getVersion(), value.getExpiresAtMillis())));
    }

    /** As if nobody had used them for long. */
    synchronized void forgetMoments() {
        moments.clear();
        copies.clear();
    }

    synchronized void giveUp(String moment) {
        moments.remove(moment);
        copies.remove(moment);
    }

    synchronized CompletionStage<ScanAnswer> scan(PartitionId partition, ScanQuery query, ReadLevel level) {
        var ask = new Asked(partition, query, level);
        asked.add(ask);
        var other = onScan.apply(ask);
        return CompletableFuture.completedFuture(other != null ? other : answer(partition, query));
    }

    /** What is answered if no hook has another answer: for a hook that has more to do after it. */
    synchronized ScanAnswer answerNow(Asked ask) {
        return answer(ask.partition(), ask.query());
    }

    private ScanAnswer answer(PartitionId partition, ScanQuery query) {
        String moment = query.moment();
        if (!moment.isEmpty() && !copies.containsKey(moment)) {
            if (!query.relaxed()) {
                return new ScanAnswer.Refused(new Refusal(Reason.SCAN_EXPIRED, "the moment is gone"));
            }
            moment = "";
        }
        if (moment.isEmpty()) {
            moment = "n1/" + ++last;
            copies.put(moment, new TreeMap<>(rows(partition.partition())));
            moments.add(moment);
        }
        var page = new ArrayList<ReplicaStore.Row>();
        int bytes = 0;
        for (var entry : copies.get(moment).entrySet()) {
            var key = entry.getKey();
            boolean isAfter = query.after() == null
                    || ByteString.unsignedLexicographicalComparator().compare(key, query.after()) > 0;
            if (isAfter && query.span().contains(key) && hasTag(key, query.tag())) {
                if (page.size() >= Math.min(pageRows, query.maxRows()) || bytes >= query.maxBytes()) {
                    return new ScanAnswer.Page(
                            new ReplicaStore.Page(
                                    page, page.get(page.size() - 1).key()),
                            moment,
                            7,
                            term,
                            1_000);
                }
                var value = entry.getValue();
                page.add(new ReplicaStore.Row(
                        key,
                        query.keysOnly() ? new Value(new byte[0], value.version(), value.expiresAtMillis()) : value));
                bytes += key.size() + page.get(page.size() - 1).value().bytes().length;
            }
        }
        giveUp(moment);
        return new ScanAnswer.Page(new ReplicaStore.Page(page, null), "", 7, term, 1_000);
    }

    synchronized CompletionStage<CountAnswer> count(PartitionId partition, KeySpan span) {
        var other = onCount.apply(partition);
        if (other != null) {
            return CompletableFuture.completedFuture(other);
        }
        long keys = rows(partition.partition()).keySet().stream()
                .filter(span::contains)
                .count();
        return CompletableFuture.completedFuture(
                new CountAnswer.Counted(new ReplicaStore.Estimate(keys, 10 * keys, true), 7));
    }

    /** As of log index 7 too, one entry a page. */
    synchronized CompletionStage<ChangesAnswer> changes(long afterIndex, String moment) {
        changesAsked++;
        if (afterIndex < changesAfter) {
            return CompletableFuture.completedFuture(ChangesAnswer.Forgotten.INSTANCE);
        }
        var entry = changed.ceilingEntry(afterIndex + 1);
        boolean more = entry != null && entry.getKey() < 7;
        String at = moment.isEmpty() ? "n1/" + ++last : moment;
        if (more) {
            moments.add(at);
        } else {
            moments.remove(at);
        }
        var entries = entry == null
                ? List.<ReplicaStore.Changed>of()
                : List.of(new ReplicaStore.Changed(entry.getKey(), entry.getValue()));
        long to = more ? entry.getKey() : Math.max(afterIndex, 7);
        return CompletableFuture.completedFuture(
                new ChangesAnswer.Page(new ReplicaStore.Changes(entries, to), more ? at : "", 7, term, 1_000));
    }

    private TreeMap<ByteString, Value> rows(int partition) {
        return rows.computeIfAbsent(partition, p -> new TreeMap<>(ByteString.unsignedLexicographicalComparator()));
    }

    private static boolean hasTag(ByteString key, ByteString tag) {
        return tag == null
                || KeyHash.tagOf(key.toByteArray())
                        .filter(own -> Arrays.equals(own, tag.toByteArray()))
                        .isPresent();
    }
}
