package io.aitta.partition;

import io.aitta.core.kv.KeySpan;
import io.aitta.proto.record.v1.Change;
import io.aitta.proto.record.v1.StoredChanges;
import io.aitta.store.ReplicaStore.Changed;
import io.aitta.store.ReplicaStore.Changes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The questions that wait at the tail of one partition, and the newest changes. What is new is looked at once for all of
 * them, however many there are: questions of one span share its outcome, and those of single keys are found by the keys
 * that changed. Not thread-safe.
 */
final class ChangeWaiters {
    /** Of the newest changes, for who asks a moment late. */
    static final long RECENT_BYTES = 256 << 10;
    /** Who has waited while so much passed is told how far things have come: else its index would grow too old. */
    static final long PROGRESS_ENTRIES = 1_000;

    static final long PROGRESS_BYTES = 4 << 20;

    private final Map<KeySpan, Set<ChangeQuestion>> keys = new HashMap<>();
    private final Map<KeySpan, Set<ChangeQuestion>> ranges = new HashMap<>();
    private int size;

    /** All changes after {@link #recentAfter} up to {@link #tail}. */
    private final ArrayDeque<Changed> recent = new ArrayDeque<>();

    private long recentBytes;
    private long recentAfter;
    private long tail;
    private long progressAt;
    private long bytesSinceProgress;

    /** Everything up to here was shown to those who wait. */
    long tail() {
        return tail;
    }

    int size() {
        return size;
    }

    /** Whether a question from this index on can be answered, or can wait, here; else it must look for itself. */
    boolean reaches(long after) {
        return after >= recentAfter;
    }

    /** Begins at another place, without knowing what was before. */
    void beginAt(long index) {
        recent.clear();
        recentBytes = 0;
        recentAfter = index;
        tail = index;
        progressAt = index;
        bytesSinceProgress = 0;
    }

    /** Answers a question that {@link #reaches} here from the newest changes, or lets it wait. */
    void add(ChangeQuestion question) {
        if (question.after < tail) {
            var news = recent.stream()
                    .filter(entry -> entry.index() > question.after)
                    .map(entry -> within(entry, question.span))
                    .filter(entry -> entry.changes().getChangesCount() > 0)
                    .toList();
            if (!news.isEmpty()) {
                question.answer(new ChangeAccess.Answer.Changed(limited(news, tail, question.maxBytes)));
                return;
            }
            question.after = tail;
        }
        if (groups(question)
                .computeIfAbsent(question.span, span -> new LinkedHashSet<>())
                .add(question)) {
            size++;
        }
    }

    void remove(ChangeQuestion question) {
        var groups = groups(question);
        var group = groups.get(question.span);
        if (group != null && group.remove(question)) {
            size--;
            if (group.isEmpty()) {
                groups.remove(question.span);
            }
        }
    }

    /** All that wait, who wait no more then. */
    List<ChangeQuestion> removeAll() {
        var all = new ArrayList<ChangeQuestion>(size);
        forEach(all::add);
        keys.clear();
        ranges.clear();
        size = 0;
        return all;
    }

    /** The furthest that anybody has asked for. */
    long furthest() {
        var most = new long[1];
        forEach(question -> most[0] = Math.max(most[0], question.after));
        return most[0];
    }

    private void forEach(Consumer<ChangeQuestion> what) {
        keys.values().forEach(group -> group.forEach(what));
        ranges.values().forEach(group -> group.forEach(what));
    }

    private Map<KeySpan, Set<ChangeQuestion>> groups(ChangeQuestion question) {
        return isKey(question.span) ? keys : ranges;
    }

    private static boolean isKey(KeySpan span) {
        return span.to().size() == span.from().size() + 1
                && span.to().startsWith(span.from())
                && span.to().byteAt(span.from().size()) == 0;
    }

    // ---- news ---------------------------------------------------------------------------------------------------

