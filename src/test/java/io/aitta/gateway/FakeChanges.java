package io.aitta.gateway;

import com.google.protobuf.ByteString;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import io.aitta.partition.ChangeAccess;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.partition.PartitionAccess.Refusal;
import io.aitta.proto.record.v1.Change;
import io.aitta.proto.record.v1.StoredChanges;
import io.aitta.store.ReplicaStore.Changed;
import io.aitta.store.ReplicaStore.Changes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Changes of partitions, as a test makes them. All on one lock. */
final class FakeChanges implements ChangeAccess {
    private record Question(PartitionId partition, long after, KeySpan span, int maxBytes, Consumer<Answer> then) {}

    private final Map<PartitionId, TreeMap<Long, StoredChanges>> entries = new HashMap<>();
    private final Map<PartitionId, Long> keptAfter = new HashMap<>();
    private final Map<Object, Question> waiting = new LinkedHashMap<>();
    private int asked;

    synchronized int waiting() {
        return waiting.size();
    }

    synchronized int asked() {
        return asked;
    }

    synchronized Set<PartitionId> watched() {
        return waiting.values().stream().map(Question::partition).collect(java.util.stream.Collectors.toSet());
    }

    synchronized long set(PartitionId partition, String key, ByteString value) {
        return apply(
                partition,
                Change.newBuilder()
                        .setKind(Change.Kind.SET)
                        .setKey(ByteString.copyFromUtf8(key))
                        .setValue(value)
                        .build());
    }

    synchronized long apply(PartitionId partition, Change... changes) {
        var log = entries.computeIfAbsent(partition, id -> new TreeMap<>());
        long index = log.isEmpty() ? keptAfter.getOrDefault(partition, 0L) + 1 : log.lastKey() + 1;
        log.put(
                index,
                StoredChanges.newBuilder()
                        .setTimestampMillis(1_000 + index)
                        .addAllChanges(List.of(changes))
                        .build());
        for (var open : List.copyOf(waiting.entrySet())) {
            if (open.getValue().partition().equals(partition) && waiting.remove(open.getKey()) != null) {
                answer(open.getKey(), open.getValue());
            }
        }
        return index;
    }

    synchronized void forgetUpTo(PartitionId partition, long index) {
        keptAfter.put(partition, index);
        entries.computeIfAbsent(partition, id -> new TreeMap<>())
                .headMap(index, true)
                .clear();
    }

    synchronized void refuseAll(Reason reason) {
        var all = List.copyOf(waiting.values());
        waiting.clear();
        all.forEach(question -> question.then().accept(new Answer.Refused(new Refusal(reason, "told to"))));
    }

    @Override
    public synchronized Asked where(PartitionId partition, Consumer<Answer> then) {
        then.accept(kept(partition));
        return () -> {};
    }

    private Answer kept(PartitionId partition) {
        var log = entries.getOrDefault(partition, new TreeMap<>());
        long oldest = keptAfter.getOrDefault(partition, 0L);
        return new Answer.Kept(oldest, log.isEmpty() ? oldest : log.lastKey());
    }

    @Override
    public synchronized Asked changes(
            PartitionId partition, long afterIndex, KeySpan span, int maxBytes, Consumer<Answer> then) {
        asked++;
        var handle = new Object();
        answer(handle, new Question(partition, afterIndex, span, maxBytes, then));
        return () -> {
            synchronized (this) {
                waiting.remove(handle);
            }
        };
    }

    private void answer(Object handle, Question question) {
        if (question.after() < keptAfter.getOrDefault(question.partition(), 0L)) {
            question.then().accept(kept(question.partition()));
            return;
        }
        var found = new ArrayList<Changed>();
        long bytes = 0;
        long to = question.after();
        var log = entries.getOrDefault(question.partition(), new TreeMap<>());
        for (var entry : log.tailMap(question.after(), false).entrySet()) {
            if (bytes > question.maxBytes()) {
                break;
            }
            to = entry.getKey();
            var inside = entry.getValue().getChangesList().stream()
                    .filter(change -> question.span().contains(change.getKey()))
                    .toList();
            if (!inside.isEmpty()) {
                var changes = entry.getValue().toBuilder()
                        .clearChanges()
                        .addAllChanges(inside)
                        .build();
                found.add(new Changed(entry.getKey(), changes));
                bytes += changes.getSerializedSize();
            }
        }
        if (found.isEmpty()) {
            waiting.put(handle, question);
        } else {
            question.then().accept(new Answer.Changed(new Changes(found, to)));
        }
    }
}
