package io.aitta.partition;

import io.aitta.core.PartitionId;
import io.aitta.metrics.Stages;
import io.aitta.partition.PartitionAccess.Refusal;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.partition.PartitionAccess.WriteObserver;
import java.util.BitSet;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The writes of one call. Each of its positions is answered once, whatever comes how often. */
final class WaitingWrites extends Waiting {
    private static final Logger LOG = LoggerFactory.getLogger(WaitingWrites.class);

    private final WriteObserver observer;
    private final int count;
    private final BitSet answered;
    private int missing;

    WaitingWrites(PartitionId partition, long deadlineNanos, int count, WriteObserver observer) {
        super(partition, deadlineNanos);
        this.observer = observer;
        this.count = count;
        this.missing = count;
        this.answered = new BitSet(count);
    }

    @Override
    int count() {
        return count;
    }

    /** @return whether nothing is waited for any more; so with all others */
    boolean done(int first, List<byte[]> outcomes, long index, Stages stages) {
        for (int i = 0; i < outcomes.size(); i++) {
            answer(first + i, new WriteAnswer.Done(outcomes.get(i), index, stages));
        }
        return missing == 0;
    }

    boolean ordered(int first, int many, long index) {
        return answer(first, many, new WriteAnswer.Ordered(index));
    }

    @Override
    boolean refused(int first, int many, Refusal refusal) {
        return answer(first, many, new WriteAnswer.Refused(refusal));
    }

    @Override
    boolean unknown(int first, int many, String message) {
        return answer(first, many, new WriteAnswer.Unknown(message));
    }

    private boolean answer(int first, int many, WriteAnswer answer) {
        for (int i = 0; i < many; i++) {
            answer(first + i, answer);
        }
        return missing == 0;
    }

    private void answer(int position, WriteAnswer answer) {
        if (answered.get(position)) {
            return;
        }
        answered.set(position);
        missing--;
        try {
            observer.answered(position, answer);
        } catch (RuntimeException e) {
            // The others are answered all the same.
            LOG.error("An observer failed on what became of write {} to {}", position, partition, e);
        }
    }
}
