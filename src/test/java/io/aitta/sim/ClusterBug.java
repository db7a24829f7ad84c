package io.aitta.sim;

/** Mistakes an orchestrator or a node might make, made on purpose to see that the simulation of a cluster notices. */
enum ClusterBug {
    /** No mistake. */
    NONE,
    /** The old replica goes when the new one should only become a voter. */
    REMOVE_INSTEAD_OF_PROMOTE,
    /** A move is over in the topology when the old replica's removal is only ordered. */
    END_BEFORE_REMOVED,
    /** Reports count although the node that made them knew an older topology. */
    TRUST_OLD_REPORTS,
    /** Nodes do not look whether their own topology wants what they are told. */
    TAKE_ANY_ORDER,
    /** The topology is written without a compare with the epoch before. */
    WRITE_WITHOUT_COMPARE,
    /** A new replica begins as a founder of its group. */
    FOUND_AGAIN,
    /** A new orchestrator does not know of the moves that others have begun. */
    FORGET_MOVES
}
