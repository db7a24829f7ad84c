package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.kv.KeySpan;
import java.util.function.Consumer;

/** Where a {@link ChangeTail} reads a partition's changes. Used and answering on the tail's thread only. */
interface ChangeSource {
    /** The node whose replica it is. */
    NodeId node();

    /** Where the replica stands: answered by {@link ChangeAccess.Answer.Kept}. */
    void where(Consumer<ChangeAccess.Answer> then);

    /**
     * What there is, without waiting for more: {@link ChangeAccess.Answer.Changed}, perhaps of no entries, or {@link
     * ChangeAccess.Answer.Kept} if it is kept no more.
     */
    void look(long after, KeySpan span, int maxBytes, Consumer<ChangeAccess.Answer> then);

    /** Sees to it that the tail is told of changes after an index, once. At most one such wish stands; a new one replaces it. */
    void follow(long after);

    /** Looks whether anything asked for must be asked again. */
    void tick();

    /** Nothing more will be heard of it. */
    void close();
}
