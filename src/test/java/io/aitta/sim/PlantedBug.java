package io.aitta.sim;

import io.aitta.core.NodeId;
import io.aitta.core.replication.Log;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.Rules;
import io.aitta.core.replication.Term;
import java.util.Optional;

/** Mistakes made on purpose, to see that the simulation notices them. */
enum PlantedBug {
    /** No mistake. */
    NONE,

    // ---- in the protocol's rules ----
    VOTE_TWICE_IN_A_TERM(new Rules0() {
        @Override
        protected boolean voteIsFree(Optional<NodeId> votedFor, NodeId candidate) {
            return true;
        }
    }),
    VOTE_FOR_A_SHORTER_LOG(new Rules0() {
        @Override
        protected boolean isUpToDate(Term lastTerm, LogIndex lastIndex, Log own) {
            return true;
        }
    }),
    APPEND_WITHOUT_LOG_MATCHING(new Rules0() {
        @Override
        protected boolean agrees(Log log, LogIndex previousIndex, Term previousTerm) {
            return true;
        }
    }),
    COMMIT_OLD_TERM_BY_COUNT(new Rules0() {
        @Override
        protected boolean mayCommitByCount(Term entryTerm, Term primaryTerm) {
            return true;
        }
    }),
    QUORUM_ONE_TOO_SMALL(new Rules0() {
        @Override
        protected int quorum(Membership membership) {
            return Math.max(1, membership.majority() - 1);
        }
    }),
    VOTE_DESPITE_PROMISE(new Rules0() {
        @Override
        protected boolean promiseBinds(long promiseUntilNanos, long nowNanos) {
            return false;
        }
    }),
    CHANGE_BEFORE_THE_LAST_IS_COMMITTED(new Rules0() {
        @Override
        protected boolean changeMayBegin(LogIndex lastChange, LogIndex termStart, LogIndex commit) {
            return true;
        }
    }),
    SERVE_BEFORE_OWN_TERM_IS_COMMITTED(new Rules0() {
        @Override
        protected boolean mayServe(LogIndex termStart, LogIndex commit, boolean handedOver) {
            return !handedOver;
        }
    }),
    SERVE_AFTER_HAND_OVER(new Rules0() {
        @Override
        protected boolean mayServe(LogIndex termStart, LogIndex commit, boolean handedOver) {
            return !termStart.isAfter(commit);
        }
    }),

    VOTE_WITHOUT_MEMBERSHIP(new Rules0() {
        @Override
        protected boolean mayVote(Membership own) {
            return true;
        }
    }),

    // ---- in the shell around the core ----
    FOUND_AGAIN_WITHOUT_DATA,
    ACKNOWLEDGE_BEFORE_PERSIST,
    FORGET_THE_VOTE_AT_RESTART,
    FORGET_THE_TERM_AT_RESTART,
    FORGET_THE_PROMISE_AT_RESTART,
    READ_WITHOUT_LEASE,
    READ_BY_THE_TIME_OF_THE_LAST_INPUT,
    APPLY_BEFORE_COMMIT,
    APPLY_TWICE_AFTER_RESTART,
    SNAPSHOT_WITHOUT_ITS_MARK;

    /** Opens the constructor of {@link Rules} to this package. */
    private static class Rules0 extends Rules {}

    private final Rules rules;

    PlantedBug() {
        this(Rules.RAFT);
    }

    PlantedBug(Rules rules) {
        this.rules = rules;
    }

    Rules rules() {
        return rules;
    }
}
