package io.aitta.partition;

import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Term;
import io.aitta.metrics.ReplicaMetrics;
import io.aitta.metrics.Stages;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * Writes that stand in the binlog and wait for being committed, by log index; it sees to it that each is answered, in
 * one message for each node that asked. Used by the log's actor alone; by its parent only once the log has terminated.
 */
final class InFlight {
    /** Below it nobody asks where the time went. */
    private static final long WORTH_TELLING_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /**
     * @param sinceNanos when the first of the writes came
     * @param proposedNanos when its turn came
     * @param acceptedNanos when it stood in the binlog
     */
    private record Batch(Term term, List<WriteRun> writes, long sinceNanos, long proposedNanos, long acceptedNanos) {
        /** Those that are to be answered by their outcome; the others were, when they got their place. */
        List<WriteRun> unanswered() {
            return writes.stream().filter(run -> !run.fast()).toList();
        }
    }

    private final int answerBytes;
    private final ReplicaMetrics metrics;
    private final TreeMap<LogIndex, Batch> batches = new TreeMap<>();
    /** What the core is being asked to put into the log; empty most of the time. */
    private List<WriteRun> proposed = List.of();

    private long proposedNanos;
    private long applyingNanos;
    private long begun;

    /** @param answerBytes of outcomes in one message, about; a single larger one makes a message of its own */
    InFlight(int answerBytes, ReplicaMetrics metrics) {
        this.answerBytes = answerBytes;
        this.metrics = metrics;
    }

    void propose(List<WriteRun> writes) {
        proposed = writes;
        proposedNanos = System.nanoTime();
        begun++;
    }

    /** How many batches were proposed so far; for the parent, once the log has terminated. */
    long begun() {
        return begun;
    }

    /**
     * What was proposed stands at {@code index}; if nothing was, an entry that holds no data does.
     *
     * @return how many operations were proposed
     */
    int accepted(LogIndex index, Term term) {
        var writes = proposed;
        proposed = List.of();
        var fast = writes.stream().filter(WriteRun::fast).toList();
        if (!fast.isEmpty()) {
            tell(fast, ranges -> new Replica.Ordered(index.value(), ranges));
        }
        // Entries of an earlier term of ours stood here and after, and were cut off: another replica may still have
        // them.
        var cutOff = batches.tailMap(index, true);
        if (!cutOff.isEmpty()) {
            cutOff.values().forEach(batch -> answerUnknown(batch.unanswered(), "another primary took over"));
            cutOff.clear();
        }
        long since = writes.isEmpty() ? proposedNanos : writes.get(0).sinceNanos();
        batches.put(index, new Batch(term, writes, since, proposedNanos, System.nanoTime()));
        return writes.stream().mapToInt(WriteRun::count).sum();
    }

    /** What was proposed got no place. Empty if nothing was. */
    List<WriteRun> declined() {
        var writes = proposed;
        proposed = List.of();
        return writes;
    }

    /** The entry at {@code index} is committed, and about to be applied. */
    void applying(LogIndex index) {
        // Secondaries apply without waiting for anything: they need not look at the clock.
        if (!batches.isEmpty()) {
            applyingNanos = System.nanoTime();
        }
    }

    /**
     * The entry at {@code index} was applied.
     *
     * @param outcomes of the entry's operations; empty if it holds none
     * @return writes that can never be committed any more, because another primary's entry is, where the first of them
     *     was to stand; empty mostly
     */
    List<WriteRun> applied(LogIndex index, Term term, List<byte[]> outcomes) {
        var batch = batches.get(index);
        if (batch == null) {
            return List.of();
        }
        if (!batch.term().equals(term)) {
            return takeDisplaced(index, batch.term());
        }
        batches.remove(index);
        answer(index.value(), batch.writes(), outcomes, stages(batch));
        return List.of();
    }

    /** Whatever log holds the later ones of that term holds the first, too: none of them can be committed. */
    private List<WriteRun> takeDisplaced(LogIndex from, Term term) {
        var displaced = new ArrayList<WriteRun>();
        batches.tailMap(from, true).values().removeIf(batch -> {
            boolean same = batch.term().equals(term);
            if (same) {
                displaced.addAll(batch.unanswered());
            }
            return same;
        });
        return displaced;
    }

    /** @return null if they are not worth telling */
    private Stages stages(Batch batch) {
        if (batch.writes().isEmpty()) {
            return null;
        }
        var stages = new Stages(
                batch.proposedNanos() - batch.sinceNanos(),
                batch.acceptedNanos() - batch.proposedNanos(),
                Math.max(0, applyingNanos - batch.acceptedNanos()),
                System.nanoTime() - applyingNanos);
        metrics.committed(stages);
        return stages.totalNanos() >= WORTH_TELLING_NANOS ? stages : null;
    }

    private void answer(long index, List<WriteRun> writes, List<byte[]> outcomes, Stages stages) {
        Map<ActorRef<Replica.Answer>, List<Replica.Outcomes>> answers = new LinkedHashMap<>();
        int next = 0;
        for (var run : writes) {
            var own = outcomes.subList(next, next + run.count());
            next += run.count();
            if (!run.fast()) {
                answers.computeIfAbsent(run.replyTo(), ref -> new ArrayList<>())
                        .add(new Replica.Outcomes(run.group(), run.first(), own));
            }
        }
        answers.forEach((ref, all) -> tell(ref, index, all, stages));
    }

    /** Outcomes may hold values: so many that they would not fit one message go in several. */
    private void tell(ActorRef<Replica.Answer> ref, long index, List<Replica.Outcomes> all, Stages stages) {
        var fitting = new ArrayList<Replica.Outcomes>(all.size());
        long bytes = 0;
        for (var run : all) {
            int from = 0;
            for (int i = 0; i < run.outcomes().size(); i++) {
                int size = run.outcomes().get(i).length;
                if (bytes > 0 && bytes + size > answerBytes) {
                    addPart(fitting, run, from, i);
                    ref.tell(new Replica.Written(index, List.copyOf(fitting), stages));
                    fitting.clear();
                    bytes = 0;
                    from = i;
                }
                bytes += size;
            }
            addPart(fitting, run, from, run.outcomes().size());
        }
        ref.tell(new Replica.Written(index, fitting, stages));
    }

    private static void addPart(List<Replica.Outcomes> to, Replica.Outcomes run, int from, int end) {
        if (from < end) {
            to.add(new Replica.Outcomes(
                    run.group(), run.first() + from, run.outcomes().subList(from, end)));
        }
    }

    /** Entries up to {@code index} were skipped by installing another replica's store. */
    void skippedTo(LogIndex index) {
        var skipped = batches.headMap(index, true);
        skipped.values()
                .forEach(batch ->
                        answerUnknown(batch.unanswered(), "the replica was overtaken while it waited for a majority"));
        skipped.clear();
    }

    void answerAllUnknown(String message) {
        answerUnknown(declined(), message);
        batches.values().forEach(batch -> answerUnknown(batch.unanswered(), message));
        batches.clear();
    }

    private static void answerUnknown(List<WriteRun> writes, String message) {
        tell(writes, ranges -> new Replica.OutcomesUnknown(ranges, message));
    }

    private static void tell(List<WriteRun> writes, Function<List<Replica.Range>, Replica.Answer> answer) {
        Map<ActorRef<Replica.Answer>, List<Replica.Range>> ranges = new LinkedHashMap<>();
        for (var run : writes) {
            ranges.computeIfAbsent(run.replyTo(), ref -> new ArrayList<>()).add(run.range());
        }
        ranges.forEach((ref, all) -> ref.tell(answer.apply(all)));
    }
}
