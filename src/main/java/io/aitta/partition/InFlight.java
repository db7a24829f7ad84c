package io.aitta.partition;

import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Term;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * Writes that stand in the binlog and wait for being committed, by log index. Used by the log's actor alone; by its
 * parent only once the log has terminated.
 */
final class InFlight {
    private record Batch(Term term, List<Replica.Pending> writes) {}

    private final TreeMap<LogIndex, Batch> batches = new TreeMap<>();
    /** What the core is being asked to put into the log; empty most of the time. */
    private List<Replica.Pending> proposed = List.of();

    void propose(List<Replica.Pending> writes) {
        proposed = writes;
    }

    /** What was proposed stands at {@code index}. */
    void accepted(LogIndex index, Term term) {
        batches.put(index, new Batch(term, proposed));
        proposed = List.of();
    }

    /** What was proposed got no place. Empty if nothing was. */
    List<Replica.Pending> declined() {
        var writes = proposed;
        proposed = List.of();
        return writes;
    }

    /**
     * The entry at {@code index} was applied.
     *
     * @param outcomes of the entry's operations; empty if it holds none
     * @return the writes that were to stand there but were displaced by another primary's entry; empty mostly
     */
    List<Replica.Pending> applied(LogIndex index, Term term, List<byte[]> outcomes) {
        var batch = batches.remove(index);
        if (batch == null) {
            return List.of();
        }
        if (!batch.term().equals(term)) {
            return batch.writes();
        }
        Map<ActorRef<Replica.Answer>, Replica.WriteAnswers> answers = new LinkedHashMap<>();
        for (int i = 0; i < batch.writes().size(); i++) {
            var write = batch.writes().get(i);
            var answer = answers.computeIfAbsent(
                    write.replyTo(), ref -> new Replica.WriteAnswers(new ArrayList<>(), new ArrayList<>()));
            answer.correlations().add(write.correlation());
            answer.outcomes().add(outcomes.get(i));
        }
        answers.forEach(ActorRef::tell);
        return List.of();
    }

    /** Entries up to {@code index} were skipped by installing another replica's store. */
    void skippedTo(LogIndex index) {
        var skipped = batches.headMap(index, true);
        skipped.values()
                .forEach(batch ->
                        answerUnknown(batch.writes(), "the replica was overtaken while it waited for a majority"));
        skipped.clear();
    }

    void answerAllUnknown(String message) {
        answerUnknown(declined(), message);
        batches.values().forEach(batch -> answerUnknown(batch.writes(), message));
        batches.clear();
    }

    private static void answerUnknown(List<Replica.Pending> writes, String message) {
        for (var write : writes) {
            write.replyTo().tell(new Replica.OutcomesUnknown(List.of(write.correlation()), message));
        }
    }
}