    /** @param news all changes after {@link #tail}, of any key */
    void take(Changes news) {
        remember(news);
        if (!news.entries().isEmpty()) {
            var touched = new LinkedHashSet<>(ranges.keySet());
            if (!keys.isEmpty()) {
                news.entries().forEach(entry -> entry.changes().getChangesList().forEach(change -> {
                    if (change.getKind() == Change.Kind.RANGE_DELETED) {
                        var range = new KeySpan(change.getKey(), change.getTo());
                        keys.keySet().stream()
                                .filter(span -> range.contains(span.from()))
                                .forEach(touched::add);
                    } else {
                        touched.add(KeySpan.ofKey(change.getKey()));
                    }
                }));
            }
            touched.forEach(span -> show(span, news));
        }
        tail = news.lookedAtTo();
        if (tail - progressAt >= PROGRESS_ENTRIES || bytesSinceProgress >= PROGRESS_BYTES) {
            tellProgress();
        }
    }

    private void remember(Changes news) {
        for (var entry : news.entries()) {
            long bytes = entry.changes().getSerializedSize();
            recent.addLast(entry);
            recentBytes += bytes;
            bytesSinceProgress += bytes;
        }
        while (recentBytes > RECENT_BYTES) {
            var oldest = recent.removeFirst();
            recentBytes -= oldest.changes().getSerializedSize();
            recentAfter = oldest.index();
        }
    }

    private void show(KeySpan span, Changes news) {
        var group = keys.containsKey(span) ? keys.get(span) : ranges.get(span);
        if (group == null) {
            return;
        }
        var inSpan = news.entries().stream()
                .map(entry -> within(entry, span))
                .filter(entry -> entry.changes().getChangesCount() > 0)
                .toList();
        if (inSpan.isEmpty()) {
            return;
        }
        for (var question : List.copyOf(group)) {
            // Some ask from further on than we had come.
            var wanted = question.after < inSpan.get(0).index()
                    ? inSpan
                    : inSpan.stream()
                            .filter(entry -> entry.index() > question.after)
                            .toList();
            if (!wanted.isEmpty()) {
                remove(question);
                question.answer(new ChangeAccess.Answer.Changed(limited(wanted, news.lookedAtTo(), question.maxBytes)));
            }
        }
    }

    private void tellProgress() {
        progressAt = tail;
        bytesSinceProgress = 0;
        var behind = new ArrayList<ChangeQuestion>();
        forEach(question -> {
            if (question.after < tail) {
                behind.add(question);
            }
        });
        for (var question : behind) {
            remove(question);
            question.answer(new ChangeAccess.Answer.Changed(new Changes(List.of(), tail)));
        }
    }

    private static Changes limited(List<Changed> entries, long lookedAtTo, int maxBytes) {
        long bytes = 0;
        for (int i = 0; i < entries.size(); i++) {
            bytes += entries.get(i).changes().getSerializedSize();
            if (bytes > maxBytes && i > 0) {
                return new Changes(
                        List.copyOf(entries.subList(0, i)), entries.get(i - 1).index());
            }
        }
        return new Changes(entries, lookedAtTo);
    }

    /** The same less what is outside of a span; of a removed range its part inside. */
    static Changed within(Changed entry, KeySpan span) {
        if (span.equals(KeySpan.ALL)) {
            return entry;
        }
        var inside = StoredChanges.newBuilder();
        for (var change : entry.changes().getChangesList()) {
            if (change.getKind() == Change.Kind.RANGE_DELETED) {
                var part = new KeySpan(change.getKey(), change.getTo()).intersection(span);
                if (!part.isEmpty()) {
                    inside.addChanges(change.toBuilder().setKey(part.from()).setTo(part.to()));
                }
            } else if (span.contains(change.getKey())) {
                inside.addChanges(change);
            }
        }
        if (inside.getChangesCount() == entry.changes().getChangesCount() && !hasRanges(entry)) {
            return entry;
        }
        return new Changed(
                entry.index(),
                inside.setRecordVersion(entry.changes().getRecordVersion())
                        .setTimestampMillis(entry.changes().getTimestampMillis())
                        .build());
    }

    private static boolean hasRanges(Changed entry) {
        return entry.changes().getChangesList().stream()
                .anyMatch(change -> change.getKind() == Change.Kind.RANGE_DELETED);
    }
}
